"""Customers by the number of their orders: in Redis where the topology has one, else added up from the table."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from holdfast.aggregates import Leaderboard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast import Client

LOG = logging.getLogger("services.orders")
DAYS = 30
"""The board is about orders of the last thirty days."""


def count_orders(client: Client, table: str, *, today: datetime | None = None) -> Iterable[tuple[str, float]]:
    """Customers and their orders of the last thirty days, from the index by date."""
    day = today or datetime.now(UTC)
    found: Counter[str] = Counter()
    for back in range(DAYS):
        date = (day - timedelta(days=back)).date().isoformat()
        orders = client.table(table).query(
            "order_date = :date", values={":date": date}, index_name="OrderDateIndex", projection="customer_id"
        )
        found.update(str(order["customer_id"]) for order in orders)
    return ((customer, float(count)) for customer, count in found.items())


class CustomerBoard:
    """The leaderboard of a process. Whatever goes wrong with Redis is logged, and the table is asked."""

    def __init__(self, client: Client, table: str, redis: Any | None) -> None:
        self._client = client
        self._table = table
        self._board = None if redis is None else Leaderboard(redis, "customers", lambda: count_orders(client, table))

    async def ordered(self, customer_id: str) -> None:
        """A customer has made an order, which the table has."""
        if self._board is None:
            return
        try:
            await asyncio.to_thread(self._board.add, customer_id)
        except Exception as error:  # noqa: BLE001 - an aggregate is rebuilt; the order stands
            LOG.warning("the leaderboard could not be told of an order: %s", error)

    async def top(self, count: int) -> list[tuple[str, float]]:
        """The customers with the most orders."""
        if self._board is not None:
            try:
                return await asyncio.to_thread(self._board.top, count)
            except Exception as error:  # noqa: BLE001 - slower from the table, but never wrong
                LOG.warning("the leaderboard is read from the table: %s", error)
        totals = await asyncio.to_thread(lambda: list(count_orders(self._client, self._table)))
        return sorted(totals, key=lambda entry: (-entry[1], entry[0]))[:count]
