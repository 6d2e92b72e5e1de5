"""Metrics in ten shards: a write goes to one of them, a read asks all and merges by time."""

from __future__ import annotations

import asyncio
import secrets
import time
from decimal import Decimal
from heapq import merge
from typing import TYPE_CHECKING, Any

from services.orders import orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast import AsyncClient

SHARDS = 10
RETENTION_SECONDS = 90 * 86_400


def shard(metric: str, number: int) -> str:
    """The partition key of a shard."""
    return f"{metric}#{number}"


class Series:
    """Points of metrics over time."""

    def __init__(self, client: AsyncClient, table: str, *, choose: Callable[[int], int] = secrets.randbelow) -> None:
        self._table = client.table(table)
        self._choose = choose

    async def write(self, metric: str, value: Decimal, *, at: str | None = None) -> dict[str, Any]:
        """Store a point. Two points of one shard and millisecond are told apart by a suffix of the time."""
        moment = at or orders.timestamp(time.time_ns() // 1_000_000)
        item = {
            "metric_shard": shard(metric, self._choose(SHARDS)),
            "timestamp": f"{moment}#{secrets.token_hex(3)}",
            "metric_name": metric,
            "value": value,
            "expires_at": Decimal(int(time.time()) + RETENTION_SECONDS),
        }
        await self._table.put(item)
        return item

    async def read(self, metric: str, start: str, end: str) -> list[dict[str, Any]]:
        """Every point from `start` to `end` (ISO 8601), by time: all pages of all shards."""
        shards = await asyncio.gather(*(self._shard(shard(metric, number), start, end) for number in range(SHARDS)))
        return list(merge(*shards, key=lambda item: item["timestamp"]))

    async def _shard(self, name: str, start: str, end: str) -> list[dict[str, Any]]:
        return await self._table.query(
            "metric_shard = :shard AND #ts BETWEEN :start AND :end",
            names={"#ts": "timestamp"},
            # The suffix of a time sorts after it: `$` follows `#`, so that the last moment is included.
            values={":shard": name, ":start": start, ":end": f"{end}$"},
        ).all()
