"""Token buckets, one per route of a stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Bucket:
    """Lets `rate` requests a second through in the long run, and `burst` at once."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens = float(burst)
        self._filled = clock()

    def take(self) -> bool:
        """Whether one more request may pass now."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Throttle:
    """The buckets of a stage: each route has its own, with the route's limit or the stage's."""

    def __init__(self, limits: Mapping[str, tuple[float, int]], clock: Callable[[], float]) -> None:
        self._limits, self._clock = limits, clock
        self._buckets: dict[str, Bucket] = {}

    def admits(self, route: str) -> bool:
        """Whether a request of a route (`GET /orders`) may pass."""
        limit = self._limits.get(route) or self._limits.get("*")
        if limit is None:
            return True
        bucket = self._buckets.get(route)
        if bucket is None:
            bucket = self._buckets[route] = Bucket(*limit, self._clock)
        return bucket.take()
