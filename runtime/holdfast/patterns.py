"""Patterns of tables: keys of several parts, and partitions written faster than one can take."""

from __future__ import annotations

import heapq
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from holdfast.errors import InvalidArgumentError
from holdfast.expressions import Condition, Key

if TYPE_CHECKING:
    from holdfast._options import QueryOptions
    from holdfast.async_table import AsyncTable
    from holdfast.table import Table

T = TypeVar("T")


def composite_key(*parts: object, separator: str = "#") -> str:
    """Several parts as one key: `composite_key("ORDER", 17)` is `ORDER#17`.

    Raises:
        InvalidArgumentError: a part is empty or holds the separator, so that two keys could look the same.
    """
    texts = [str(part) for part in parts]
    for text in texts:
        if not text or separator in text:
            raise InvalidArgumentError(f"a part of the key is {text!r}; it must not be empty, nor hold {separator!r}")
    return separator.join(texts)


class ShardedKey:
    """A partition key spread over shards (`orders#0` … `orders#9`), written one at a time and read all at once.

    Args:
        attribute: the partition key's name.
        sort_attribute: the sort key's name; what is read from the shards is merged by it.
        shards: how many; ten is enough for 10,000 writes a second. More may be added later, never fewer.
        separator: between the key and the number of the shard.
    """

    def __init__(self, attribute: str, sort_attribute: str, *, shards: int = 10, separator: str = "#") -> None:
        if shards < 1:
            raise InvalidArgumentError(f"shards is {shards}; write 1 or more")
        self.attribute = attribute
        self.sort_attribute = sort_attribute
        self.shards = shards
        self._separator = separator

    def of(self, key: str, *, by: str | None = None) -> str:
        """The key of a shard: always the same one for the same `by`, or a random one without it."""
        shard = (
            random.randrange(self.shards)  # noqa: S311 - spreads load; nothing depends on it being secret
            if by is None
            else zlib.crc32(by.encode()) % self.shards
        )
        return f"{key}{self._separator}{shard}"

    def all(self, key: str) -> list[str]:
        """The keys of all shards."""
        return [f"{key}{self._separator}{shard}" for shard in range(self.shards)]

    def query(
        self,
        table: Table[T],
        key: str,
        sort_condition: Callable[[Key], Condition] | None = None,
        **options: Unpack[QueryOptions],
    ) -> list[T]:
        """The items of all shards, every page of each, read at the same time and merged by the sort key.

        Args:
            table: where to read.
            key: the key without a shard.
            sort_condition: of the sort key: `lambda when: when.between(start, end)`.
            options: as of `table.query`; `max_items` holds for the merged items.
        """
        conditions = self._conditions(key, sort_condition)
        with ThreadPoolExecutor(len(conditions), thread_name_prefix="holdfast-shards") as executor:
            parts = list(executor.map(lambda condition: table.query(condition, **options).all(), conditions))
        return self._merged(parts, options)

    async def query_async(
        self,
        table: AsyncTable[T],
        key: str,
        sort_condition: Callable[[Key], Condition] | None = None,
        **options: Unpack[QueryOptions],
    ) -> list[T]:
        """As `query`, on an event loop."""
        conditions = self._conditions(key, sort_condition)
        import asyncio  # noqa: PLC0415 - for those who have a loop already

        parts = await asyncio.gather(*(table.query(condition, **options).all() for condition in conditions))
        return self._merged(parts, options)

    def _conditions(self, key: str, sort_condition: Callable[[Key], Condition] | None) -> list[Condition]:
        conditions = [Key(self.attribute) == shard for shard in self.all(key)]
        if sort_condition is None:
            return conditions
        return [condition & sort_condition(Key(self.sort_attribute)) for condition in conditions]

    def _merged(self, parts: list[list[T]], options: Mapping[str, Any]) -> list[T]:
        descending = options.get("scan_index_forward") is False
        merged: Iterator[T] = heapq.merge(*parts, key=self._sort_value, reverse=descending)
        items = list(merged)
        most = options.get("max_items")
        return items if most is None else items[:most]

    def _sort_value(self, item: Any) -> Any:
        return item[self.sort_attribute] if isinstance(item, Mapping) else getattr(item, self.sort_attribute)
