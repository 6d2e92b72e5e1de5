"""What a client knows of one region: its breakers, quota, limits and latencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast._attempt import Timeouts
from holdfast.resilience.breaker import Breaker
from holdfast.resilience.latency import Latency
from holdfast.resilience.limiter import Limiter
from holdfast.resilience.quota import RetryQuota

if TYPE_CHECKING:
    from holdfast._attempt import Call
    from holdfast.resilience.policy import Policy
    from holdfast.topology import Region

LONG_OPERATIONS = frozenset(
    {
        "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems",
        "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction",
    }
)  # fmt: skip
"""Operations whose answers may be up to 16 MB, or whose work is a hundred items."""


class Profile:
    """The latency of one operation in one region, and the timeouts that follow from it."""

    __slots__ = ("_ceiling", "_policy", "_seen", "latency", "timeouts")

    def __init__(self, policy: Policy, operation: str) -> None:
        self._policy = policy.timeout
        self._ceiling = self._policy.scan_seconds if operation in LONG_OPERATIONS else self._policy.attempt_seconds
        self.latency = Latency()
        self.timeouts = Timeouts(connect=self._policy.attempt_seconds, attempt=self._ceiling)
        self._seen = 0

    def observe(self, seconds: float) -> None:
        """Take a latency, or how long was waited in vain; sometimes adapt the timeouts."""
        latency = self.latency
        latency.observe(seconds)
        if latency.seen - self._seen >= 16:
            self._seen = latency.seen
            wanted = latency.p99 * self._policy.factor
            attempt = min(max(wanted, self._policy.minimum_seconds), self._ceiling)
            if attempt != self.timeouts.attempt:
                self.timeouts = Timeouts(connect=min(attempt, self._policy.attempt_seconds), attempt=attempt)


class RegionState:
    """One region as the calls so far have shown it."""

    __slots__ = (
        "_back_at", "_limiters", "_policy", "_profiles", "_silent_at", "name", "quota", "read", "region", "silent",
        "write",
    )  # fmt: skip

    def __init__(self, region: Region, policy: Policy) -> None:
        self.region = region
        self.name = region.name
        self._policy = policy
        self.read = Breaker(policy.breaker)
        self.write = Breaker(policy.breaker)
        self.silent = False
        """Whether the watch's last question was not answered. Circuits may still be closed."""
        self._silent_at = self._back_at = float("-inf")
        self.quota = RetryQuota(policy.retry)
        self._profiles: dict[str, Profile] = {}
        self._limiters: dict[str | None, Limiter] = {}

    def profile(self, operation: str) -> Profile:
        """Latency and timeouts of that operation here."""
        try:
            return self._profiles[operation]
        except KeyError:
            return self._profiles.setdefault(operation, Profile(self._policy, operation))

    def limiter(self, table: str | None) -> Limiter:
        """The limit of that table here."""
        try:
            return self._limiters[table]
        except KeyError:
            return self._limiters.setdefault(table, Limiter(self._policy.limit))

    def breaker(self, call: Call) -> Breaker:
        """The breaker of the call's class."""
        return self.read if call.operation.access == "read" else self.write

    @property
    def healthy(self) -> bool:
        """Whether both circuits are closed."""
        return self.read.closed and self.write.closed

    @property
    def well_since(self) -> float:
        """Clock time since which both have been closed, if they are, and no long silence has ended."""
        return max(self.read.closed_at, self.write.closed_at, self._back_at)

    def heard(self, now: float, *, ill: bool) -> None:
        """The watch was answered, or not."""
        if ill and not self.silent:
            self._silent_at = now
        elif self.silent and not ill and now - self._silent_at > self._policy.routing.drain_seconds:
            self._back_at = now
        self.silent = ill

    def slow_start(self) -> None:
        """Begin with low limits."""
        for limiter in list(self._limiters.values()):
            limiter.slow_start()

    def views(self) -> dict[str, object]:
        """Everything as it stands, for metrics and for people."""
        return {
            "read": self.read.view(),
            "write": self.write.view(),
            "quota": self.quota.tokens,
            "limits": {
                table: (limit.in_flight, limit.limit, limit.rejected) for table, limit in self._limiters.items()
            },
            "latency": {
                name: (profile.latency.p50, profile.latency.p95, profile.latency.p99)
                for name, profile in self._profiles.items()
            },
        }
