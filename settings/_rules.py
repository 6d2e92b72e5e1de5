"""Rules that no single value breaks: each looks at the parts of a stack that could be read."""

from __future__ import annotations

import ipaddress
from itertools import combinations
from typing import TYPE_CHECKING, Any

from awsfacts import limits
from awsfacts.regions import REGIONS as REGION_CODES
from settings import _edge_rules, _size_rules, _table_rules
from settings import _layer_rules as needs
from settings._errors import Fault
from settings.regions import ZONES, RegionSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from settings.backup import BackupSettings
    from settings.data import DataSettings
    from settings.security import SecuritySettings
    from settings.stack import StackSettings

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
    if regions is not None and parts.get("stack") is not None:
        yield from _given_up(parts["stack"], regions)
        yield from _handed_over(parts["stack"], regions)
    if data is not None:
        yield from _physical_names(data)
        for logical, table in data.tables.items():
            yield from _table_rules.alone(f"{TABLES}.{logical}", table)
        if "security" in parts and parts["security"] is None:
            yield Fault(
                path="holdfast:security",
                value=None,
                rule="is missing: tables are encrypted with the stack's own keys",
                fix="add the key holdfast:security; {} takes its defaults",
            )
    if regions is not None and data is not None:
        for logical, table in data.tables.items():
            yield from _table_rules.among(f"{TABLES}.{logical}", table, regions)
        if data.backup is not None:
            yield from _backup(data.backup, regions)
    security = parts.get("security")
    if security is not None and data is not None:
        yield from _item_access(security, data)
    yield from needs.faults_of(parts)
    yield from _edge_rules.faults_of(parts)
    yield from _size_rules.faults_of(parts)
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
        second = next((index for index, region in enumerate(regions) if region.name in homes[1:]), None)
        yield Fault(
            path=REGIONS if second is None else f"{REGIONS}[{second}].home",
            value=homes,
            rule=f"exactly one region is home; {got}",
            fix="write 'home: true' in one entry and leave it out of the others",
        )


def _given_up(stack: StackSettings, regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    homes = [region.name for region in regions if region.home]
    for index, name in enumerate(stack.give_up.regions):
        if name in homes:
            yield Fault(
                path=f"holdfast:stack.give_up.regions[{index}]",
                value=name,
                rule=f"{name!r} is the home region: the tables are managed there, and every replica hangs on them",
                fix="remove it; docs/howto/remove-a-region.md tells how a stack leaves its home region",
            )


def _handed_over(stack: StackSettings, regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    others = [region.name for region in regions if not region.home]
    if stack.hand_over_to is None or stack.hand_over_to in others:
        return
    here = "is the home region, which hands over" if stack.hand_over_to in [one.name for one in regions] else "is none"
    yield Fault(
        path="holdfast:stack.hand_over_to",
        value=stack.hand_over_to,
        rule=f"tables are handed over in a region of this stack that holds replicas; {stack.hand_over_to!r} {here}",
        fix=f"write one of {', '.join(others)}" if others else "add the region first (docs/howto/add-a-region.md)",
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
        if region.name not in REGION_CODES:
            continue
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


def _item_access(security: SecuritySettings, data: DataSettings) -> Iterator[Fault]:
    for name, access in security.item_access.items():
        path = f"holdfast:security.item_access.{name}"
        table = data.tables.get(access.table)
        if table is None:
            yield Fault(
                path=f"{path}.table",
                value=access.table,
                rule=f"there is no table {access.table!r} in holdfast:data.tables",
                fix=f"write one of {', '.join(data.tables)}",
            )
            continue
        keys = [key.name for key in (table.partition_key, table.sort_key) if key]
        missing = [key for key in keys if key not in access.attributes]
        if missing:
            yield Fault(
                path=f"{path}.attributes",
                value=access.attributes,
                rule=f"a session that may not name the key {missing[0]!r} reaches no item",
                fix=f"add {', '.join(missing)}",
            )


def _backup(backup: BackupSettings, regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    path = "holdfast:data.backup"
    if backup.copy_region in [region.name for region in regions if region.home]:
        yield Fault(
            path=f"{path}.copy_region",
            value=backup.copy_region,
            rule=f"{backup.copy_region!r} is the home region, and a copy there is lost with it",
            fix="write another region",
        )
    for name, rule in (("daily", backup.daily), ("weekly", backup.weekly), ("monthly", backup.monthly)):
        kept = rule.delete_after_days
        if rule.cold_after_days is not None and kept < rule.cold_after_days + limits.COLD_STORAGE_DAYS:
            yield Fault(
                path=f"{path}.{name}.delete_after_days",
                value=kept,
                rule=f"what moves to cold storage after {rule.cold_after_days} days stays there "
                f"{limits.COLD_STORAGE_DAYS} days; got {kept}",
                fix=f"write {rule.cold_after_days + limits.COLD_STORAGE_DAYS} or more",
            )
        for field in ("delete_after_days", "copy_delete_after_days"):
            days = getattr(rule, field)
            if days is not None and not backup.lock.min_retention_days <= days <= backup.lock.max_retention_days:
                yield Fault(
                    path=f"{path}.{name}.{field}",
                    value=days,
                    rule=f"the locked vault accepts {backup.lock.min_retention_days} to "
                    f"{backup.lock.max_retention_days} days; got {days}",
                    fix="write a retention within the lock, or change the lock",
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
