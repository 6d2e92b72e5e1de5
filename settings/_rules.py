"""Rules that no single value breaks: each looks at the parts of a stack that could be read."""

from __future__ import annotations

import ipaddress
from itertools import combinations
from typing import TYPE_CHECKING, Any

from awsfacts import limits
from settings._errors import Fault
from settings.regions import ZONES, RegionSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from settings.data import DataSettings, TableSettings

REGIONS = "holdfast:regions"
TABLES = "holdfast:data.tables"


def faults_of(parts: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault of the parts that could be read, by name of their root key."""
    regions: Sequence[RegionSettings] | None = parts.get("regions")
    data: DataSettings | None = parts.get("data")
    if regions is not None:
        yield from _names(regions)
        yield from _home(regions)
        yield from _networks(regions)
        yield from _zones(regions)
    if data is not None:
        yield from _physical_names(data)
        for logical, table in data.tables.items():
            yield from _table(f"{TABLES}.{logical}", table)
        if "security" in parts and parts["security"] is None:
            yield Fault(
                path="holdfast:security",
                value=None,
                rule="is missing: tables are encrypted with the stack's own keys",
                fix="add the key holdfast:security; {} takes its defaults",
            )
    if regions is not None and data is not None:
        for logical, table in data.tables.items():
            yield from _replicas(f"{TABLES}.{logical}", table, regions)
    if regions is not None:
        yield from _ports(parts, regions)


def _names(regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, region in enumerate(regions):
        if region.name in seen:
            yield Fault(
                path=f"{REGIONS}[{index}].name",
                value=region.name,
                rule=f"{region.name!r} is named twice",
                fix="remove one of the two entries",
            )
        seen.add(region.name)


def _home(regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    homes = [region.name for region in regions if region.home]
    if len(homes) != 1:
        got = f"got {len(homes)}: {', '.join(homes)}" if homes else "none is"
        yield Fault(
            path=REGIONS,
            value=homes,
            rule=f"exactly one region is home; {got}",
            fix="write 'home: true' in one entry and leave it out of the others",
        )


def _networks(regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    for (_, first), (index, second) in combinations(enumerate(regions), 2):
        if ipaddress.IPv4Network(first.cidr).overlaps(ipaddress.IPv4Network(second.cidr)):
            yield Fault(
                path=f"{REGIONS}[{index}].cidr",
                value=second.cidr,
                rule=f"{second.cidr} overlaps {first.cidr} of {first.name}; the regions could not be joined",
                fix=f"write a network of its own, such as {_free(regions)!r}",
            )


def _free(regions: Sequence[RegionSettings]) -> str:
    taken = [ipaddress.IPv4Network(region.cidr) for region in regions]
    candidates = (ipaddress.IPv4Network(f"10.{number}.0.0/16") for number in range(10, 256, 10))
    return str(next(network for network in candidates if not any(network.overlaps(other) for other in taken)))


def _zones(regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    for index, region in enumerate(regions):
        wrong = [zone for zone in region.zone_names if not zone.startswith(region.name)]
        if len(set(region.zone_names)) != ZONES or wrong:
            yield Fault(
                path=f"{REGIONS}[{index}].zones",
                value=region.zone_names,
                rule=f"{ZONES} different zones of {region.name} are needed; got {', '.join(region.zone_names)}",
                fix=f"write {ZONES} zones such as {region.name}a, or choose a region that has them",
            )


def _physical_names(data: DataSettings) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for logical, table in data.tables.items():
        if table.name in seen:
            yield Fault(
                path=f"{TABLES}.{logical}.name",
                value=table.name,
                rule=f"{table.name!r} is already the table {seen[table.name]!r}",
                fix="write a name of its own",
            )
        seen[table.name] = logical


def _table(path: str, table: TableSettings) -> Iterator[Fault]:
    if len(table.indexes) > limits.TABLE_INDEXES:
        yield Fault(
            path=f"{path}.indexes",
            value=len(table.indexes),
            rule=f"a table has at most {limits.TABLE_INDEXES} global secondary indexes; got {len(table.indexes)}",
            fix="remove indexes, or split the table",
        )
    types = {key.name: key.type for key in (table.partition_key, table.sort_key) if key}
    for name, index in table.indexes.items():
        for part, key in (("partition_key", index.partition_key), ("sort_key", index.sort_key)):
            if key and types.setdefault(key.name, key.type) != key.type:
                yield Fault(
                    path=f"{path}.indexes.{name}.{part}.type",
                    value=key.type,
                    rule=f"attribute {key.name!r} is {types[key.name]} elsewhere in this table",
                    fix=f"write {types[key.name]!r}",
                )
        if (index.projection == "INCLUDE") != bool(index.included_attributes):
            yield Fault(
                path=f"{path}.indexes.{name}.included_attributes",
                value=index.included_attributes,
                rule="included attributes go with projection INCLUDE, and only with it",
                fix="write projection: INCLUDE and the attributes, or neither",
            )


def _replicas(path: str, table: TableSettings, regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    names = [region.name for region in regions]
    homes = [region.name for region in regions if region.home]
    for index, name in enumerate(table.replicas or ()):
        if name not in names:
            yield Fault(
                path=f"{path}.replicas[{index}]",
                value=name,
                rule=f"{name!r} is not a region of this stack; it has {', '.join(names)}",
                fix="choose one of those, or add the region to holdfast:regions",
            )
        elif name in homes or name in (table.replicas or ())[:index]:
            yield Fault(
                path=f"{path}.replicas[{index}]",
                value=name,
                rule=f"{name!r} already holds the table",
                fix="remove it from the replicas; the home region is not written there",
            )
    count = len(regions) - 1 if table.replicas is None else len(table.replicas)
    if count and table.point_in_time_recovery_days != limits.PITR_DAYS[1]:
        yield Fault(
            path=f"{path}.point_in_time_recovery_days",
            value=table.point_in_time_recovery_days,
            rule=f"a replica keeps {limits.PITR_DAYS[1]} days or none: its window cannot be chosen, "
            f"and regions would differ; got {table.point_in_time_recovery_days}",
            fix=f"write {limits.PITR_DAYS[1]}, or 'replicas: []'",
        )
    if count and not table.stream:
        yield Fault(
            path=f"{path}.stream",
            value=table.stream,
            rule="replication reads the stream of the table",
            fix="write true, or 'replicas: []'",
        )


def _ports(parts: Mapping[str, Any], regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    sandbox = parts.get("sandbox")
    names = [region.name for region in regions]
    seen: dict[int, str] = {}
    for name, port in sandbox.ports.items() if sandbox is not None else ():
        path = f"holdfast:sandbox.ports.{name}"
        if name not in names:
            yield Fault(
                path=path,
                value=name,
                rule=f"{name!r} is not a region of this stack; it has {', '.join(names)}",
                fix="choose one of those",
            )
        if port in seen:
            yield Fault(path=path, value=port, rule=f"port {port} is that of {seen[port]}", fix="write another port")
        seen[port] = name
