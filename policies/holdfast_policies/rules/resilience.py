"""Serving on when a zone or a Region does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from awsfacts.regions import strong_consistency_set
from holdfast_policies import kinds
from holdfast_policies.graph import regions_of, replicas_of, serving_regions, table_name
from holdfast_policies.rule import Level, Severity, Subject
from holdfast_policies.rules.encryption import is_secondary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.rule import Change, Settings

resilience = Subject("resilience", pack="recovery")


@resilience.stack_rule(
    "dynamodb-minimum-replicas",
    kinds.TABLE,
    kinds.REPLICA,
    level=Level.ADVISORY,
    title="A table has replicas in enough regions",
    why="A table in one region stops with that region.",
    fix="add an aws.dynamodb.TableReplica in another region",
    settings={"minimum_regions": {"type": "integer", "minimum": 1, "default": 2, "description": "Regions of a table."}},
)  # fmt: skip
def minimum_replicas(stack: Stack, settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Inline replicas and replicas of their own count."""
    for table in stack.of(kinds.TABLE):
        found = len(regions_of(stack, table))
        if found < settings["minimum_regions"]:
            yield (
                table,
                f"is in {found} region{'' if found == 1 else 's'}, and {settings['minimum_regions']} are wanted",
            )


@resilience.stack_rule(
    "dynamodb-replica-parity",
    kinds.TABLE,
    kinds.REPLICA,
    kinds.CONTRIBUTOR_INSIGHTS,
    severity=Severity.HIGH,
    title="A replica is as protected as its table",
    why="After a failover the replica is the table: what it lacks is lacking in the emergency.",
    fix="give the replica the same point-in-time recovery, deletion protection, key, class and insights as the table",
)
def replica_parity(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """What is not inherited, table against replica, in both directions of interest: the replica has no less."""
    for table in stack.of(kinds.TABLE):
        wanted = {
            "point-in-time recovery": table.view("pointInTimeRecovery").flag("enabled"),
            "deletion protection": table.flag("deletionProtectionEnabled"),
            "a key of yours": table.view("serverSideEncryption").has("kmsKeyArn"),
        }
        for replica in (*table.views("replicas"), *replicas_of(stack, table)):
            has = {
                "point-in-time recovery": replica.flag("pointInTimeRecovery"),
                "deletion protection": replica.flag("deletionProtectionEnabled"),
                "a key of yours": replica.has("kmsKeyArn"),
            }
            lacks = [name for name, is_wanted in wanted.items() if is_wanted and not has[name]]
            place = replica.text("regionName") or replica.text("region") or replica.path
            if lacks:
                yield table, f"has {', '.join(lacks)}, and its replica in {place} does not"
        yield from _class_parity(stack, table)


def _class_parity(stack: Stack, table: Resource) -> Iterator[tuple[Resource, str]]:
    own = table.text("tableClass") or "STANDARD"
    for replica in replicas_of(stack, table):
        theirs = replica.text("tableClassOverride") or own
        if theirs != own:
            yield replica, f"has class {theirs}, and its table {own}"


@resilience.rule(
    "dynamodb-mrsc-regions-valid",
    kinds.TABLE,
    severity=Severity.HIGH,
    title="A strongly consistent table has its replicas in the regions that allow it",
    why="DynamoDB refuses it in the middle of a deployment.",
    fix="use three replicas, or two and a witness, within one region set: us-east-1, us-east-2, us-west-2; "
    "eu-west-1, eu-west-2, eu-west-3, eu-central-1; ap-northeast-1, -2, -3; and no TTL",
)
def mrsc_regions(table: Resource, _settings: Settings) -> Iterator[str]:
    """Three regions of one set (DynamoDB developer guide, "Multi-Region strong consistency"), and no TTL."""
    replicas = list(table.views("replicas"))
    if not any(replica.text("consistencyMode") == "STRONG" for replica in replicas):
        return
    witness = table.view("globalTableWitness").text("regionName")
    regions = [table.region, *(replica.text("regionName") for replica in replicas)]
    members = [region for region in (*regions, witness) if region]
    if any(replica.text("consistencyMode") != "STRONG" for replica in replicas):
        yield "has replicas of both consistency modes"
    if len(regions) + bool(witness) != 3:
        yield f"is strongly consistent in {len(regions) + bool(witness)} regions, and exactly three are needed"
    allowed = strong_consistency_set(members[0]) if members else ()
    strangers = [region for region in members if region not in allowed]
    if strangers:
        yield f"is strongly consistent across region sets: {', '.join(members)}"
    if table.view("ttl").flag("enabled"):
        yield "is strongly consistent and has TTL, which DynamoDB does not allow"


@resilience.rule(
    "dynamodb-no-legacy-global-table",
    kinds.GLOBAL_TABLE,
    severity=Severity.HIGH,
    title="No global table of the version of 2017 is used",
    why="Version 2017.11.29 costs more per write, and cannot have what was added since 2019.",
    fix="use aws.dynamodb.Table with replicas, or aws.dynamodb.TableReplica",
)
def no_legacy(_table: Resource, _settings: Settings) -> Iterator[str]:
    """Any aws.dynamodb.GlobalTable."""
    yield "is a global table of version 2017.11.29"


_DIMENSIONS: Final = {
    "read": "dynamodb:table:ReadCapacityUnits",
    "write": "dynamodb:table:WriteCapacityUnits",
}


def _provisioned(stack: Stack) -> Iterator[Resource]:
    return (table for table in stack.of(kinds.TABLE) if table.text("billingMode") in ("", "PROVISIONED"))


def _targets(stack: Stack, table: Resource, dimension: str) -> list[Resource]:
    return [
        target
        for target in stack.of(kinds.AUTOSCALING_TARGET)
        if target.text("scalableDimension") == dimension and target.text("resourceId") == f"table/{table_name(table)}"
    ]


@resilience.stack_rule(
    "dynamodb-autoscaling-or-on-demand",
    kinds.TABLE,
    kinds.AUTOSCALING_TARGET,
    title="A table's capacity follows its load",
    why="Fixed capacity throttles at the first peak, or is paid for in every trough.",
    fix="set billing_mode='PAY_PER_REQUEST', or add aws.appautoscaling.Target and Policy for reads and writes",
    controls=("Security Hub DynamoDB.1",),
)
def autoscaling(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Provisioned tables have a target for reads and one for writes."""
    for table in _provisioned(stack):
        missing = [way for way, dimension in _DIMENSIONS.items() if not _targets(stack, table, dimension)]
        if missing:
            yield table, f"has fixed capacity for {' and '.join(f'{way}s' for way in missing)}"


@resilience.stack_rule(
    "dynamodb-replica-capacity-parity",
    kinds.TABLE,
    kinds.REPLICA,
    kinds.AUTOSCALING_TARGET,
    severity=Severity.HIGH,
    title="Each replica of a provisioned table can take the whole load",
    why="A replica that scales to half throttles as soon as it serves alone, and a slow replica holds up replication.",
    fix="give the targets of every region the same max_capacity",
)
def capacity_parity(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Targets of the same table and dimension agree on their maximum over all regions."""
    for table in _provisioned(stack):
        if len(regions_of(stack, table)) < 2:
            continue
        for way, dimension in _DIMENSIONS.items():
            maxima = {target.region: target.number("maxCapacity") for target in _targets(stack, table, dimension)}
            if len(set(maxima.values())) > 1:
                words = ", ".join(f"{region} {most or 0:g}" for region, most in sorted(maxima.items()))
                yield table, f"scales its {way}s to different maxima: {words}"


@resilience.rule(
    "dynamodb-failover-warm-throughput",
    kinds.TABLE,
    title="A table that is to take over another region's load is allowed and ready to",
    why="A cold table, or one with a low ceiling, throttles in the minute after a failover.",
    fix="raise on_demand_throughput or warm_throughput to what the table serves in all regions together",
    settings={
        "minimum_reads": {"type": "integer", "minimum": 0, "default": 12_000, "description": "Read units a second."},
        "minimum_writes": {"type": "integer", "minimum": 0, "default": 4000, "description": "Write units a second."},
    },
)  # fmt: skip
def warm_throughput(table: Resource, settings: Settings) -> Iterator[str]:
    """On-demand tables with replicas or a stream: a new one starts warm for 12,000 reads and 4,000 writes."""
    if table.text("billingMode") != "PAY_PER_REQUEST" or not (table.has("replicas") or table.flag("streamEnabled")):
        return
    warm, ceiling = table.view("warmThroughput"), table.view("onDemandThroughput")
    for way, units, most, initial in (
        ("reads", "readUnitsPerSecond", "maxReadRequestUnits", 12_000),
        ("writes", "writeUnitsPerSecond", "maxWriteRequestUnits", 4000),
    ):
        wanted = settings[f"minimum_{way}"]
        limit, ready = ceiling.number(most), warm.number(units) or initial
        if limit is not None and 0 <= limit < wanted:
            yield f"may serve {limit:g} {way} a second at most, and {wanted} are wanted"
        elif ready < wanted:
            yield f"is warm for {ready:g} {way} a second, and {wanted} are wanted"


@resilience.rule(
    "dax-multi-az",
    kinds.DAX,
    title="A DAX cluster survives the loss of a zone",
    why="With one node, or one zone, the cache is gone with it, and its load falls on the table.",
    fix="set replication_factor to 3 or more, over as many availability_zones",
    settings={"minimum_nodes": {"type": "integer", "minimum": 1, "default": 3, "description": "Nodes of a cluster."}},
)
def dax_multi_az(cluster: Resource, settings: Settings) -> Iterator[str]:
    """AWS spreads nodes over the zones of the subnet group unless zones are named."""
    nodes = cluster.number("replicationFactor") or 1
    if nodes < settings["minimum_nodes"]:
        yield f"has {nodes:g} node{'' if nodes == 1 else 's'}, and {settings['minimum_nodes']} are wanted"
    elif cluster.has("availabilityZones") and len(set(cluster.texts("availabilityZones"))) < 2:
        yield "has all its nodes in one zone"


@resilience.stack_rule(
    "dax-per-replica-region",
    kinds.DAX,
    kinds.TABLE,
    title="Where one region has a DAX cluster, each region of its tables has one",
    why="After a failover the region without a cache serves every read from the table, cold.",
    fix="add an aws.dax.Cluster in the region",
)
def dax_per_region(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource | None, str]]:
    """DAX is regional: a cluster serves its own region's replica."""
    clusters = list(stack.of(kinds.DAX))
    have = {cluster.region for cluster in clusters}
    wanted = {region for table in stack.of(kinds.TABLE) for region in regions_of(stack, table)}
    if clusters and wanted - have:
        missing = ", ".join(sorted(wanted - have))
        yield clusters[0], f"has no counterpart in {missing}, where a replica serves"


@resilience.rule(
    "elasticache-failover",
    kinds.CACHE_GROUP,
    title="An ElastiCache group fails over by itself",
    why="Without it a lost primary is down until somebody promotes a replica by hand.",
    fix="set automatic_failover_enabled=True, with at least one replica",
    controls=("Security Hub ElastiCache.3",),
)
def cache_failover(group: Resource, _settings: Settings) -> Iterator[str]:
    """A secondary of a global group follows its primary."""
    if not is_secondary(group) and not group.flag("automaticFailoverEnabled"):
        yield "does not fail over by itself"


@resilience.rule(
    "elasticache-multi-az",
    kinds.CACHE_GROUP,
    title="An ElastiCache group has its nodes in several zones",
    why="A replica in the zone of its primary is lost with it.",
    fix="set multi_az_enabled=True",
)
def cache_multi_az(group: Resource, _settings: Settings) -> Iterator[str]:
    """`multiAzEnabled`."""
    if not is_secondary(group) and not group.flag("multiAzEnabled"):
        yield "may have all its nodes in one zone"


def _upgrade(_cache: Resource, _settings: Settings) -> Iterator[Change]:
    yield ("autoMinorVersionUpgrade",), True


@resilience.rule(
    "elasticache-minor-upgrades",
    kinds.CACHE_GROUP,
    kinds.CACHE_CLUSTER,
    title="An ElastiCache cluster takes minor upgrades by itself",
    why="Known faults stay in it until somebody remembers.",
    fix="leave auto_minor_version_upgrade at its default of True",
    controls=("Security Hub ElastiCache.2",),
    mend=_upgrade,
)
def cache_upgrades(cache: Resource, _settings: Settings) -> Iterator[str]:
    """On unless it is switched off."""
    if not cache.flag("autoMinorVersionUpgrade", default=True):
        yield "stays at its minor version"


@resilience.rule(
    "lambda-multi-az",
    kinds.FUNCTION,
    title="A function in a VPC runs in several zones",
    why="With one subnet the function is gone with its zone.",
    fix="name subnets of at least two zones in vpc_config",
    controls=("Security Hub Lambda.5",),
)
def function_multi_az(function: Resource, _settings: Settings) -> Iterator[str]:
    """Only functions in a VPC are asked."""
    subnets = function.view("vpcConfig").value("subnetIds")
    if isinstance(subnets, list) and len(subnets) == 1:
        yield "runs in one subnet only"


@resilience.rule(
    "eks-multi-az-nodes",
    kinds.EKS_NODES,
    title="A node group spans several zones",
    why="With one subnet all pods of the group are gone with its zone.",
    fix="name subnets of at least two zones in subnet_ids",
)
def nodes_multi_az(group: Resource, _settings: Settings) -> Iterator[str]:
    """At least two subnets."""
    subnets = group.value("subnetIds")
    if not isinstance(subnets, list) or len(subnets) < 2:
        yield "has its nodes in one zone"


@resilience.stack_rule(
    "regional-stack-parity",
    "*",
    level=Level.ADVISORY,
    title="Every region has what the others have",
    why="What is missing in a region is noticed in the failover to it.",
    fix="make the resource in every region, or name its type in the rule's setting home_only",
    settings={
        "home_only": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Types of resources that one region alone has, besides those AWS makes once.",
        }
    },
)
def regional_parity(stack: Stack, settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Resources whose name begins with a region are compared by type and the rest of the name."""
    by_region: dict[str, dict[tuple[str, str], Resource]] = {}
    for resource in stack.resources:
        region = next((one for one in serving_regions(stack) if resource.name.startswith(f"{one}-")), "")
        if region and resource.type.startswith("aws:") and resource.type not in settings["home_only"]:
            key = (resource.type, _without_regions(resource.name, serving_regions(stack)))
            by_region.setdefault(region, {})[key] = resource
    everything = {key: one for found in by_region.values() for key, one in found.items()}
    for region, found in by_region.items():
        copied = {kind for kind, _ in found}
        missing = [
            one for key, one in everything.items() if key not in found and (key[0] not in _COPIES or key[0] in copied)
        ]
        if missing:
            names = ", ".join(sorted(one.name for one in missing)[:3])
            yield missing[0], f"has no counterpart in {region}, like {len(missing) - 1} others (e.g. {names})"


def _without_regions(name: str, regions: Sequence[str]) -> str:
    """The name with a star for each region in it: what one region watches in another has a counterpart there."""
    for region in regions:
        name = name.replace(region, "*")
    return name


_COPIES: Final = (kinds.KEY, kinds.REPLICA_KEY, kinds.REPLICA)
"""The home region has the originals, the others the copies: only regions that have the type are compared."""


@resilience.stack_rule(
    "failover-health-check",
    kinds.RECORD,
    kinds.HEALTH_CHECK,
    title="A DNS record of a region is answered only while the region is healthy",
    why="Without a health check DNS goes on sending clients to a region that is gone.",
    fix="set health_check_id of the record, or evaluate_target_health of its alias",
)
def failover_health_check(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """Records with a routing policy that chooses among regions."""
    policies = (
        "failoverRoutingPolicies",
        "latencyRoutingPolicies",
        "weightedRoutingPolicies",
        "geolocationRoutingPolicies",
    )
    for record in stack.of(kinds.RECORD):
        if not any(record.has(name) for name in policies):
            continue
        last_resort = any(one.text("type") == "SECONDARY" for one in record.views("failoverRoutingPolicies"))
        watched = record.has("healthCheckId") or any(
            one.flag("evaluateTargetHealth") for one in record.views("aliases")
        )
        if not watched and not last_resort:
            yield record, "is answered whether its region is healthy or not"


@resilience.rule(
    "fis-stop-condition-bound",
    kinds.FIS,
    severity=Severity.HIGH,
    title="A fault injection experiment stops by an alarm",
    why="An experiment without a stop condition goes on while customers suffer.",
    fix="set stop_conditions=[{'source': 'aws:cloudwatch:alarm', 'value': <ARN of the alarm>}]",
)
def stop_condition(template: Resource, _settings: Settings) -> Iterator[str]:
    """At least one stop condition names an alarm."""
    conditions = list(template.views("stopConditions"))
    if not any(one.text("source") == "aws:cloudwatch:alarm" and one.has("value") for one in conditions):
        yield "has no alarm that stops it"


_DEPENDED: Final = ("kmsKeyArn", "kmsKeyId", "kmsMasterKeyId", "environment", "serverSideEncryption", "sourceKmsKeyArn")


@resilience.stack_rule(
    "no-cross-region-runtime-dependency",
    kinds.FUNCTION,
    severity=Severity.HIGH,
    title="What runs in a region depends on that region alone",
    why="A function that needs another region's key, queue or table stops with that region.",
    fix="give the region a resource of its own and name that one",
)
def no_cross_region(stack: Stack, _settings: Settings) -> Iterator[tuple[Resource, str]]:
    """ARNs of other regions in keys and in the environment of functions.

    A key that is not known yet is one that the program makes, in the same region unless it says otherwise.
    """
    for resource in stack.resources:
        if not resource.type.startswith("aws:") or not any(resource.data.get(name) for name in _DEPENDED):
            continue
        resource.value("environment")
        home = resource.region if resource.known("region") else ""
        text = json.dumps([resource.data.get(name) for name in _DEPENDED], default=str)
        foreign = {arn.split(":")[3] for arn in _arns(text)} - {"", home}
        if home and foreign:
            yield resource, f"lives in {home} and depends on {', '.join(sorted(foreign))}"


def _arns(text: str) -> Iterator[str]:
    for part in text.split('"'):
        if part.startswith("arn:") and part.count(":") >= 5:
            yield part
