"""What AWS says of one region of a stack: replication, tables, recovery, alarms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.estate.probe import probe
from ops.estate.reach import reason

if TYPE_CHECKING:
    from ops.estate.access import Estate
    from ops.estate.health import RegionHealth

LAG_LIMIT_SECONDS = 2.0
"""An item that is not in another region by then is a fault; DynamoDB's own figure is usually under one second."""


def probed(others: list[str]) -> Any:
    """A write, a read, and when the other regions show what was written."""

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


def tables(estate: Estate, health: RegionHealth) -> None:
    """Whether every table is there and active, and its key can be used."""
    client = estate.client("dynamodb", health.region)
    health.tables = {}
    keys: dict[str, str] = {}
    for name in _names(estate, health.region):
        table = client.describe_table(TableName=name)["Table"]
        health.tables[name] = status = table["TableStatus"]
        if status != "ACTIVE":
            health.faults.append(f"table {name} is {status}")
        arn = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
        if arn is not None:
            keys.setdefault(arn, name)
    health.keys = {arn: _key(estate, health, arn, table) for arn, table in keys.items()}


def _key(estate: Estate, health: RegionHealth, arn: str, table: str) -> str:
    """The state of a key; who may not describe keys is told so, and the region counts as well."""
    try:
        state = str(estate.client("kms", health.region).describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])
    except Exception as error:  # noqa: BLE001 (whatever KMS answers, the tables are told)
        return f"not known: {reason(error)}"
    if state == "PendingDeletion":
        fix = f"aws kms cancel-key-deletion --region {health.region} --key-id {arn}, then enable-key"
        health.faults.append(f"the key of table {table} is {state}: {fix}")
    elif state != "Enabled":
        fix = f"aws kms enable-key --region {health.region} --key-id {arn}"
        health.faults.append(f"the key of table {table} is {state}: {fix}")
    return state


def recovery(estate: Estate, health: RegionHealth) -> None:
    """How far back every table can be restored, and how old its last on-demand backup is."""
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


def alarms(estate: Estate, health: RegionHealth) -> None:
    """The alarms that are on: of the stack's tables, and those that are about no table."""
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
