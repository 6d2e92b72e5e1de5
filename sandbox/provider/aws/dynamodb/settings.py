"""What a table has besides its schema, in one region: time to live, point-in-time recovery, tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws.api import own_tags, tag_list, tag_map, until
from sandbox.provider.aws.errors import code_of
from sandbox.provider.context import Context
from sandbox.provider.resource import Properties


def describe(client: Any, name: str) -> dict[str, Any] | None:
    """The table, None when there is none."""
    try:
        table: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    except Exception as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise
    return table


def wait_active(client: Any, name: str) -> dict[str, Any]:
    """Wait until a table and its indexes and replicas are ready; returns its description."""
    found: dict[str, Any] = {}

    def ready() -> bool:
        found.clear()
        found.update(describe(client, name) or {"TableStatus": "ABSENT"})
        parts = [*found.get("GlobalSecondaryIndexes", []), *found.get("Replicas", [])]
        states = [found.get("TableStatus"), *(part.get("IndexStatus", part.get("ReplicaStatus")) for part in parts)]
        return all(state in {"ACTIVE", None} for state in states)

    until(ready, f"table {name} becoming active")
    return found


def put_ttl(client: Any, name: str, old: Mapping[str, Value] | None, new: Mapping[str, Value] | None) -> None:
    """Turn time to live on or off; a change of attribute is refused by AWS within an hour, and passed on."""
    before = bool(old and old.get("enabled", True) and old.get("attributeName"))
    after = bool(new and new.get("enabled", True) and new.get("attributeName"))
    given = new if after else old
    if given is None or (before == after and (old or {}).get("attributeName") == (new or {}).get("attributeName")):
        return
    client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": after, "AttributeName": given["attributeName"]}
    )


def put_recovery(client: Any, name: str, *, enabled: bool, days: int | None = None) -> None:
    """Turn point-in-time recovery on (with its window) or off."""
    specification: dict[str, Any] = {"PointInTimeRecoveryEnabled": enabled}
    if enabled and days is not None:
        specification["RecoveryPeriodInDays"] = days
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=specification)


def observed(context: Context, client: Any, table: Mapping[str, Any]) -> Properties:
    """Time to live, recovery and tags as the region has them."""
    name = table["TableName"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    tags = tag_map(client.list_tags_of_resource(ResourceArn=table["TableArn"]).get("Tags"))
    enabled = ttl.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
    pitr: Properties = {"enabled": recovery.get("PointInTimeRecoveryStatus") == "ENABLED"}
    if "RecoveryPeriodInDays" in recovery:
        pitr["recoveryPeriodInDays"] = recovery["RecoveryPeriodInDays"]
    return {
        "ttl": {"enabled": True, "attributeName": ttl.get("AttributeName")} if enabled else {"enabled": False},
        "pointInTimeRecovery": pitr,
        "tags": own_tags(context, tags),
        "tagsAll": tags,
    }


def put_tags(client: Any, arn: str, tags: dict[str, str]) -> None:
    """Add or overwrite tags."""
    client.tag_resource(ResourceArn=arn, Tags=tag_list(tags))
