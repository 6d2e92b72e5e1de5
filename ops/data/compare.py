"""Comparing a table's items in two regions.

Both regions are scanned side by side, segment by segment, and met by key: an item waits until the other region's
scan brings the same key. Replicas place items alike, so few wait at a time, and memory holds a window of the table
rather than the table; where they should not, it is still right, and holds what waits.

An item is judged by a digest of its text as DynamoDB sends it. Only where those differ are both items read again
and compared by value, so that a difference that replication was about to mend, or a set in another order, is none.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from ops.data.digest import Item, item_digest
from ops.data.scan import Rate, each_segment, segment_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SEGMENTS = 4
MISSING, EXTRA, DIFFERS = "missing", "extra", "differs"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A key whose item is not the same in both regions."""

    key: Item
    """In DynamoDB's form."""
    kind: str
    """`missing` (in the second region), `extra` (only there), or `differs`."""


@dataclass(kw_only=True)
class Comparison:
    """What a comparison found."""

    table: str
    first: str
    second: str
    items: dict[str, int]
    """Region → how many items were read."""
    differences: list[Difference] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether both regions hold the same items."""
        return not self.differences


class _Join:
    """Items of two scans, met by key. Each side is 0 or 1."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._waiting: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
        self.suspects: list[bytes] = []
        """Keys whose digests differ."""
        self.most = 0
        """The most items that waited at once."""

    def add(self, side: int, items: Sequence[Item]) -> None:
        mine, others = self._waiting[side], self._waiting[1 - side]
        for item in items:
            key = orjson.dumps([item[name] for name in self._names], default=bytes.hex)
            text = orjson.dumps(item, default=bytes.hex, option=orjson.OPT_SORT_KEYS)
            digest = hashlib.blake2b(text, digest_size=16).digest()
            other = others.pop(key, None)
            if other is None:
                mine[key] = digest
            elif other != digest:
                self.suspects.append(key)
        self.most = max(self.most, len(mine) + len(others))

    def absorb(self, other: _Join) -> None:
        """Take over what waits in another join: segments need not hold the same keys in both regions."""
        self.suspects += other.suspects
        for side in (0, 1):
            for key, digest in other._waiting[side].items():
                met = self._waiting[1 - side].pop(key, None)
                if met is None:
                    self._waiting[side][key] = digest
                elif met != digest:
                    self.suspects.append(key)

    def open_keys(self) -> Iterator[bytes]:
        """Keys that are to be read again."""
        yield from self.suspects
        for waiting in self._waiting:
            yield from waiting


class Comparer:
    """Compares one table in two regions. `progress(items)` is told as items are read, from several threads."""

    def __init__(
        self,
        clients: tuple[Any, Any],
        *,
        table: str,
        key_names: Sequence[str],
        segments: int = SEGMENTS,
        rate: Rate | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._clients = clients
        self._table = table
        self._names = list(key_names)
        self._segments = segments
        self._rate = rate
        self._progress = progress
        self._counts = [0, 0]
        self._lock = threading.Lock()
        self.most_waiting = 0
        """The most items that waited at once in one segment: what memory followed."""

    def run(self, first: str, second: str) -> Comparison:
        """Compare, and say what differs for good; `first` and `second` are the regions' names for the report."""
        total = _Join(self._names)
        for join in each_segment(self._segments, self._segment):
            self.most_waiting = max(self.most_waiting, join.most)
            total.absorb(join)
        differences = [found for key in total.open_keys() if (found := self._judge(key)) is not None]
        differences.sort(key=lambda found: orjson.dumps(found.key, default=bytes.hex))
        items = {first: self._counts[0], second: self._counts[1]}
        return Comparison(table=self._table, first=first, second=second, items=items, differences=differences)

    def _segment(self, segment: int) -> _Join:
        """Read the segment in both regions, always the side that is behind."""
        join = _Join(self._names)
        scans = [
            segment_pages(client, self._table, segment, self._segments, rate=self._rate) for client in self._clients
        ]
        read: list[float] = [0, 0]
        while min(read) != float("inf"):
            side = 0 if read[0] <= read[1] else 1
            page = next(scans[side], None)
            if page is None:
                read[side] = float("inf")
                continue
            items, _ = page
            read[side] += len(items)
            join.add(side, items)
            with self._lock:
                self._counts[side] += len(items)
            self._progress(len(items))
        return join

    def _judge(self, key_text: bytes) -> Difference | None:
        values = orjson.loads(key_text)
        key: Item = {name: _attribute(value) for name, value in zip(self._names, values, strict=True)}
        first, second = (self._get(client, key) for client in self._clients)
        if first is None and second is None:
            return None
        if first is None or second is None:
            return Difference(key=key, kind=EXTRA if first is None else MISSING)
        return None if item_digest(first) == item_digest(second) else Difference(key=key, kind=DIFFERS)

    def _get(self, client: Any, key: Item) -> Item | None:
        answer = client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    """A key attribute from its text: binary keys were written in hexadecimal."""
    return {"B": bytes.fromhex(value["B"])} if "B" in value else value
