"""How a client behaves when things break: every figure in one place, with its unit and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.caching.policy import CachePolicy
    from holdfast.sealing.fields import Sealing
    from holdfast.telemetry.observer import CallObserver


def _require(holds: bool, what: str, why: str) -> None:  # noqa: FBT001 - a condition, not a mode
    if not holds:
        raise ValueError(f"{what}: {why}")


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """When a failed attempt is followed by another."""

    retries: int = 5
    """Sends after the first(maxRetries 5, six sends)."""
    base_seconds: float = 0.05
    """Ceiling of the first wait."""
    multiplier: float = 2.0
    cap_seconds: float = 10.0
    """Ceiling of any wait."""
    quota_tokens: int = 500
    """Size of a region's retry quota, as botocore's standard mode has it."""
    retry_cost: int = 5
    timeout_cost: int = 10
    """What a retry after an answer and after a timeout takes from the quota (botocore's figures)."""
    refund: int = 1
    """What a call that needed no retry puts back."""

    def __post_init__(self) -> None:
        _require(self.retries >= 0, f"retries is {self.retries}", "write 0 or more")
        _require(0 < self.base_seconds <= self.cap_seconds, f"base_seconds is {self.base_seconds}", "0 < base <= cap")
        _require(self.multiplier >= 1, f"multiplier is {self.multiplier}", "write 1 or more")


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerPolicy:
    """When a region's circuit opens, and when it is tried again."""

    failure_threshold: int = 5
    """Failures in a row."""
    reset_seconds: float = 60.0
    """From opening to the first probe."""
    window_seconds: float = 10.0
    """Over which the failure rate is taken."""
    failure_rate: float = 0.5
    minimum_calls: int = 20
    """Answers in a window before its rate counts."""
    lease_seconds: float = 5.0
    """After which a probe that never reported is given up and another admitted."""

    def __post_init__(self) -> None:
        _require(self.failure_threshold >= 1, f"failure_threshold is {self.failure_threshold}", "write 1 or more")
        _require(self.reset_seconds > 0, f"reset_seconds is {self.reset_seconds}", "write a number above 0")
        _require(0 < self.failure_rate <= 1, f"failure_rate is {self.failure_rate}", "write a number above 0, up to 1")


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeoutPolicy:
    """How long a call and one attempt of it may take."""

    call_seconds: float = 5.0
    """A call without a deadline of its own(timeout 5000)."""
    attempt_seconds: float = 1.0
    """An attempt before any latency is known, and the most it may take later; also to connect."""
    minimum_seconds: float = 0.4
    """The least an attempt gets, however fast the answers have been: it outlasts a retransmission, and a busy host."""
    scan_seconds: float = 3.0
    """The ceiling of operations that read or write many items (Query, Scan, batches, transactions)."""
    factor: float = 5.0
    """An attempt gets the running p99 times this."""

    def __post_init__(self) -> None:
        _require(0 < self.minimum_seconds <= self.attempt_seconds, "minimum_seconds", "0 < minimum <= attempt_seconds")
        _require(self.call_seconds > 0, f"call_seconds is {self.call_seconds}", "write a number above 0")


@dataclass(frozen=True, kw_only=True, slots=True)
class HedgePolicy:
    """When a read that is slow is sent a second time."""

    enabled: bool = True
    quantile: float = 0.95
    budget: float = 0.05
    """Extra sends per send."""
    minimum_seconds: float = 0.002
    """No hedge sooner than this: closer to the median a second send only adds load."""
    minimum_calls: int = 50
    """Answers seen before the quantile is believed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitPolicy:
    """How many calls a table of a region may have in flight."""

    initial: int = 200
    minimum: int = 8
    maximum: int = 1_000
    decrease: float = 0.8
    """On a throttle, a timeout, or latency over `tolerance` times the best seen; once per round trip."""
    protected: int = 50
    """Latency alone never lowers the limit below this, the size of the pool: a busy host makes everything slow."""
    tolerance: float = 4.0

    def __post_init__(self) -> None:
        _require(1 <= self.minimum <= self.initial <= self.maximum, "limits", "1 <= minimum <= initial <= maximum")


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingPolicy:
    """How a client moves between regions."""

    failover: bool | None = None
    """None follows the topology."""
    handover_seconds: float = 0.1
    """Between the last write in one region and the first in another. It covers the difference between their
    clocks, by which a global table decides whose write is last."""
    drain_seconds: float = 2.0
    """When writes return, a key that was written elsewhere less than this ago waits, so that its last write has
    arrived: longer than the usual replication lag (about a second)."""
    refresh_seconds: float = 0.25
    """How often the evacuation flags are read."""
    failback_seconds: float | None = None
    """A returned region is taken into use after a random part of this; None is half the breaker's reset."""
    failback_lag_seconds: float = 30.0
    """A returned region must have received what was written elsewhere; after this long without proof, the client
    goes back all the same if `failback_without_proof` is set."""
    failback_without_proof: bool = False
    lag_probe_seconds: float | None = 10.0
    """How often an item is written to the control table to see when the other regions have it. None: never."""
    lag_limit_seconds: float = 5.0
    """A region further behind takes over only when no other is left: what it lacks would be superseded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Everything that wraps an attempt.

    A part left out is the one instance of its default: of that, environment and topology may say otherwise.
    """

    retry: RetryPolicy = RetryPolicy()
    breaker: BreakerPolicy = BreakerPolicy()
    timeout: TimeoutPolicy = TimeoutPolicy()
    hedge: HedgePolicy = HedgePolicy()
    limit: LimitPolicy = LimitPolicy()
    routing: RoutingPolicy = RoutingPolicy()
    coalesce: bool = False
    """Single flight for equal reads, and gets of one moment gathered into a BatchGetItem."""
    cache: CachePolicy | None = None
    """Layered reads through the Redis and DAX that the topology names. None: every read goes to the table."""
    sealing: Sealing | None = None
    """Attributes that are encrypted and compressed on their way out."""
    observers: tuple[CallObserver, ...] = ()
    """Who is told of every call: metrics and traces of `holdfast.telemetry`."""


DEFAULT = Policy()
"""The figures of the reference architecture."""
