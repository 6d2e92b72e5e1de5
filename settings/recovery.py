"""`holdfast:recovery`: objectives, DNS, the failover plan and drills."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings._base import Frozen, LogDays, RegionName


class ObjectiveSettings(Frozen):
    """What the stack promises itself; tags, alarms and drills use these."""

    rto_seconds: int = Field(120, gt=0)
    """Longest time until a failed region's traffic is served elsewhere (reference architecture: under 2 minutes)."""
    rpo_seconds: int = Field(1, gt=0)
    """Replication delay that is looked at (reference architecture: under 1 s). A measured objective, not a promise."""


class HealthCheckSettings(Frozen):
    """Route 53 asks the deep health path of each region's load balancer."""

    interval_seconds: Literal[10, 30] = 30
    """Time between two checks (reference architecture: 30 s; Route 53: 10 or 30)."""
    failures: int = Field(3, ge=1, le=10)
    """Failures after which a region counts as down (reference architecture: 3)."""
    path: str = Field("/health/deep", pattern=r"^/")
    """Deep health: it reads and writes, and answers 503 while its region is evacuated."""


class DnsSettings(Frozen):
    """The hosted zone and the names that clients use."""

    zone: str = Field(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$")
    """Public hosted zone of the stack, for example `orders.example.com`."""
    ttl_seconds: int = Field(20, ge=1)
    """How long a resolver keeps an answer; checks and this together stay under the recovery time objective."""
    routing: tuple[Literal["failover", "latency", "geolocation"], ...] = ("failover", "latency", "geolocation")
    """Names that are made: `failover.`, `api.` (latency) and `geo.` below the zone."""
    continents: dict[RegionName, Literal["AF", "AN", "AS", "EU", "NA", "OC", "SA"]] = Field(default_factory=dict)
    """Region → continent that it serves under `geo.`; the home region serves everyone else."""


class SwitchSettings(Frozen):
    """An ARC Region switch plan: traffic from home to the standby by health checks (about $70 a month)."""

    standby: RegionName
    """The other region of the plan; a plan has two."""


class DrillSettings(Frozen):
    """Fault injection, bound to the alarms of the region, and when it is due."""

    schedule: str = Field("cron(0 14 ? 1/3 TUE#2 *)", pattern=r"^cron\(.+\)$")
    """When operators are reminded (reference architecture: quarterly; the second Tuesday, in hours of work)."""
    minutes: int = Field(10, ge=1, le=60)
    """How long an experiment lasts."""
    log_retention_days: LogDays = 365
    """How long the log of what an experiment did is kept: four quarterly drills."""


class RecoverySettings(Frozen):
    """How the stack leaves a region that fails."""

    objectives: ObjectiveSettings = ObjectiveSettings()
    """Recovery time and recovery point."""
    health_checks: HealthCheckSettings = HealthCheckSettings()
    """Health checks of the regions."""
    dns: DnsSettings | None = None
    """DNS; absent, clients fail over by themselves alone."""
    region_switch: SwitchSettings | None = None
    """Region switch plan; absent, health checks alone move traffic."""
    drills: DrillSettings | None = DrillSettings()
    """Experiments and reminders; null turns them off."""
