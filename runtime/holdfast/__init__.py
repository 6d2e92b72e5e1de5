"""Resilient DynamoDB access."""

from holdfast._attempt import Timeouts
from holdfast.client import Client
from holdfast.results import CallInfo, Page, WriteResult
from holdfast.table import Table
from holdfast.topology import Topology, TopologyError

__all__ = ["CallInfo", "Client", "Page", "Table", "Timeouts", "Topology", "TopologyError", "WriteResult"]
