"""What a scenario is: faults of one region, what is expected of the clients, and where it comes from. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DISABLE_KEY = "disable-key"
"""The one injection that is no fault of a gateway: the key of the tables is disabled, and enabled again."""


@dataclass(frozen=True, kw_only=True)
class Injection:
    """One fault of the home region, from the beginning of the failure until the drill heals it."""

    kind: str
    """A fault of the sandbox's gateway (`blackhole`, `throttle` …), or `disable-key`."""
    service: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Objectives:
    """What the drill is judged by. RTO and RPO are the stack's own where its topology says them."""

    rto_seconds: float = 120.0
    rpo_seconds: float = 1.0
    error_share: float = 0.25
    """Of all attempts during the failure."""
    p99_ms: float = 5_000.0
    """Of acknowledged orders during the failure; the request timeout of the stack."""
    least_per_second: float = 0.0
    """Orders acknowledged a second during the failure: what the region still carries must be used."""

    def of_stack(self, figures: Mapping[str, float]) -> Objectives:
        """With `rto_seconds` and `rpo_seconds` of the stack where it has them."""
        known = {name: float(figures[name]) for name in ("rto_seconds", "rpo_seconds") if name in figures}
        return replace(self, **known)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A moment of a public incident."""

    at: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A drill that can be run."""

    name: str
    title: str
    runbook: str
    """The page of `docs/runbooks/` that it practises, without its ending."""
    simulated: str
    """What is done in the sandbox, and what of the real thing that leaves out."""
    injections: tuple[Injection, ...]
    leaves_home: bool
    """Whether clients are expected to go on in another region."""
    failure_seconds: float = 4.0
    """How long the failure lasts before it is healed."""
    objectives: Objectives = Objectives()
    source: str = ""
    """Of a public incident: the operator's own summary."""
    timeline: tuple[Moment, ...] = ()
    reads: bool = False
    """Whether clients also read orders and the leaderboard, which go through the caches."""
    experiment: str | None = None
    """In AWS: the name of the FIS experiment template in the topology's `experiments`; None where AWS has none."""

    @property
    def disables_key(self) -> bool:
        """Whether it disables the key of the tables."""
        return any(injection.kind == DISABLE_KEY for injection in self.injections)
