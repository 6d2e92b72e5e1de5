"""DynamoDB tables, their replicas, and what is billed by their traffic."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ops.cost.pricers.surroundings import replica_of
from ops.cost.table_bill import Charge, TableShape, Units, bill, needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource

_TARGET = "aws:appautoscaling/target:Target"
_POLICY = "aws:appautoscaling/policy:Policy"


def _table(table: Resource, around: Surroundings) -> Iterator[Charge]:
    name = table.text("name")
    yield from bill(shape_of(name, table.region, around, home=True), around.traffic.table(name))
    for inline in table.inputs.get("replicas") or []:
        region = inline.get("regionName") if isinstance(inline, dict) else None
        if isinstance(region, str):
            shape = shape_of(name, region, around, home=False)
            for charge in bill(shape, around.traffic.table(name)):
                yield charge._replace(region=region)


def _replica(replica: Resource, around: Surroundings) -> Iterator[Charge]:
    name = replica_of(replica)
    yield from bill(shape_of(name, replica.region, around, home=False), around.traffic.table(name))


def shape_of(name: str, region: str, around: Surroundings, *, home: bool) -> TableShape:
    """The table as one region bills it."""
    table = around.tables.get(name)
    if table is None:
        return TableShape(name=name, replicas=2, home=False)
    own = next(
        (one for one in around.of("aws:dynamodb/tableReplica:TableReplica", region) if replica_of(one) == name), None
    )
    indexes = {
        one["name"]: one.get("projectionType", "ALL") for one in table.inputs.get("globalSecondaryIndexes") or []
    }
    recovery = (
        table.block("pointInTimeRecovery").get("enabled")
        if home or own is None
        else own.inputs.get("pointInTimeRecovery")
    )
    chosen = "" if own is None else own.text("tableClassOverride")
    shape = TableShape(
        name=name,
        replicas=1 + len(around.replicas(name)),
        home=home,
        indexes=indexes,
        table_class="STANDARD_INFREQUENT_ACCESS"
        if "INFREQUENT" in (chosen or table.text("tableClass"))
        else "STANDARD",
        ttl=table.block("ttl").get("enabled") is True,
        pitr=recovery is True,
    )
    if table.text("billingMode") == "PAY_PER_REQUEST":
        return shape
    taken = needs(shape, around.traffic.table(name))
    scaling = _Scaling(around, region)
    capacity = Units(
        scaling.units(name, "Read", taken.read, table.number("readCapacity", 1)),
        scaling.units(name, "Write", taken.write, table.number("writeCapacity", 1)),
    )
    index_capacity = {
        index["name"]: Units(
            scaling.units(f"{name}/index/{index['name']}", "Read", Decimal(0), index.get("readCapacity", 1)),
            scaling.units(
                f"{name}/index/{index['name']}", "Write", taken.by_index[index["name"]], index.get("writeCapacity", 1)
            ),
        )
        for index in table.inputs.get("globalSecondaryIndexes") or []
    }
    return TableShape(**{**vars(shape), "capacity": capacity, "index_capacity": index_capacity})


class _Scaling:
    """The autoscaling of one region."""

    def __init__(self, around: Surroundings, region: str) -> None:
        self._around, self._region = around, region

    def units(self, resource: str, way: str, used: Decimal, fixed: float) -> Decimal:
        """Units that are provided on average for what is used; the fixed ones where nothing scales them."""
        target = self._find(_TARGET, resource, way)
        if target is None:
            return Decimal(str(fixed))
        policy = self._find(_POLICY, resource, way)
        tracking = policy.block("targetTrackingScalingPolicyConfiguration") if policy else {}
        share = Decimal(str(tracking.get("targetValue", 70))) / 100
        least, most = (Decimal(str(target.number(name, 1))) for name in ("minCapacity", "maxCapacity"))
        return min(max(used / share, least), most)

    def _find(self, kind: str, resource: str, way: str) -> Resource | None:
        for one in self._around.of(kind, self._region):
            scaled = one.text("scalableDimension").endswith(f":{way}CapacityUnits")
            if scaled and one.text("resourceId") == f"table/{resource}":
                return one
        return None


def _insights(insights: Resource, around: Surroundings) -> Iterator[Charge]:
    """Two rules (accessed, throttled) for each key attribute, and an event for each attribute of each call."""
    table = around.tables.get(insights.text("tableName"))
    attributes = Decimal(2 if table is not None and table.text("rangeKey") else 1)
    index = insights.text("indexName")
    calls = around.item_calls(insights.text("tableName")) / (1 + len(around.replicas(insights.text("tableName"))))
    yield Charge(f"insight rules{f' of {index}' if index else ''}", "dynamodb.insights.rule", attributes * 2)
    yield Charge("insight events", "dynamodb.insights.event", Decimal(0) if index else calls * attributes)


def _changes(destination: Resource, around: Surroundings) -> Iterator[Charge]:
    name = destination.text("tableName")
    size = Decimal(str(around.traffic.table(name).item_kb)).to_integral_value(rounding="ROUND_CEILING")
    yield Charge("changes to Kinesis", "dynamodb.kinesis.change", around.writes(name) * size)


PRICERS = {
    "aws:dynamodb/table:Table": _table,
    "aws:dynamodb/tableReplica:TableReplica": _replica,
    "aws:dynamodb/contributorInsights:ContributorInsights": _insights,
    "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination": _changes,
}
