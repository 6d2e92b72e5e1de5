"""Clients that read orders and the leaderboard over HTTP: what goes through the caches."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from typing import TYPE_CHECKING, Self

from ops.load.history import Attempt, History
from ops.load.http import Http, HttpError
from ops.load.writers import REQUEST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

SETTLED_SECONDS = 1.0
"""Only orders acknowledged so long ago are read: a replica may still wait for a later one."""
LEADERBOARD_EVERY = 5
"""Every fifth read is of the leaderboard."""


class Readers:
    """A number of clients against one region's orders service, each reading what writers have stored."""

    def __init__(
        self,
        url: str,
        *,
        clients: int,
        per_second: float,
        written: History,
        history: History,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = Http(url, timeout=REQUEST_SECONDS)
        self._clients, self._pause = clients, clients / per_second
        self._written, self._history, self._clock = written, history, clock
        self._numbers = itertools.count()
        self._random = random.Random(0)  # noqa: S311 (which order is read next, no secret)
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._read()) for _ in range(self._clients)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        await self._http.__aexit__()

    async def _read(self) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(self._pause)
            number = next(self._numbers)
            settled = self._clock() - SETTLED_SECONDS
            known = [one for one in self._written.latest(500) if one.acknowledged and one.done < settled]
            if number % LEADERBOARD_EVERY == 0:
                await self._attempt(number, "", "/leaderboard", None)
            elif known:
                order = self._random.choice(known)
                await self._attempt(number, order.customer, f"/orders/{order.customer}/{order.order_id}", order)

    async def _attempt(self, number: int, customer: str, path: str, order: Attempt | None) -> None:
        sent, status, region, error = self._clock(), None, None, ""
        try:
            answer = await self._http.get(path)
            status, region = answer.status, answer.headers.get("x-holdfast-region")
        except HttpError as fault:
            error = str(fault)
        self._history.add(
            Attempt(
                order=number,
                customer=customer,
                sent=sent,
                done=self._clock(),
                status=status,
                region=region,
                order_id=None if order is None else order.order_id,
                error=error or ("" if status == 200 else str(status)),
            )
        )
