"""Keys written a moment ago in a region that is not the home region.

When writes go back, the home region may not yet have received the last of them: a condition judged there, or an
update made there, would not see them, and would supersede them. Only those keys wait; all others go on at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from holdfast.resilience.evaluate import canonical_item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast._attempt import Call
    from holdfast.topology import Table

PRUNED_AT = 4_096
"""Entries at which those that have run out are dropped."""


def items_of(call: Call, tables: Mapping[str, Table]) -> list[tuple[str, Mapping[str, Any]]]:
    """Table and key of every item that a call names; empty for calls that name none (Query, Scan, PartiQL)."""
    request = call.request
    found: list[tuple[str, Mapping[str, Any]]] = []
    if "TransactItems" in request:
        for action in request["TransactItems"]:
            for part in action.values():
                _collect(found, part.get("TableName"), part, tables)
    elif "RequestItems" in request:
        for name, actions in request["RequestItems"].items():
            parts = [{"Key": key} for key in actions["Keys"]] if isinstance(actions, dict) else []
            parts += [body for action in actions for body in action.values()] if isinstance(actions, list) else []
            for part in parts:
                _collect(found, name, part, tables)
    else:
        _collect(found, call.table, request, tables)
    return found


def _collect(
    found: list[tuple[str, Mapping[str, Any]]], name: str | None, part: Mapping[str, Any], tables: Mapping[str, Table]
) -> None:
    key = part.get("Key")
    if key is None and "Item" in part:
        table = tables.get(name or "")
        if table is None:
            return
        wanted = [k.name for k in (table.partition_key, table.sort_key) if k is not None]
        key = {attribute: part["Item"].get(attribute) for attribute in wanted}
        if None in key.values():
            return
    if key is not None and name is not None:
        found.append((name, key))


def keys_of(call: Call, tables: Mapping[str, Table]) -> list[bytes]:
    """The same as canonical bytes."""
    return [
        orjson.dumps([name, canonical_item(key)], option=orjson.OPT_SORT_KEYS) for name, key in items_of(call, tables)
    ]


class Recent:
    """Which keys were written where, and when."""

    __slots__ = ("_seconds", "_written")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._written: dict[bytes, tuple[float, str]] = {}

    def __len__(self) -> int:
        return len(self._written)

    def wrote(self, keys: list[bytes], region: str, now: float) -> None:
        """A write of these keys has been sent to the region."""
        if len(self._written) >= PRUNED_AT:
            self._written = {key: w for key, w in self._written.items() if now < w[0] + self._seconds}
        for key in keys:
            self._written[key] = (now, region)

    def wait(self, keys: list[bytes], region: str, now: float) -> float:
        """Seconds until a call on these keys may go to the region."""
        longest = 0.0
        for key in keys:
            written = self._written.get(key)
            if written is not None and written[1] != region:
                longest = max(longest, written[0] + self._seconds - now)
        return longest
