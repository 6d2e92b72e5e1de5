"""What a stack file takes away from what stands: refused where it would lose the only copy of anything.

What stands is the topology of the last deployment, which names the home region, the regions and their tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from settings._errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from settings._root import Settings

PAGE = "docs/howto/remove-a-region.md"


def removal_faults(wanted: Settings, standing: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What must not be taken away, or not yet.

    Args:
        wanted: the stack file as it is now.
        standing: the document of the topology that the last deployment wrote (`Topology.to_dict()`).
    """
    return tuple(_faults(wanted, standing))


def _faults(wanted: Settings, standing: Mapping[str, Any]) -> Iterator[Fault]:
    home = str(standing["home_region"])
    regions: Mapping[str, Any] = standing["regions"]
    if home not in wanted.region_names:
        yield _home_removed(home, regions)
    elif home != wanted.home.name:
        yield _home_moved(home, wanted)
    for region in regions:
        if region not in wanted.region_names and region != home and region not in wanted.stack.give_up.regions:
            yield _region_removed(region, regions)
    yield from _tables(wanted, regions[home]["tables"], regions)


def _home_removed(home: str, regions: Mapping[str, Any]) -> Fault:
    names = _names(regions[home]["tables"])
    others = [region for region in regions if region != home]
    return Fault(
        path="holdfast:regions",
        value=home,
        rule=f"{home} is the home region and cannot leave the stack: {names} are managed there, and "
        + (f"the replicas in {_list(others)} hang on them" if others else "nowhere else is a copy of them"),
        fix=f"keep {home}; to leave it, let another stack adopt its tables elsewhere first ({PAGE}, 'The home region')",
    )


def _home_moved(home: str, wanted: Settings) -> Fault:
    index = next(i for i, region in enumerate(wanted.regions) if region.home)
    return Fault(
        path=f"holdfast:regions[{index}].home",
        value=wanted.home.name,
        rule=f"{home} is home, and home cannot move: every table would be made anew in {wanted.home.name}, and the "
        f"one in {home} deleted",
        fix=f"write 'home: true' for {home}; traffic moves without it (holdfast failover), see {PAGE}",
    )


def _region_removed(region: str, regions: Mapping[str, Any]) -> Fault:
    left = [other for other in regions if other != region]
    return Fault(
        path="holdfast:regions",
        value=region,
        rule=f"{region} would go, and with it its replicas of {_names(regions[region]['tables'])}, its caches, its "
        f"cluster and its names; what was written there and not yet replicated to {_list(left)} would be lost",
        fix=f"put {region} back, evacuate it (holdfast evacuate {region}), deploy once with "
        f"'give_up: {{regions: [{region}]}}' in holdfast:stack, which lifts its protection, then remove it ({PAGE})",
    )


def _tables(wanted: Settings, here: Mapping[str, Any], regions: Mapping[str, Any]) -> Iterator[Fault]:
    """Tables that the stack file no longer has, or no longer in a region that stays."""
    tables = wanted.data.tables if wanted.data else {}
    given_up = wanted.stack.give_up
    for logical, table in here.items():
        if logical in given_up.tables:
            continue
        if logical not in tables:
            yield Fault(
                path=f"holdfast:data.tables.{logical}",
                value=table["name"],
                rule=f"the table {table['name']} would go, in every region, with every item",
                fix=f"put it back; to give it up, deploy once with 'give_up: {{tables: [{logical}]}}' in "
                "holdfast:stack and remove it then",
            )
            continue
        if tables[logical].name != table["name"]:
            yield Fault(
                path=f"holdfast:data.tables.{logical}.name",
                value=tables[logical].name,
                rule=f"a table is not renamed: {table['name']} would be deleted and {tables[logical].name} made empty",
                fix=f"write {table['name']!r}; a new table gets a logical name of its own",
            )
        yield from _replicas(wanted, logical, regions)


def _replicas(wanted: Settings, logical: str, regions: Mapping[str, Any]) -> Iterator[Fault]:
    for region, found in regions.items():
        stays = region in wanted.region_names and region not in wanted.stack.give_up.regions
        if stays and logical in found["tables"] and logical not in wanted.tables_in(region):
            yield Fault(
                path=f"holdfast:data.tables.{logical}.replicas",
                value=region,
                rule=f"the replica of {logical} in {region} would go; clients there would read and write it elsewhere",
                fix=f"add {region}; to give the region up, write 'give_up: {{regions: [{region}]}}' in holdfast:stack",
            )


def _names(tables: Mapping[str, Any]) -> str:
    return _list([str(table["name"]) for table in tables.values()]) if tables else "no tables"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
