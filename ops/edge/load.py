"""Customers who write orders through the API, one after another, and repeat an order until it is acknowledged."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from typing import TYPE_CHECKING, Self

from ops.load.attempts import attempt
from ops.load.history import History

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.edge.clients import Way

PAUSE_SECONDS = 0.05
ORDERS_PER_CUSTOMER = 200


class Customers:
    """A number of customers of one tenant who share a way of finding a region."""

    def __init__(
        self,
        way: Way,
        *,
        tenant: str,
        token: Callable[[str], str],
        clients: int,
        per_second: float,
        first: int = 0,
    ) -> None:
        self.way = way
        self.history = History()
        self.tenant = tenant
        self.token = token(tenant)
        self._clients, self._pace = clients, per_second
        self._numbers = itertools.count(first)
        self._run = secrets.token_hex(4)
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write()) for _ in range(self._clients)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        await self.way.close()

    async def _write(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            number = next(self._numbers)
            customer = f"{self.tenant}:{self._run}-{number // ORDERS_PER_CUSTOMER}"
            key = f"{time.time_ns() // 1_000_000}-{self._run}-{number}"
            order = {"customer_id": customer, "items": [{"sku": "load", "quantity": 1}], "number": number}
            while not await self._attempt(number, customer, key, order):
                if self._stopping.is_set():
                    return
                await asyncio.sleep(PAUSE_SECONDS)
            await asyncio.sleep(max(0.0, self._clients / self._pace - (time.monotonic() - began)))

    async def _attempt(self, number: int, customer: str, key: str, order: dict[str, object]) -> bool:
        headers = {
            "content-type": "application/json",
            "idempotency-key": key,
            "authorization": f"Bearer {self.token}",
        }
        asked = self.way.ask("POST", "/orders", headers, json.dumps(order).encode())
        made = await attempt(asked, number=number, customer=customer)
        self.history.add(made)
        return made.acknowledged
