"""Consumed capacity, by DynamoDB's published rules: 1 KB a write unit, 4 KB a read unit, halves for eventual reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.cloud.dynamodb.index import Index
from sandbox.cloud.dynamodb.table import Table
from sandbox.cloud.dynamodb.values import Item, item_size

_READ_BYTES = 4096
_WRITE_BYTES = 1024


def read_units(size: int, *, consistent: bool, transactional: bool = False) -> float:
    """Read units of so many bytes; at least those of the smallest item."""
    units = max(1, -(-size // _READ_BYTES))
    if transactional:
        return 2.0 * units
    return float(units) if consistent else units / 2


def write_units(old: Item | None, new: Item | None, *, transactional: bool = False) -> float:
    """Write units of a change: of the larger of the two items."""
    size = max(item_size(item) if item is not None else 0 for item in (old, new))
    units = max(1, -(-size // _WRITE_BYTES))
    return 2.0 * units if transactional else float(units)


def index_units(indexes: Iterable[Index], old: Item | None, new: Item | None) -> dict[str, float]:
    """Write units by index: two where an item moves within it."""
    units = {}
    for index in indexes:
        was = old is not None and index.holds(old)
        is_now = new is not None and index.holds(new)
        before = index.project(old) if was and old is not None else None
        after = index.project(new) if is_now and new is not None else None
        one = write_units(before, after)
        moved = was and is_now and old is not None and new is not None and index.place(old) != index.place(new)
        units[index.name] = one * 2 if moved else one
    return units


def document(
    table: Table,
    mode: str | None,
    units: float,
    indexes: dict[str, float] | None = None,
    *,
    split: str | None = None,
    on_table: bool = True,
) -> dict[str, Any] | None:
    """ConsumedCapacity as the caller asked for it, or None.

    Args:
        table: the table.
        mode: ReturnConsumedCapacity.
        units: units of the table itself.
        indexes: units by index.
        split: `ReadCapacityUnits` or `WriteCapacityUnits`, where the operation tells them apart.
        on_table: whether the table itself is listed beside its indexes.
    """
    if mode is None or mode == "NONE":
        return None
    indexes = indexes or {}
    total = units + sum(indexes.values())
    result: dict[str, Any] = {"TableName": table.name, "CapacityUnits": total}
    if split is not None:
        result[split] = total
    if mode == "INDEXES":
        if on_table:
            result["Table"] = _units(units, split)
        for key, wanted in (("GlobalSecondaryIndexes", True), ("LocalSecondaryIndexes", False)):
            found = {
                name: _units(value, split)
                for name, value in indexes.items()
                if name in table.indexes and table.indexes[name].is_global is wanted
            }
            if found:
                result[key] = found
    return result


def _units(units: float, split: str | None) -> dict[str, float]:
    return {"CapacityUnits": units} if split is None else {"CapacityUnits": units, split: units}
