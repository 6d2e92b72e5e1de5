"""Keys that are at home in one region ("write to your Region"): which router serves a call that names them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from holdfast._core.encode import binary_text
from holdfast.errors import InvalidArgumentError
from holdfast.resilience.recent import items_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from holdfast._attempt import Call, Reply
    from holdfast.resilience.router import Router
    from holdfast.topology import Table

Items = dict[str, Any]
"""RequestItems: by table what is asked of it."""
EQUAL = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")


class Homes:
    """A router for each home region. Where it does not serve, the keys of that home move together."""

    def __init__(self, router: Router, tables: Mapping[str, Table], routers: Mapping[str, Router]) -> None:
        self._router = router
        self._tables = tables
        self.routers = routers

    @classmethod
    def of(cls, router: Router, tables: Mapping[str, Table], order: Iterable[str], *, failover: bool) -> Homes | None:
        """None where no table has homes. After a home its keys go to the first region of `order` that serves."""
        homes = [table.homes for table in tables.values() if table.homes]
        names = {name for home in homes for name in (*home.spread, *dict(home.prefixes).values())}
        others = [name for name in order if name in router.by_name] if failover else []
        routers = {name: router.preferring(dict.fromkeys((name, *others))) for name in names & router.by_name.keys()}
        return cls(router, tables, routers) if routers else None

    def place(self, call: Call) -> tuple[Router, Call, list[Items]]:
        """Who routes the call; of a batch, the part that goes first and what is left of it.

        Raises:
            InvalidArgumentError: a transaction over keys of several homes.
        """
        if call.request.get("RequestItems"):
            return self._batch(call)
        homes = {self._home(table, key) for table, key in self._named(call)} - {""}
        if len(homes) > 1:
            raise InvalidArgumentError(
                f"the keys of this {call.operation.name} are at home in {', '.join(sorted(homes))}, and a transaction "
                "is served in one region; write one for each home",
                operation=call.operation.name,
            )
        return self.routers.get(homes.pop() if homes else "", self._router), call, []

    def _batch(self, call: Call) -> tuple[Router, Call, list[Items]]:
        parts: dict[str, Items] = {}
        for table, asked in call.request["RequestItems"].items():
            if isinstance(asked, dict):
                for key in asked["Keys"]:
                    _add(parts.setdefault(self._home(table, key), {}), table, {**asked, "Keys": [key]})
            else:
                for write in asked:
                    (body,) = write.values()
                    _add(parts.setdefault(self._home(table, body.get("Item") or body["Key"]), {}), table, [write])
        (home, first), *rest = parts.items()
        if rest:
            call = replace(call, request={**call.request, "RequestItems": first}, body=None)
        return self.routers.get(home, self._router), call, [part for _, part in rest]

    def _home(self, table: str, key: Mapping[str, Any]) -> str:
        """The home of an item by its key or its whole; empty where it has none."""
        known = self._tables.get(table)
        if known is None or known.homes is None:
            return ""
        value = key.get(known.partition_key.name, {}).get("S")
        return "" if value is None else known.homes.of(value)

    def _named(self, call: Call) -> Iterator[tuple[str, Mapping[str, Any]]]:
        yield from items_of(call, self._tables)
        request = call.request
        for name, value in EQUAL.findall(request.get("KeyConditionExpression", "")):
            names = request.get("ExpressionAttributeNames") or {}
            yield call.table or "", {names.get(name, name): request["ExpressionAttributeValues"].get(value, {})}


def hand_back(reply: Reply, rest: Sequence[Items]) -> None:
    """Tell what other homes serve as unprocessed, so that it is sent next."""
    document = reply.document
    left = document.setdefault("UnprocessedKeys" if "Responses" in document else "UnprocessedItems", {})
    for part in orjson.loads(orjson.dumps(rest, default=binary_text)):
        for table, asked in part.items():
            _add(left, table, asked)
    reply.body = orjson.dumps(document)


def _add(part: Items, table: str, asked: Any) -> None:
    """Add keys or writes of a table to a batch."""
    known = part.setdefault(table, asked)
    if known is not asked:
        if isinstance(asked, dict):
            known, asked = known["Keys"], asked["Keys"]
        known += asked
