"""What is known of a stack before a failover is planned. Plain data, so that a plan is a pure function of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """One table in one region. Throughput in capacity units a second."""

    status: str = "ACTIVE"
    key_state: str = "Enabled"
    """State of the table's customer-managed key, as KMS says it; `none` where the table has none."""
    recovery: bool = True
    """Whether point-in-time recovery is on."""
    on_demand: bool = True
    write_maximum: int | None = None
    """On demand: the configured maximum; provisioned: autoscaling's maximum, or what is provisioned. None: no bound."""
    read_maximum: int | None = None
    warm_writes: int | None = None
    """Warm throughput; None where the region does not say."""
    warm_reads: int | None = None


@dataclass(frozen=True, kw_only=True)
class RegionFacts:
    """One region of the stack."""

    reachable: bool = True
    fault: str = ""
    """Why it does not answer."""
    evacuated: bool = False
    flag_epochs: Mapping[str, int] = field(default_factory=dict)
    """Region → epoch of its flag as this region's replica shows it."""
    tables: Mapping[str, TableFacts] = field(default_factory=dict)
    """Physical name → facts; a table that the topology names and the region lacks is absent."""
    service_region: str | None = None
    """The region that the address of the orders service says it is; None where no address is known."""
    service_healthy: bool | None = None
    """What its deep health says; None where no address is known."""
    account_write_maximum: int | None = None
    """The account's quota of write capacity units for one table; None where it cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The stack at one moment."""

    home: str
    order: tuple[str, ...]
    """Regions in the order in which clients prefer them."""
    tables: tuple[str, ...]
    """Physical names of what every region must hold."""
    regions: Mapping[str, RegionFacts]
    lag_ms: Mapping[tuple[str, str], float | None]
    """(from, to) → measured replication lag; None where nothing arrived in time; absent where not measured."""
    load: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Table → (reads, writes) in units a second that the region to be left carries."""
    operation: str | None = None
    """Another operation that is at work on this stack: who, since when."""
