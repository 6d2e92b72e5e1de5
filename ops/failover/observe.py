"""Gathering the facts of a plan from the stack itself."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ops.estate import control
from ops.estate.probe import probe
from ops.estate.reach import ask, reason
from ops.failover.facts import Facts, RegionFacts, TableFacts
from ops.failover.plan import LAG_LIMIT_MS

if TYPE_CHECKING:
    from ops.estate.access import Estate

LOAD_MINUTES = 5
HEALTH_SECONDS = 3.0
WRITE_QUOTA = "AccountMaxWriteCapacityUnits"
_UNITS = {"ConsumedReadCapacityUnits": 0, "ConsumedWriteCapacityUnits": 1}


def observe(estate: Estate, services: Mapping[str, str], *, source: str, operation: str | None) -> Facts:
    """The stack at this moment.

    Args:
        estate: the stack.
        services: region → address of its orders service, where known.
        source: the region whose load matters.
        operation: another operation that holds the lease, if any.
    """
    flags = control.read_flags(estate)
    answers = ask(estate.regions, lambda name: _region(estate, name, flags, services.get(name)))
    regions = {answer.region: answer.value or RegionFacts(reachable=False, fault=answer.fault) for answer in answers}
    answering = [name for name in estate.regions if regions[name].reachable]
    lag: dict[tuple[str, str], float | None] = {}
    for answer in ask(answering, lambda name: _lag(estate, name, answering)):
        for other, value in (answer.value or {}).items():
            lag[answer.region, other] = value
    load = _load(estate, source) if source in answering else {}
    return Facts(
        home=estate.topology.home_region,
        order=tuple(estate.regions),
        tables=tuple(names(estate)),
        regions=regions,
        lag_ms=lag,
        load=load,
        operation=operation,
    )


def names(estate: Estate) -> list[str]:
    """Physical names of the tables that every region must hold."""
    tables = [table.name for region in estate.topology.regions.values() for table in region.tables.values()]
    return sorted({*tables, estate.control_table})


def _lag(estate: Estate, name: str, answering: list[str]) -> Mapping[str, float | None]:
    others = [other for other in answering if other != name]
    return probe(estate, name, others, limit=LAG_LIMIT_MS / 1000).lag_ms


def _region(estate: Estate, name: str, flags: Mapping[str, Any], service: str | None) -> RegionFacts:
    flag = control.newest(flags, name)
    evacuated = bool(flag and flag.holds(datetime.now(UTC).timestamp()))
    service_region, healthy = _service(service)
    seen = flags[name]
    if isinstance(seen, str):
        return RegionFacts(
            reachable=False, fault=seen, evacuated=evacuated, service_region=service_region, service_healthy=healthy
        )
    tables = {}
    for table in names(estate):
        found = _table(estate, name, table)
        if found is not None:
            tables[table] = found
    limits = estate.client("dynamodb", name).describe_limits()
    return RegionFacts(
        evacuated=evacuated,
        flag_epochs={region: flag.epoch for region, flag in seen.items()},
        tables=tables,
        service_region=service_region,
        service_healthy=healthy,
        account_write_maximum=limits.get(WRITE_QUOTA),
    )


def _table(estate: Estate, region: str, name: str) -> TableFacts | None:
    client = estate.client("dynamodb", region)
    try:
        table = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        return None
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    limits = table.get("OnDemandThroughput", {}) if on_demand else {}
    given = table.get("ProvisionedThroughput", {})
    warm = table.get("WarmThroughput", {})
    autoscaled = {} if on_demand else _autoscaled(estate, region, name)
    return TableFacts(
        status=table["TableStatus"],
        key_state=_key_state(estate, region, table.get("SSEDescription", {}).get("KMSMasterKeyArn")),
        recovery=recovery == "ENABLED",
        on_demand=on_demand,
        write_maximum=_bound(limits.get("MaxWriteRequestUnits"))
        if on_demand
        else autoscaled.get("WriteCapacityUnits", given.get("WriteCapacityUnits")),
        read_maximum=_bound(limits.get("MaxReadRequestUnits"))
        if on_demand
        else autoscaled.get("ReadCapacityUnits", given.get("ReadCapacityUnits")),
        warm_writes=warm.get("WriteUnitsPerSecond"),
        warm_reads=warm.get("ReadUnitsPerSecond"),
    )


def _bound(value: int | None) -> int | None:
    """DynamoDB writes -1 for no maximum."""
    return None if value is None or value < 0 else value


def _autoscaled(estate: Estate, region: str, table: str) -> dict[str, int]:
    client = estate.client("application-autoscaling", region)
    found = client.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=[f"table/{table}"])
    return {
        target["ScalableDimension"].rsplit(":", 1)[-1]: target["MaxCapacity"] for target in found["ScalableTargets"]
    }


def _key_state(estate: Estate, region: str, arn: str | None) -> str:
    if arn is None:
        return "none"
    try:
        return str(estate.client("kms", region).describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])
    except Exception as error:  # noqa: BLE001 (a key that cannot be described is a finding, not a failure)
        return reason(error)


def _service(url: str | None) -> tuple[str | None, bool | None]:
    """The region that a service's address says it is, and whether its deep health is well."""
    if url is None:
        return None, None
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=HEALTH_SECONDS) as answer:  # noqa: S310 (http, given by the operator)
            region = str(json.load(answer)["region"])
    except (OSError, ValueError, KeyError):
        return None, False
    return region, deep_health(url) == 200


def deep_health(url: str) -> int | None:
    """The status that deep health answers; None where nothing answers."""
    try:
        with urllib.request.urlopen(f"{url}/health/deep", timeout=HEALTH_SECONDS) as answer:  # noqa: S310 (http, given by the operator)
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def _load(estate: Estate, region: str) -> dict[str, tuple[float, float]]:
    """Table → (reads, writes) in units a second over the last minutes; empty where CloudWatch has nothing."""
    client, end = estate.client("cloudwatch", region), datetime.now(UTC)
    start = end - timedelta(minutes=LOAD_MINUTES)
    found: dict[str, tuple[float, float]] = {}
    for table in names(estate):
        units = [0.0, 0.0]
        for metric, index in _UNITS.items():
            points = client.get_metric_statistics(
                Namespace="AWS/DynamoDB",
                MetricName=metric,
                Dimensions=[{"Name": "TableName", "Value": table}],
                StartTime=start,
                EndTime=end,
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
            units[index] = max((point["Sum"] / 60 for point in points), default=0.0)
        if any(units):
            found[table] = (units[0], units[1])
    return found
