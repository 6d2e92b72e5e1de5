"""The health of a stack: what each region says of itself, and what of it is a fault."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ops.estate import aspects, control, serving
from ops.estate.look import Looking, flags_of
from ops.estate.reach import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from holdfast.resilience.flags import Flag
    from ops.estate.access import Estate
    from ops.estate.look import Look


@dataclass(kw_only=True)
class RegionHealth:
    """One region at one moment. What could not be learned is None, and its reason is among the faults."""

    region: str
    home: bool
    reachable: bool = False
    write_ms: float | None = None
    read_ms: float | None = None
    lag_ms: Mapping[str, float | None] = field(default_factory=dict)
    """Other region → milliseconds until an item written here was readable there."""
    tables: dict[str, str] | None = None
    """Physical name → status as DescribeTable says it."""
    keys: Mapping[str, str] | None = None
    """ARN of a customer-managed key of the tables → its state as KMS says it, or why that is not known."""
    evacuation: str = "in use"
    evacuated: bool = False
    service: str = "not known"
    """What deep health of the region's orders service answers."""
    breakers: str = "not told"
    """What the region's orders service says of its own way to each region: those that are not closed, or `closed`."""
    caches: str = "none"
    alarms: list[str] | None = None
    """Names of the alarms of the stack that are in ALARM."""
    restorable_age_seconds: float | None = None
    """Age of the latest moment that every table can be restored to; None where one has no recovery."""
    backup_age_hours: float | None = None
    """Age of the oldest among the tables' latest on-demand backups; None where a table has none."""
    faults: list[str] = field(default_factory=list)

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong and the region is in use."""
        return not self.faults and not self.evacuated

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return asdict(self) | {"healthy": self.healthy}


def examine(estate: Estate, services: Mapping[str, str], looks: Sequence[Look] | None = None) -> Iterator[RegionHealth]:
    """Examine every region at once; the answers come as they are complete.

    Args:
        estate: the stack.
        services: region → address of its orders service, where known.
        looks: a first look at each region; taken here where it is not given.
    """
    flags = flags_of(list(Looking(estate)) if looks is None else looks)
    answering = [name for name in estate.regions if isinstance(flags[name], dict)]
    with ThreadPoolExecutor(max_workers=len(estate.regions)) as pool:
        futures = [pool.submit(_region, estate, name, answering, flags, services.get(name)) for name in estate.regions]
        for future in as_completed(futures):
            yield future.result()


def _region(
    estate: Estate,
    name: str,
    answering: list[str],
    flags: Mapping[str, dict[str, Flag] | str],
    service: str | None,
) -> RegionHealth:
    health = RegionHealth(region=name, home=name == estate.topology.home_region)
    flag = control.newest(flags, name)
    health.evacuation, health.evacuated = control.describe(flag), bool(flag and flag.holds(time.time()))
    if isinstance(flags[name], str):
        health.faults.append(f"unreachable: {flags[name]}")
    else:
        others = [other for other in answering if other != name]
        for part in (aspects.probed(others), aspects.tables, aspects.recovery, aspects.alarms, serving.caches):
            try:
                part(estate, health)
            except Exception as error:  # noqa: BLE001 (whatever a region answers, the others are told too)
                health.faults.append(reason(error))
    serving.service(health, service)
    serving.breakers(health, service)
    return health
