"""How many calls a table may have in flight: a limit that follows what the region can take."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.resilience.latency import Latency
    from holdfast.resilience.policy import LimitPolicy

NOTICEABLE_SECONDS = 0.02
"""A median below this is never called slow, whatever the best has been."""


class Limiter:
    """Additive increase, multiplicative decrease: the bulkhead of one table in one region.

    The limit grows by about one per round trip while it is used, and falls by `decrease` at most once per
    round trip when the region throttles, times out, or answers `tolerance` times slower than at its best.
    """

    __slots__ = ("_lock", "_next_decrease", "_policy", "in_flight", "limit", "rejected")

    def __init__(self, policy: LimitPolicy) -> None:
        self._policy = policy
        self._lock = threading.Lock()
        self._next_decrease = 0.0
        self.in_flight = 0
        self.limit = float(policy.initial)
        self.rejected = 0

    def acquire(self) -> bool:
        """Take a place, or be told at once that there is none."""
        with self._lock:
            if self.in_flight >= self.limit:
                self.rejected += 1
                return False
            self.in_flight += 1
            return True

    def release(self, now: float, latency: Latency, *, congested: bool = False) -> None:
        """Give the place back; `congested` when the attempt was throttled or timed out."""
        with self._lock:
            in_flight = self.in_flight
            self.in_flight = in_flight - 1
            if not congested:
                slow = latency.p50 > NOTICEABLE_SECONDS and latency.p50 > latency.best * self._policy.tolerance
                if not slow:
                    if in_flight * 2 > self.limit and self.limit < self._policy.maximum:
                        self.limit += 1 / self.limit
                    return
            if now >= self._next_decrease:
                self._next_decrease = now + max(latency.p50, 0.01)
                floor = self._policy.minimum if congested else min(self._policy.protected, self._policy.initial)
                lowered = min(self.limit, in_flight) * self._policy.decrease
                self.limit = max(float(floor), lowered) if congested else min(self.limit, max(float(floor), lowered))

    def cancel(self) -> None:
        """Give the place back without having learnt anything."""
        with self._lock:
            self.in_flight -= 1

    def slow_start(self) -> None:
        """Begin low: the region has just been returned to, and everyone returns at once."""
        with self._lock:
            self.limit = min(self.limit, max(float(self._policy.minimum), self._policy.initial * 0.1))
