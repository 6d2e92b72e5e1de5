"""Items in the order in which queries and scans meet them."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from sandbox.cloud.dynamodb.values import Item

Sort = tuple[Any, ...]
"""What an item sorts by within its partition: its sort key, and in an index the table's key after it."""


class Entry(NamedTuple):
    """An item with its place."""

    partition: str
    sort: Sort
    item: Item


@lru_cache(maxsize=65536)
def placement(partition: str) -> int:
    """Where a partition stands in a scan: by a hash of its key, as in DynamoDB, so that pages stay stable."""
    return int.from_bytes(hashlib.md5(partition.encode(), usedforsecurity=False).digest()[:8], "big")


class _Partition:
    __slots__ = ("items", "order")

    def __init__(self) -> None:
        self.order: list[Sort] = []
        self.items: dict[Sort, Item] = {}


class Collection:
    """Partitions of items, sorted within each. The items of a table, or what an index sees of them."""

    def __init__(self) -> None:
        self._partitions: dict[str, _Partition] = {}
        self._placed: list[tuple[int, str]] = []
        self.count = 0

    def put(self, partition: str, sort: Sort, item: Item) -> None:
        """Put an item in its place, over the one that was there."""
        found = self._partitions.get(partition)
        if found is None:
            found = self._partitions[partition] = _Partition()
            insort(self._placed, (placement(partition), partition))
        if sort not in found.items:
            insort(found.order, sort)
            self.count += 1
        found.items[sort] = item

    def remove(self, partition: str, sort: Sort) -> None:
        """Take an item out, if it is there."""
        found = self._partitions.get(partition)
        if found is None or sort not in found.items:
            return
        del found.items[sort]
        del found.order[bisect_left(found.order, sort)]
        self.count -= 1
        if not found.order:
            del self._partitions[partition]
            del self._placed[bisect_left(self._placed, (placement(partition), partition))]

    def get(self, partition: str, sort: Sort) -> Item | None:
        """The item in a place, or None."""
        found = self._partitions.get(partition)
        return None if found is None else found.items.get(sort)

    def walk(self, partition: str, *, after: Sort | None = None, forward: bool = True) -> Iterator[Entry]:
        """The items of a partition in their order, from behind a place on."""
        found = self._partitions.get(partition)
        if found is None:
            return
        order = found.order
        if forward:
            span = range(0 if after is None else bisect_right(order, after), len(order))
        else:
            span = range((len(order) if after is None else bisect_left(order, after)) - 1, -1, -1)
        for index in span:
            yield Entry(partition, order[index], found.items[order[index]])

    def scan(self, *, after: tuple[str, Sort] | None = None, segment: int = 0, segments: int = 1) -> Iterator[Entry]:
        """All items, partition by partition, from behind a place on; or one of several segments of them."""
        start = 0
        if after is not None:
            start = bisect_left(self._placed, (placement(after[0]), after[0]))
        for index in range(start, len(self._placed)):
            place, partition = self._placed[index]
            if segments > 1 and place % segments != segment:
                continue
            first = after[1] if after is not None and partition == after[0] else None
            yield from self.walk(partition, after=first)

    def __iter__(self) -> Iterator[Item]:
        for partition in self._partitions.values():
            yield from partition.items.values()
