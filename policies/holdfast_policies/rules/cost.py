"""What may be spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awsfacts.iam.glob import matches
from holdfast_policies import kinds
from holdfast_policies.graph import regions_of
from holdfast_policies.prices import estimate
from holdfast_policies.rule import Level, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Settings

cost = Subject("cost", pack="operations")


def _count(default: int, what: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "default": default, "description": what}


def _names(default: list[str], what: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "default": default, "description": what}


@cost.rule(
    "dynamodb-capacity-ceiling",
    kinds.TABLE,
    kinds.AUTOSCALING_TARGET,
    title="Provisioned capacity stays below a ceiling",
    why="A zero too many is paid for by the hour until somebody reads the bill.",
    fix="lower the capacity, or raise the rule's setting",
    settings={
        "maximum_reads": _count(20_000, "Most read capacity units of a table or index."),
        "maximum_writes": _count(10_000, "Most write capacity units of a table or index."),
    },
)
def capacity_ceiling(resource: Resource, settings: Settings) -> Iterator[str]:
    """Tables, their indexes, and the maxima of autoscaling."""
    if resource.type == kinds.AUTOSCALING_TARGET:
        dimension = resource.text("scalableDimension")
        way = "reads" if "Read" in dimension else "writes"
        most = resource.number("maxCapacity") or 0
        if dimension.startswith("dynamodb:") and most > settings[f"maximum_{way}"]:
            yield f"scales to {most:g} {way}, and {settings[f'maximum_{way}']} are the ceiling"
        return
    if resource.text("billingMode") == "PAY_PER_REQUEST":
        return
    for view in (resource, *resource.views("globalSecondaryIndexes")):
        for way, name in (("reads", "readCapacity"), ("writes", "writeCapacity")):
            units = view.number(name) or 0
            if units > settings[f"maximum_{way}"]:
                yield f"provisions {units:g} {way}, and {settings[f'maximum_{way}']} are the ceiling"


@cost.rule(
    "dynamodb-on-demand-maximum",
    kinds.TABLE,
    severity=Severity.LOW,
    title="An on-demand table has a maximum",
    why="A loop that writes to an on-demand table is billed as fast as it runs.",
    fix="set on_demand_throughput={'max_read_request_units': …, 'max_write_request_units': …}",
)
def on_demand_maximum(table: Resource, _settings: Settings) -> Iterator[str]:
    """Both directions; -1 is no maximum."""
    if table.text("billingMode") != "PAY_PER_REQUEST":
        return
    limit = table.view("onDemandThroughput")
    if any((limit.number(name) or -1) < 0 for name in ("maxReadRequestUnits", "maxWriteRequestUnits")):
        yield "may spend without limit"


@cost.rule(
    "dynamodb-table-class",
    kinds.TABLE,
    kinds.REPLICA,
    title="A table has one of the allowed classes",
    why="Standard-IA makes storage cheaper and every request dearer: it is a decision, not a default.",
    fix="use a class of the rule's setting, or add the class to it",
    settings={"allowed": _names(["STANDARD"], "Table classes that may be used.")},
)
def table_class(table: Resource, settings: Settings) -> Iterator[str]:
    """`tableClass` of a table, `tableClassOverride` of a replica."""
    chosen = table.text("tableClass") or table.text("tableClassOverride") or "STANDARD"
    if chosen not in settings["allowed"]:
        yield f"has class {chosen}"


@cost.rule(
    "dynamodb-gsi-projection",
    kinds.TABLE,
    severity=Severity.LOW,
    title="Indexes copy no more than they need",
    why="An index with projection ALL stores and writes every item again.",
    fix="project KEYS_ONLY or INCLUDE what the queries read, or raise the rule's setting",
    settings={"maximum_all": _count(2, "Most indexes of a table with projection ALL.")},
)
def index_projection(table: Resource, settings: Settings) -> Iterator[str]:
    """Counted per table."""
    full = [one.text("name") for one in table.views("globalSecondaryIndexes") if one.text("projectionType") == "ALL"]
    if len(full) > settings["maximum_all"]:
        yield f"has {len(full)} indexes with projection ALL ({', '.join(full)})"


@cost.stack_rule(
    "dynamodb-replica-ceiling",
    kinds.TABLE,
    kinds.REPLICA,
    title="A table has no more replicas than needed",
    why="Every write is billed once more in each replica.",
    fix="remove replicas, or raise the rule's setting",
    settings={"maximum_regions": _count(3, "Most regions of a table, its own included.")},
)
def replica_ceiling(stack: Stack, settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Inline replicas and replicas of their own count."""
    for table in stack.of(kinds.TABLE):
        found = len(regions_of(stack, table))
        if found > settings["maximum_regions"]:
            yield table, f"is in {found} regions, and {settings['maximum_regions']} are the ceiling"


@cost.rule(
    "cache-node-allowlist",
    kinds.DAX,
    kinds.CACHE_GROUP,
    kinds.CACHE_CLUSTER,
    title="Caches use allowed node types",
    why="A node type decides the bill, and the network that the cache can fill.",
    fix="use a node type of the rule's setting, or add the type to it",
    settings={
        "allowed": _names(
            ["dax.r*.large", "dax.r*.xlarge", "dax.t3.*", "cache.r*.large", "cache.r*.xlarge", "cache.m*.large",
             "cache.t4g.*", "cache.t3.*"],
            "Node types, with * and ?.",
        )
    },
)  # fmt: skip
def node_allowlist(cache: Resource, settings: Settings) -> Iterator[str]:
    """Only where a node type is named: a secondary takes its primary's."""
    node = cache.text("nodeType")
    if node and not any(matches(pattern, node) for pattern in settings["allowed"]):
        yield f"uses node type {node}"


@cost.stack_rule(
    "budget-alarm",
    kinds.BUDGET,
    level=Level.ADVISORY,
    title="Somebody is told before the money is spent",
    why="A bill comes a month later.",
    fix="add an aws.budgets.Budget with notifications at 80 and 100 %",
)
def budget_alarm(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource | None, str]]:
    """A budget that tells somebody."""
    budgets = list(stack.of(kinds.BUDGET))
    if not budgets and any(resource.type.startswith("aws:") for resource in stack.resources):
        yield None, "has no budget"
    for budget in budgets:
        notified = [
            one
            for one in budget.views("notifications")
            if one.has("subscriberEmailAddresses") or one.has("subscriberSnsTopicArns")
        ]
        if not notified:
            yield budget, "tells nobody"


@cost.stack_rule(
    "estimated-monthly-cost",
    kinds.TABLE,
    kinds.DAX,
    kinds.CACHE_GROUP,
    kinds.EKS,
    kinds.NAT_GATEWAY,
    kinds.ENDPOINT,
    title="What stands ready costs less than the budget",
    why="What runs by the hour costs the same whether anybody uses it.",
    fix="make less of it, or raise the rule's setting",
    settings={"maximum_usd": {"type": "number", "minimum": 0, "default": 10_000, "description": "US dollars a month."}},
)
def monthly_cost(stack: Stack, settings: Settings) -> Iterator[tuple[Resource | None, str]]:
    """Hourly prices only: requests, storage and traffic depend on use and are left out."""
    total, lines = estimate(stack)
    if total > settings["maximum_usd"]:
        largest = ", ".join(f"{name} {price:,.0f}" for name, price in lines[:3])
        yield None, f"costs at least {total:,.0f} USD a month to stand ready (largest: {largest})"
