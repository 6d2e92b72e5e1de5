"""Read your writes: a session remembers the versions that it has written and read, across regions.

DynamoDB gives no position in its replication: the only proof that a replica has a write is the item itself, with a
version attribute that every write raises. A read that comes back older than what the session knows is repeated until a
replica has caught up, or the time is used up.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from holdfast import errors
from holdfast._attempt import Reply
from holdfast.resilience.evaluate import canonical_item

if TYPE_CHECKING:
    from holdfast._attempt import Call
    from holdfast.resilience.core import Core

REMEMBERED = 10_000
"""Keys that a session keeps in mind; the one that was longest unused is forgotten first."""
PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds between two looks at a replica that lags; the last is repeated."""


@dataclass(frozen=True, slots=True)
class _Known:
    version: Decimal | str | None
    region: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait that many seconds."""

    seconds: float


Steps = Generator["Call | Pause", Reply, Reply]


class Session:
    """What one user of an application has written and seen. May be shared by threads and clients.

    Args:
        version_attribute: a number or string that every write of an item raises. Writes without it are not
            remembered; reads in the session are consistent all the same.
    """

    def __init__(self, version_attribute: str = "version") -> None:
        self.version_attribute = version_attribute
        self._known: OrderedDict[tuple[str, bytes], _Known] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    def _version(self, item: dict[str, Any] | None) -> Decimal | str | None:
        value = (item or {}).get(self.version_attribute)
        if not value:
            return None
        return Decimal(value["N"]) if "N" in value else str(value.get("S"))

    def _remember(self, where: tuple[str, bytes], known: _Known) -> None:
        with self._lock:
            before = self._known.get(where)
            older = (
                before is not None
                and known.version is not None
                and before.version is not None
                and _order(known.version) < _order(before.version)
            )
            if not older:
                self._known[where] = known
            self._known.move_to_end(where)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def wrote(self, core: Core, call: Call, reply: Reply) -> None:
        """Remember an acknowledged write of one item."""
        where = _where(core, call)
        if where is None:
            return
        if call.operation.name == "DeleteItem":
            before = self._known.get(where)
            if before is not None:
                self._remember(where, replace(before, region=reply.region, deleted=True))
            return
        item = call.request.get("Item")
        version = self._version(item if item is not None else reply.document.get("Attributes"))
        if version is not None:
            self._remember(where, _Known(version, reply.region))

    def accepts(self, where: tuple[str, bytes], reply: Reply, *, consistent: bool) -> bool:
        """Whether a read is not older than what the session knows; if so it is remembered."""
        known = self._known.get(where)
        item = reply.document.get("Item")
        version = self._version(item)
        if known is not None and not (consistent and reply.region == known.region):
            if item is None:
                if not known.deleted:
                    return False
            elif version is not None and known.version is not None:
                older = _order(version) < _order(known.version)
                if older or (known.deleted and version == known.version):
                    return False
        if version is not None:
            self._remember(where, _Known(version, reply.region))
        return True

    def steps(self, core: Core, call: Call) -> Steps:
        """What to send and when to wait, until there is a reply that the session accepts.

        Raises:
            StaleReadError: no replica in reach has what the session knows, and the time is used up.
        """
        name = call.operation.name
        if call.operation.access == "write":
            if name == "UpdateItem" and call.request.get("ReturnValues", "NONE") == "NONE":
                call = replace(call, request={**call.request, "ReturnValues": "UPDATED_NEW"}, body=None)
            reply = yield call
            if name in ("PutItem", "UpdateItem", "DeleteItem"):
                self.wrote(core, call, reply)
            return reply
        if "IndexName" not in call.request and name in ("GetItem", "Query", "Scan"):
            call = replace(call, request={**call.request, "ConsistentRead": True}, body=None)
        where = _where(core, call) if name == "GetItem" else None
        deadline = call.deadline or core.clock() + core.policy.timeout.call_seconds
        for turn in range(1_000_000):
            asked = core.clock()
            reply = yield replace(call, deadline=deadline)
            if where is None or self.accepts(where, reply, consistent=True):
                return reply
            pause = PAUSES[min(turn, len(PAUSES) - 1)]
            now = core.clock()
            if now + pause + 2 * (now - asked) >= deadline:
                break  # another look would end with its deadline, which says less
            yield Pause(pause)
        raise errors.StaleReadError(
            "no replica in reach has yet received what this session wrote or saw",
            operation=name, table=call.table, region=reply.region,
        )  # fmt: skip


def _order(version: Decimal | str) -> Any:
    return version


def _where(core: Core, call: Call) -> tuple[str, bytes] | None:
    """Table and canonical key of a single-item call."""
    request = call.request
    key = request.get("Key")
    table = core.tables.get(call.table or "")
    if key is None and table is not None and "Item" in request:
        names = [part.name for part in (table.partition_key, table.sort_key) if part is not None]
        key = {name: request["Item"].get(name) for name in names}
    if key is None or call.table is None:
        return None
    return call.table, orjson.dumps(canonical_item(key), option=orjson.OPT_SORT_KEYS)
