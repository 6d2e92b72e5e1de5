"""What the proof of an edge demands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EdgeDemands:
    """The bounds of the proof; below them it fails and says which one."""

    clients: int = 2
    """Customers of each way of finding a region."""
    per_second: float = 6.0
    """Orders a second of each way. A laptop's functions are a few processes, so that this is no measure of Lambda."""
    settle_seconds: float = 3.0
    """Load before something happens."""
    dns_slack_seconds: float = 8.0
    """Time that a customer who follows DNS may need beyond detection and time to live: one request's own time limit,
    the turn of a check, the next resolution."""
    flag_seconds: float = 8.0
    """From the flag until customers who follow it are served elsewhere: replication, one look a second, a request."""
    own_seconds: float = 8.0
    """From the cut until customers who route by themselves are served elsewhere: one request's time limit, and the cold
    start of an environment there."""
    homed_seconds: float = 8.0
    """What that takes longer where keys have home regions: a region that serves asks the lost one for its keys until
    its own circuits open, an attempt of a second each, or the flag is read."""
    flag_after_seconds: float = 2.0
    """An operator's time from the cut to the flag."""
    back_seconds: float = 20.0
    """Longest wait for customers to be served by the home region again."""
    failback_error_percent: float = 1.0
    """Share of failed requests that the return of a region may bring."""
    readback_seconds: float = 30.0
