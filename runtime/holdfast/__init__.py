"""Resilient DynamoDB access.

Names are loaded when they are first used: who needs the sync client does not wait for asyncio.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast._attempt import Timeouts
    from holdfast._setup import ClientOptions
    from holdfast.async_client import AsyncClient
    from holdfast.async_table import AsyncItemIterator, AsyncTable
    from holdfast.client import Client
    from holdfast.expressions import Attr, Condition, Key, Update
    from holdfast.patterns import ShardedKey, composite_key
    from holdfast.resilience import Policy
    from holdfast.resilience.scope import scope
    from holdfast.results import CallInfo, Page, StatementResult, WriteResult
    from holdfast.table import ItemIterator, Table
    from holdfast.topology import Topology, TopologyError

__version__ = "0.1.0"

_HOMES = {
    "AsyncClient": "holdfast.async_client",
    "AsyncItemIterator": "holdfast.async_table",
    "AsyncTable": "holdfast.async_table",
    "Attr": "holdfast.expressions",
    "CallInfo": "holdfast.results",
    "Client": "holdfast.client",
    "ClientOptions": "holdfast._setup",
    "Condition": "holdfast.expressions",
    "ItemIterator": "holdfast.table",
    "Key": "holdfast.expressions",
    "Page": "holdfast.results",
    "Policy": "holdfast.resilience",
    "ShardedKey": "holdfast.patterns",
    "StatementResult": "holdfast.results",
    "Table": "holdfast.table",
    "Timeouts": "holdfast._attempt",
    "Topology": "holdfast.topology",
    "TopologyError": "holdfast.topology",
    "Update": "holdfast.expressions",
    "WriteResult": "holdfast.results",
    "composite_key": "holdfast.patterns",
    "scope": "holdfast.resilience",
}

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
    "Policy",
    "ShardedKey",
    "StatementResult",
    "Table",
    "Timeouts",
    "Topology",
    "TopologyError",
    "Update",
    "WriteResult",
    "composite_key",
    "scope",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'holdfast' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
