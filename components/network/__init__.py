"""The VPC of a region: three tiers in three zones, closed by default."""

from components.network.layer import NetworkLayer
from components.network.outputs import NetworkOutputs

__all__ = ["NetworkLayer", "NetworkOutputs"]
