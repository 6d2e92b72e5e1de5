"""The Redis of one simulated region: a network away, and sometimes not there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from holdfast.caching.steps import CacheError
from holdfast.testing.cache import MemoryCache
from holdfast.testing.loop import current, end, fail

if TYPE_CHECKING:
    import random

    from holdfast.caching.steps import CacheStep

NEAR_SECONDS = 0.0004
TIMEOUT_SECONDS = 0.1


class SimulatedCache:
    """A store of the async caching pipeline on virtual time, shared by the clients of a region."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._loop = current()
        self._memory = MemoryCache(self._loop.time)
        self.trouble: Literal["", "down", "slow"] = ""

    def empty(self) -> None:
        """Another cache has taken its place."""
        self._memory.clear()

    async def run(self, step: CacheStep) -> Any:
        """Carry out a step. Raises `CacheError` when it is down or too slow; a slow one does it all the same."""
        loop = self._loop
        if self.trouble == "down":
            await loop.rest(NEAR_SECONDS)
            raise CacheError("connection refused")
        way = NEAR_SECONDS * (0.5 + 1.5 * self._rng.random())
        answer: asyncio.Future[Any] = asyncio.Future(loop=loop)
        loop.later(way, self._arrived, step, answer, way)
        return await answer

    def _arrived(self, step: CacheStep, answer: asyncio.Future[Any], way: float) -> None:
        if answer.done():
            return  # who asked was cancelled
        loop = self._loop
        if self.trouble == "slow" and self._rng.random() < 0.7:
            loop.later(self._rng.uniform(0.0, 0.5), self._memory.run, step)
            loop.later(TIMEOUT_SECONDS, fail, answer, CacheError("no answer in time"))
        else:
            loop.later(way, end, answer, self._memory.run(step))

    async def close(self) -> None:
        """Nothing to close."""
