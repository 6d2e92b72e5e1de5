"""Clients that write orders over HTTP, one after another each, and repeat an order until it is acknowledged."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from typing import TYPE_CHECKING, Any, Self

from ops.load.attempts import attempt
from ops.load.history import History
from ops.load.http import Answer, Http

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST_SECONDS = 5.0
"""How long a client waits for one answer: the default request timeout of a stack (5,000 ms)."""
PAUSE_SECONDS = 0.05
"""Between a refusal and the next attempt at the same order."""
POLL_SECONDS = 0.01
"""How often `until` looks."""
ORDERS_PER_CUSTOMER = 200
"""Small enough that one page of a customer's orders holds them all."""


class Writers:
    """A number of clients against one region's orders service.

    Each order carries an idempotency key, so repeating it after an error is safe: it is stored once.
    """

    def __init__(
        self, url: str, *, clients: int, history: History, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.url = url
        self.history = history
        self._clients = clients
        self.pace: float | None = None
        """Orders a second of all clients together; None is as fast as they are answered."""
        self._clock = clock
        self._run = secrets.token_hex(4)
        self._numbers = itertools.count()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._http = Http(url, timeout=REQUEST_SECONDS)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write(index)) for index in range(self._clients)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        await self._http.__aexit__()

    async def until(self, done: Callable[[], bool], *, seconds: float) -> bool:
        """Wait until `done()` holds; False when it does not within that many seconds."""
        end = self._clock() + seconds
        while not done():
            if self._clock() >= end or all(task.done() for task in self._tasks):
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    async def _write(self, client: int) -> None:
        while not self._stopping.is_set():
            if self.pace is not None:
                await asyncio.sleep(self._clients / self.pace)
            number = next(self._numbers)
            customer = f"load-{self._run}-{number // ORDERS_PER_CUSTOMER}"
            key = f"{time.time_ns() // 1_000_000}-{self._run}-{number}"
            order = {"customer_id": customer, "items": [{"sku": f"sku-{client}", "quantity": 1}], "number": number}
            while True:
                stored = await self._attempt(number, customer, key, order)
                if stored or self._stopping.is_set():
                    break
                await asyncio.sleep(PAUSE_SECONDS)

    async def _attempt(self, number: int, customer: str, key: str, order: dict[str, Any]) -> bool:
        made = await attempt(self._ask(order, key), number=number, customer=customer, clock=self._clock)
        self.history.add(made)
        return made.acknowledged

    async def _ask(self, order: dict[str, Any], key: str) -> tuple[str | None, Answer]:
        answer = await self._http.post("/orders", order, {"idempotency-key": key})
        return answer.headers.get("x-holdfast-region"), answer
