"""Which reads may share an answer, and gets of one moment as a BatchGetItem: what sync and async coalescing share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from holdfast._attempt import BATCH_GET_ITEM, Call, Reply
from holdfast.resilience.evaluate import canonical_item
from holdfast.resilience.recent import keys_of
from holdfast.resilience.scope import CURRENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORTHWHILE = 4
"""Gets of one moment from which on one batch costs less than sending them apart."""
MOST = 100
"""Keys of a BatchGetItem."""

Key = tuple[bytes, bool]
"""An item as canonical bytes, and whether it is read consistently."""
Group = tuple[str, bool]
"""Gets of one table, consistent or not, can be one batch."""


def shareable(call: Call) -> Key | None:
    """What two reads must have in common to share an answer; None for calls that share none."""
    request = call.request
    if call.operation.name != "GetItem" or call.region is not None or len(request) > 2 + ("ConsistentRead" in request):
        return None
    scope = call.context if call.context is not None else CURRENT.get()
    if scope is not None and (scope.session is not None or scope.principal is not None):
        return None
    return _place(call.table or "", request["Key"]), bool(request.get("ConsistentRead"))


def ended(flights: dict[Key, Any], call: Call, tables: Mapping[str, Any]) -> None:
    """A write begins or ends: nobody may join a read that was sent before."""
    if not flights:
        return
    for key in keys_of(call, tables):
        flights.pop((key, False), None)
        flights.pop((key, True), None)


def batch_of(group: Group, calls: Sequence[Call], deadline: float | None) -> Call:
    """The gets as one call."""
    table, consistent = group
    part: dict[str, Any] = {"Keys": [call.request["Key"] for call in calls]}
    if consistent:
        part["ConsistentRead"] = True
    return Call(BATCH_GET_ITEM, {"RequestItems": {table: part}}, table, deadline)


def latest(calls: Sequence[Call]) -> float | None:
    """The deadline of a batch for which each get waits only as long as its own deadline says."""
    deadlines = [call.deadline for call in calls if call.deadline is not None]
    return max(deadlines) if len(deadlines) == len(calls) else None


def parts_of(group: Group, calls: Sequence[Call], reply: Reply) -> list[Reply | None]:
    """The answer of each get; None where the batch left it unprocessed."""
    table, _ = group
    names = list(calls[0].request["Key"])
    document = reply.document
    found = {
        _place(table, {name: item[name] for name in names}): item
        for item in document.get("Responses", {}).get(table, [])
    }
    left = {_place(table, key) for key in (document.get("UnprocessedKeys") or {}).get(table, {}).get("Keys", [])}
    answers: list[Reply | None] = []
    for call in calls:
        place = _place(table, call.request["Key"])
        if place in left:
            answers.append(None)
            continue
        item = found.get(place)
        body = orjson.dumps({"Item": item} if item is not None else {})
        answers.append(Reply(body, reply.region, reply.request_id, reply.seconds))
    return answers


def _place(table: str, key: Mapping[str, Any]) -> bytes:
    return orjson.dumps([table, canonical_item(key)], option=orjson.OPT_SORT_KEYS)
