"""Resilient DynamoDB access."""

from holdfast._attempt import Timeouts
from holdfast._setup import ClientOptions
from holdfast.async_client import AsyncClient
from holdfast.async_table import AsyncItemIterator, AsyncTable
from holdfast.client import Client
from holdfast.expressions import Attr, Condition, Key, Update
from holdfast.resilience import scope
from holdfast.results import CallInfo, Page, WriteResult
from holdfast.table import ItemIterator, Table
from holdfast.topology import Topology, TopologyError

__all__ = [
    "AsyncClient",
    "AsyncItemIterator",
    "AsyncTable",
    "Attr",
    "CallInfo",
    "Client",
    "ClientOptions",
    "Condition",
    "ItemIterator",
    "Key",
    "Page",
    "Table",
    "Timeouts",
    "Topology",
    "TopologyError",
    "Update",
    "WriteResult",
    "scope",
]
