"""What the proof demands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Demands:
    """The bounds of the proof; below them it fails and says which one."""

    writes_per_second: float = 50.0
    """Acknowledged, in each phase, and what counts as flowing again after the cut."""
    acknowledged: int = 500
    """In each phase: before, during and after the cut."""
    failover_seconds: float = 5.0
    """From the cut until writes flow again from another region."""
    clients: int = 16
    """Writing at once."""
    phase_seconds: float = 30.0
    """No phase takes longer; one that does not reach its count by then fails."""
    lag_seconds: float = 10.0
    """An order must be readable in every other region within this time."""
    catch_up_seconds: float = 20.0
    """After the run everything acknowledged must be readable in every region within this time."""
    pace: float | None = None
    """Orders a second of all clients together; None is as fast as they are answered."""
    samples: int = 3
    """Orders written per region to measure the replication lag."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A running stack as the proof sees it."""

    stack: str
    home: str
    services: dict[str, str]
    """Region → address of its orders service."""
    breaker_reset_seconds: float
    """What the services were started with; the evidence says so where it is not the stack's own."""
    breaker_reset_of_stack: float | None = None
