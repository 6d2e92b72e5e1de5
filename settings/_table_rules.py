"""Rules of one table, and of one table among the regions of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsfacts import limits
from awsfacts.regions import strong_consistency_set
from settings._errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from settings.data import ScalingSettings, TableSettings
    from settings.regions import RegionSettings


def alone(path: str, table: TableSettings) -> Iterator[Fault]:
    """What is wrong with a table in any stack."""
    if len(table.indexes) > limits.TABLE_INDEXES:
        yield Fault(
            path=f"{path}.indexes",
            value=len(table.indexes),
            rule=f"a table has at most {limits.TABLE_INDEXES} global secondary indexes; got {len(table.indexes)}",
            fix="remove indexes, or split the table",
        )
    yield from _index_keys(path, table)
    yield from _capacity(path, table)
    if table.adopt and table.stream_consumers:
        yield Fault(
            path=f"{path}.stream_consumers",
            value=", ".join(table.stream_consumers),
            rule="consumers read the stream, which the adoption of a table leaves as it is",
            fix="remove them for this deployment, and write them again when 'adopt' is gone",
        )
    if table.adopt and table.consistency == "strong":
        yield Fault(
            path=f"{path}.adopt",
            value=True,
            rule="a strongly consistent table is made whole and empty; one that exists cannot become one",
            fix="write 'consistency: eventual', or copy the items into a new table (holdfast data copy)",
        )
    if table.stream_consumers and not table.stream:
        yield Fault(path=f"{path}.stream", value=False, rule="consumers read the stream", fix="write true")


def among(path: str, table: TableSettings, regions: Sequence[RegionSettings]) -> Iterator[Fault]:
    """What is wrong with a table in a stack of these regions."""
    home = [region.name for region in regions if region.home]
    others = [region.name for region in regions if not region.home]
    replicas = list(others if table.replicas is None else table.replicas)
    yield from _replicas(path, table, home, others)
    if replicas:
        yield from _replicated(path, table)
    if replicas and table.adopt:
        yield Fault(
            path=f"{path}.adopt",
            value=True,
            rule="a table is adopted as it is and alone; replicas need its stream, which comes after",
            fix="write 'replicas: []' beside it for this deployment; remove both lines in the next one",
        )
    if table.consistency == "strong":
        yield from _strong(path, table, [*home, *replicas])
    yield from _home_regions(path, table, [*home, *replicas])
    if table.consistency != "strong" and table.witness is not None:
        yield Fault(
            path=f"{path}.witness",
            value=table.witness,
            rule="only a strongly consistent table has a witness",
            fix="remove it, or write 'consistency: strong'",
        )


def _index_keys(path: str, table: TableSettings) -> Iterator[Fault]:
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


def _capacity(path: str, table: TableSettings) -> Iterator[Fault]:
    if table.provisioned is None:
        return
    for name, given in (("ceilings", table.ceilings), ("warm_throughput", table.warm_throughput)):
        if given is not None:
            yield Fault(
                path=f"{path}.{name}",
                value=name,
                rule="goes with on-demand capacity, and this table is provisioned",
                fix="remove it, or remove 'provisioned'",
            )
    for kind, scaling in (("read", table.provisioned.read), ("write", table.provisioned.write)):
        yield from _scaling(f"{path}.provisioned.{kind}", scaling)


def _scaling(path: str, scaling: ScalingSettings) -> Iterator[Fault]:
    if not scaling.minimum <= scaling.initial <= scaling.maximum:
        yield Fault(
            path=path,
            value=scaling.initial,
            rule=f"minimum {scaling.minimum}, initial {scaling.initial} and maximum {scaling.maximum} must ascend",
            fix="write minimum <= initial <= maximum",
        )


def _replicas(path: str, table: TableSettings, home: list[str], others: list[str]) -> Iterator[Fault]:
    for index, name in enumerate(table.replicas or ()):
        where = f"{path}.replicas[{index}]"
        if name in home or name in (table.replicas or ())[:index]:
            yield Fault(
                path=where,
                value=name,
                rule=f"{name!r} already holds the table",
                fix="remove it from the replicas; the home region is not written there",
            )
        elif name not in others:
            yield Fault(
                path=where,
                value=name,
                rule=f"{name!r} is not a region of this stack; it has {', '.join([*home, *others])}",
                fix="choose one of those, or add the region to holdfast:regions",
            )


def _replicated(path: str, table: TableSettings) -> Iterator[Fault]:
    longest = limits.PITR_DAYS[1]
    if table.point_in_time_recovery_days != longest:
        yield Fault(
            path=f"{path}.point_in_time_recovery_days",
            value=table.point_in_time_recovery_days,
            rule=f"a replica keeps {longest} days or none: its window cannot be chosen, and regions would differ; "
            f"got {table.point_in_time_recovery_days}",
            fix=f"write {longest}, or 'replicas: []'",
        )
    if not table.stream and table.consistency == "eventual":
        yield Fault(
            path=f"{path}.stream",
            value=table.stream,
            rule="replication reads the stream of the table",
            fix="write true, or 'replicas: []'",
        )
    warm = table.warm_throughput
    if warm and max(warm.read_units, warm.write_units) > limits.TABLE_THROUGHPUT_QUOTA:
        yield Fault(
            path=f"{path}.warm_throughput",
            value=max(warm.read_units, warm.write_units),
            rule=f"a replica hangs where the quota of a table ({limits.TABLE_THROUGHPUT_QUOTA:,} by default) is lower",
            fix=f"write at most {limits.TABLE_THROUGHPUT_QUOTA}",
        )


def _home_regions(path: str, table: TableSettings, holders: list[str]) -> Iterator[Fault]:
    homes = table.home_regions
    if homes is None:
        return
    if table.partition_key.type != "S":
        yield Fault(
            path=f"{path}.home_regions",
            value=table.partition_key.type,
            rule="the home of a key follows from its text, and the partition key is no string",
            fix="write 'type: S' for a new table, or remove 'home_regions'",
        )
    if table.consistency == "strong":
        yield Fault(
            path=f"{path}.home_regions",
            value="strong",
            rule="a strongly consistent table refuses conflicting writes itself, in whichever region they are made",
            fix="remove 'home_regions', or write 'consistency: eventual'",
        )
    named = [(f"prefixes.{prefix}", name) for prefix, name in homes.prefixes.items()]
    named += [(f"spread[{index}]", name) for index, name in enumerate(homes.spread)]
    for where, name in named:
        if name not in holders:
            yield Fault(
                path=f"{path}.home_regions.{where}",
                value=name,
                rule=f"{name!r} does not hold the table; {', '.join(holders)} do",
                fix="choose one of those, or add the region to the table's replicas",
            )
    if len(set(homes.spread)) != len(homes.spread):
        yield Fault(
            path=f"{path}.home_regions.spread",
            value=", ".join(homes.spread),
            rule="a region stands there twice",
            fix="write each region once",
        )


def _strong(path: str, table: TableSettings, holders: list[str]) -> Iterator[Fault]:
    members = strong_consistency_set(holders[0]) if holders else ()
    voters = [*holders, table.witness] if table.witness else holders
    if len(voters) != limits.STRONG_REPLICAS or len(set(voters)) != len(voters) or not set(voters) <= set(members):
        choice = ", ".join(members) or "a home region of the sets US, EU or AP"
        yield Fault(
            path=f"{path}.consistency",
            value="strong",
            rule="'strong' needs exactly three regions of one region set, or two and a witness; "
            f"got {', '.join(voters)}",
            fix=f"write 'eventual', or choose from {choice}",
        )
    if table.ttl_attribute is not None:
        yield Fault(
            path=f"{path}.ttl_attribute",
            value=table.ttl_attribute,
            rule="a strongly consistent table expires nothing",
            fix="remove it, or write 'consistency: eventual'",
        )
