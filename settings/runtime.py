"""`holdfast:runtime`: how clients of the stack connect, retry and leave a region."""

from __future__ import annotations

from pydantic import Field

from settings._base import Frozen, Seconds


class PoolSettings(Frozen):
    """Connections to one endpoint."""

    max_connections: int = Field(50, ge=1)
    """Connections of one client to one region (reference architecture: 50)."""
    request_timeout_seconds: Seconds = 5
    """Longest time of one request (reference architecture: 5000 ms)."""
    idle_seconds: Seconds = 55
    """How long an unused connection is kept; below the 60 s after which DynamoDB closes one."""


class RetrySettings(Frozen):
    """Retries within a region, with exponential backoff and full jitter."""

    max_retries: int = Field(5, ge=0)
    """Retries after the first send (reference architecture: 5, so six sends)."""
    base_seconds: Seconds = 0.05
    """Backoff before the first retry, doubled each time (reference orders setup: 50 ms)."""
    cap_seconds: Seconds = 10
    """Longest backoff (reference orders setup: 10 s)."""


class BreakerSettings(Frozen):
    """When the circuit of a region opens, and when the region is tried again."""

    failure_threshold: int = Field(5, ge=1)
    """Consecutive failures after which the circuit opens (reference architecture: 5)."""
    reset_seconds: Seconds = 60
    """Time after which an open circuit admits one probe (reference architecture: 60 s)."""


class TimeoutsSettings(Frozen):
    """How long one attempt may take; it follows the latency that a client sees, between these two."""

    attempt_seconds: Seconds = 1
    """The most, also to connect, and what an attempt gets before any latency is known."""
    minimum_seconds: Seconds = 0.4
    """The least, however fast the answers have been: it outlasts a retransmission, and a busy host."""


class HedgingSettings(Frozen):
    """When a read that is slow is sent a second time."""

    enabled: bool = True
    """Whether it is."""
    quantile: float = Field(0.95, gt=0, lt=1)
    """Share of the reads that are faster; one that takes longer is sent again."""
    budget: float = Field(0.05, ge=0, le=1)
    """Extra sends per send, at most."""


class RuntimeSettings(Frozen):
    """What clients of the stack do when things go wrong."""

    failover: bool = False
    """Whether a client may serve from another region of the stack when its own does not answer."""
    pool: PoolSettings = PoolSettings()
    """Connections."""
    retries: RetrySettings = RetrySettings()
    """Retries within a region."""
    breaker: BreakerSettings = BreakerSettings()
    """Circuit breaker per region and class of operations."""
    timeouts: TimeoutsSettings = TimeoutsSettings()
    """Time of one attempt."""
    hedging: HedgingSettings = HedgingSettings()
    """Second sends of slow reads."""
