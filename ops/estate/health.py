"""The health of a stack: what each region says of itself, and what of it is a fault."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ops.estate import control
from ops.estate.look import flags_of, look_around
from ops.estate.probe import probe
from ops.estate.reach import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from holdfast.resilience.flags import Flag
    from ops.estate.access import Estate
    from ops.estate.look import Look

LAG_LIMIT_SECONDS = 2.0
"""An item that is not in another region by then is a fault; DynamoDB's own figure is usually under one second."""
DEEP_HEALTH_SECONDS = 3.0
CACHE_SECONDS = 1.0
CACHE_PORTS = {"redis": 6379, "rediss": 6379, "dax": 8111, "daxs": 9111}
"""The default ports of ElastiCache and of DAX, without and with TLS."""


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
    flags = flags_of(list(look_around(estate)) if looks is None else looks)
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
        for part in (_probe(others), _tables, _recovery, _alarms, _caches):
            try:
                part(estate, health)
            except Exception as error:  # noqa: BLE001 (whatever a region answers, the others are told too)
                health.faults.append(reason(error))
    _service(health, service)
    _breakers(health, service)
    return health


def _probe(others: list[str]) -> Any:
    def run(estate: Estate, health: RegionHealth) -> None:
        found = probe(estate, health.region, others, limit=LAG_LIMIT_SECONDS)
        health.reachable = True
        health.write_ms, health.read_ms, health.lag_ms = found.write_ms, found.read_ms, found.lag_ms
        health.faults += [
            f"what is written here is not in {name} within {LAG_LIMIT_SECONDS:g} s"
            for name, lag in found.lag_ms.items()
            if lag is None
        ]

    return run


def _names(estate: Estate, region: str) -> list[str]:
    tables = [table.name for table in estate.topology.region(region).tables.values()]
    return sorted({*tables, estate.control_table})


def _tables(estate: Estate, health: RegionHealth) -> None:
    client = estate.client("dynamodb", health.region)
    health.tables = {}
    for name in _names(estate, health.region):
        status = client.describe_table(TableName=name)["Table"]["TableStatus"]
        health.tables[name] = status
        if status != "ACTIVE":
            health.faults.append(f"table {name} is {status}")


def _recovery(estate: Estate, health: RegionHealth) -> None:
    client, now = estate.client("dynamodb", health.region), datetime.now(UTC)
    ages, backups = [], []
    for name in _names(estate, health.region):
        described = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = described.get("PointInTimeRecoveryDescription", {})
        if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
            health.faults.append(f"table {name} has no point-in-time recovery here")
            continue
        latest = recovery.get("LatestRestorableDateTime")
        if latest is not None:
            ages.append((now - latest).total_seconds())
        summaries = client.list_backups(TableName=name).get("BackupSummaries", [])
        backups.append(max((summary["BackupCreationDateTime"] for summary in summaries), default=None))
    health.restorable_age_seconds = round(max(0.0, *ages), 1) if ages else None
    if backups and None not in backups:
        oldest = min(moment for moment in backups if moment is not None)
        health.backup_age_hours = round((now - oldest).total_seconds() / 3600, 2)


def _alarms(estate: Estate, health: RegionHealth) -> None:
    client = estate.client("cloudwatch", health.region)
    names = set(_names(estate, health.region))
    found = []
    for page in client.get_paginator("describe_alarms").paginate(StateValue="ALARM"):
        for alarm in (*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])):
            tables = {item["Value"] for item in alarm.get("Dimensions", []) if item["Name"] == "TableName"}
            if not tables or tables & names:
                found.append(alarm["AlarmName"])
    health.alarms = sorted(found)
    health.faults += [f"alarm {name}" for name in health.alarms]


def _caches(estate: Estate, health: RegionHealth) -> None:
    """Whether the endpoints of the region's caches accept connections; their nodes are for their own alarms."""
    region = estate.topology.region(health.region)
    found = []
    for name, url in (("Redis", region.redis_endpoint), ("DAX", region.dax_endpoint)):
        if url is None:
            continue
        host, port = cache_address(url)
        try:
            socket.create_connection((host, port), timeout=CACHE_SECONDS).close()
        except OSError as error:
            found.append(f"{name} does not answer")
            health.faults.append(f"{name} at {host}:{port} does not answer: {error}")
        else:
            found.append(f"{name} answers")
    health.caches = ", ".join(found) or "none"


def cache_address(url: str) -> tuple[str, int]:
    """Host and port of a cache's endpoint; the service's own port where it names none."""
    parts = urlsplit(url if "://" in url else f"redis://{url}")
    return parts.hostname or "", parts.port or CACHE_PORTS[parts.scheme]


def _service(health: RegionHealth, url: str | None) -> None:
    if url is None:
        return
    try:
        with urllib.request.urlopen(f"{url}/health/deep", timeout=DEEP_HEALTH_SECONDS) as answer:  # noqa: S310 (http, from the sandbox's own record)
            document = json.load(answer)
        health.service = f"healthy, probe {document.get('probe_milliseconds', 0):.0f} ms"
    except urllib.error.HTTPError as error:
        health.service = f"answers {error.code}"
        if not health.evacuated:
            health.faults.append(f"deep health of the orders service answers {error.code}")
    except OSError as error:
        health.service = "does not answer"
        health.faults.append(f"the orders service does not answer: {error}")


def _breakers(health: RegionHealth, url: str | None) -> None:
    """Shallow health tells them: an open breaker is what a client does about a fault, and no fault of this region."""
    if url is None:
        return
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=DEEP_HEALTH_SECONDS) as answer:  # noqa: S310 (http, from the sandbox's own record)
            told = json.load(answer).get("breakers")
    except (OSError, ValueError, AttributeError):
        return
    if isinstance(told, dict):
        health.breakers = describe_breakers(told)


def describe_breakers(told: Mapping[str, Mapping[str, str]]) -> str:
    """Region → class of operations → state, in a few words."""
    found = [
        f"{region} {kind} {state}"
        for region, kinds in told.items()
        for kind, state in kinds.items()
        if state != "closed"
    ]
    return ", ".join(found) or "closed"
