"""The Redis of one simulated region: a network away, and sometimes not there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from holdfast.caching.steps import CacheError
from holdfast.testing.cache import MemoryCache

if TYPE_CHECKING:
    import random

    from holdfast.caching.steps import CacheStep

NEAR_SECONDS = 0.0004
TIMEOUT_SECONDS = 0.1


class SimulatedCache:
    """A store of the async caching pipeline on virtual time, shared by the clients of a region."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._memory = MemoryCache(asyncio.get_running_loop().time)
        self.trouble: Literal["", "down", "slow"] = ""

    def empty(self) -> None:
        """Another cache has taken its place."""
        self._memory.clear()

    async def run(self, step: CacheStep) -> Any:
        """Carry out a step. Raises `CacheError` when it is down or too slow; a slow one does it all the same."""
        if self.trouble == "down":
            await asyncio.sleep(NEAR_SECONDS)
            raise CacheError("connection refused")
        way = NEAR_SECONDS * self._rng.uniform(0.5, 2.0)
        await asyncio.sleep(way)
        if self.trouble == "slow" and self._rng.random() < 0.7:
            asyncio.get_running_loop().call_later(self._rng.uniform(0.0, 0.5), self._late, step)
            await asyncio.sleep(TIMEOUT_SECONDS)
            raise CacheError("no answer in time")
        answer = self._memory.run(step)
        await asyncio.sleep(way)
        return answer

    def _late(self, step: CacheStep) -> None:
        self._memory.run(step)

    async def close(self) -> None:
        """Nothing to close."""
