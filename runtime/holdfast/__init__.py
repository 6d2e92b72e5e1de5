"""Resilient DynamoDB access."""

from holdfast.topology import Topology, TopologyError

__all__ = ["Topology", "TopologyError"]
