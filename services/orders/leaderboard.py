"""Customers by the number of their orders: in Redis where the topology has one, else added up from the table."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from holdfast.aggregates import Leaderboard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from holdfast import Client

LOG = logging.getLogger("services.orders")
DAYS = 30
"""The board is about orders of the last thirty days."""
WAITING = 10_000
"""Customers whose orders may wait to be told; beyond it an order is not counted until the board is built anew."""
PAUSE_SECONDS = 5.0
"""After a failure Redis is left alone for so long."""
ANSWER_SECONDS = 1.0
"""A reader of the board waits no longer for Redis than this; then the table is asked."""
SOCKET_SECONDS = 0.5
_T = TypeVar("_T")


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


def connector(endpoint: str | None) -> Callable[[], Any] | None:
    """How to reach a Redis cluster; None where there is none. A cluster client asks its cluster when it is made."""
    if not endpoint:
        return None
    url = endpoint if "://" in endpoint else f"rediss://{endpoint}"

    def connect() -> Any:
        import redis  # noqa: PLC0415 - only where the topology has one
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        # A cluster client repeats a command over its nodes, each time to the end of the timeout.
        return redis.RedisCluster.from_url(
            url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS, retry=Retry(NoBackoff(), 0)
        )

    return connect


class CustomerBoard:
    """The leaderboard of a process. An order never waits for it; whatever goes wrong with Redis, the table is asked.

    Args:
        client: reads the table when the board has to be added up.
        table: of the orders.
        connect: makes a Redis client; None where there is no Redis.
    """

    def __init__(
        self,
        client: Client,
        table: str,
        connect: Callable[[], Any] | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._table = table
        self._connect = connect
        self._clock = clock
        self._board: Leaderboard | None = None
        self._alone_until = 0.0
        self._waiting: Counter[str] = Counter()
        self._teller: asyncio.Task[None] | None = None
        # Threads of its own: calls that hang in Redis must not fill those that others need.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="leaderboard")

    async def ordered(self, customer_id: str) -> None:
        """A customer has made an order, which the table has. It is told to Redis later."""
        if self._connect is None or (len(self._waiting) >= WAITING and customer_id not in self._waiting):
            return
        self._waiting[customer_id] += 1
        if self._teller is None or self._teller.done():
            self._teller = asyncio.get_running_loop().create_task(self._tell(), name="leaderboard")

    async def top(self, count: int) -> list[tuple[str, float]]:
        """The customers with the most orders."""
        if self._connect is not None and self._clock() >= self._alone_until:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await self._run(lambda board: board.top(count))
            except Exception as error:  # noqa: BLE001 - slower from the table, but never wrong
                self._failed("the leaderboard is read from the table", error)
        totals = await asyncio.to_thread(lambda: list(count_orders(self._client, self._table)))
        return sorted(totals, key=lambda entry: (-entry[1], entry[0]))[:count]

    async def close(self) -> None:
        """Leave what has not been told."""
        if self._teller is not None:
            self._teller.cancel()
            await asyncio.gather(self._teller, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _tell(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._alone_until - self._clock())
            customer, orders = self._waiting.popitem()
            try:
                await self._run(lambda board, who=customer, more=orders: board.add(who, float(more)))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 - an aggregate is rebuilt; the order stands
                # Not told again: it may have been counted.
                self._failed("the leaderboard could not be told of an order", error)

    async def _run(self, ask: Callable[[Leaderboard], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: ask(self._reached()))

    def _reached(self) -> Leaderboard:
        if self._board is None:
            if self._connect is None:
                raise RuntimeError("there is no Redis")
            self._board = Leaderboard(self._connect(), "customers", lambda: count_orders(self._client, self._table))
        return self._board

    def _failed(self, what: str, error: Exception) -> None:
        self._alone_until = self._clock() + PAUSE_SECONDS
        LOG.warning("%s: %s", what, error or type(error).__name__)
