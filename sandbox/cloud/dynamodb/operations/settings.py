"""What is set beside a table: TTL, tags, PITR, resource policies, insights, Kinesis destinations, limits."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.request import Params, constraint
from sandbox.cloud.dynamodb.table import Table

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region


def update_time_to_live(region: Region, params: Params) -> dict[str, Any]:
    """Set or clear the TTL attribute; a global table has the same in every region."""
    table = region.described(params)
    specification = params["TimeToLiveSpecification"]
    name, enabled = specification["AttributeName"], bool(specification["Enabled"])
    group = region.database.globals.get(table.name)
    if group is not None and group.strong:
        raise invalid("Time to Live is not supported on tables with multi-Region strong consistency")
    if enabled and table.ttl_attribute is not None:
        raise invalid("TimeToLive is already enabled")
    if not enabled and table.ttl_attribute is None:
        raise invalid("TimeToLive is already disabled")
    if not enabled and table.ttl_attribute != name:
        raise invalid(
            "TimeToLive is active on a different AttributeName: current AttributeName is " + str(table.ttl_attribute)
        )
    members = group.tables.values() if group is not None and region.name in group.tables else (table,)
    for member in members:
        member.ttl_attribute = name if enabled else None
    return {"TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": name}}


def describe_time_to_live(region: Region, params: Params) -> dict[str, Any]:
    """The TTL attribute."""
    table = region.described(params)
    if table.ttl_attribute is None:
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
    return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": table.ttl_attribute}}


def _by_arn(region: Region, arn: str | None, member: str = "resourceArn") -> Table:
    if arn is None:
        raise constraint(None, member, "Member must not be null")
    for table in region.tables.values():
        if table.arn == arn:
            return table
    if not arn.startswith("arn:"):
        raise invalid(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")
    if f":{region.database.account}:" not in arn:
        raise ServiceError("AccessDeniedException", f"User is not authorized to access resource: {arn}")
    raise ServiceError("ResourceNotFoundException", f"Requested resource not found: ResourcArn: {arn} not found")


def tag_resource(region: Region, params: Params) -> dict[str, Any]:
    """Add tags."""
    table = _by_arn(region, params.get("ResourceArn"))
    table.tags |= {tag["Key"]: tag["Value"] for tag in params["Tags"]}
    return {}


def untag_resource(region: Region, params: Params) -> dict[str, Any]:
    """Remove tags."""
    table = _by_arn(region, params.get("ResourceArn"))
    for key in params["TagKeys"]:
        table.tags.pop(key, None)
    return {}


def list_tags_of_resource(region: Region, params: Params) -> dict[str, Any]:
    """The tags of a table."""
    table = _by_arn(region, params.get("ResourceArn"))
    return {"Tags": [{"Key": key, "Value": value} for key, value in table.tags.items()]}


def update_continuous_backups(region: Region, params: Params) -> dict[str, Any]:
    """Turn restores to a point in time on or off."""
    table = _backed(region, params)
    specification = params["PointInTimeRecoverySpecification"]
    if specification["PointInTimeRecoveryEnabled"]:
        table.enable_recovery(int(specification.get("RecoveryPeriodInDays") or 35))
    else:
        table.disable_recovery()
    return describe_continuous_backups(region, params)


def describe_continuous_backups(region: Region, params: Params) -> dict[str, Any]:
    """Whether and since when a table can be restored to a point in time."""
    table = _backed(region, params)
    recovery: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if table.pitr_days is not None:
        recovery = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": table.pitr_days,
            "EarliestRestorableDateTime": table.changes.earliest_ns / 1e9,
            "LatestRestorableDateTime": time.time(),
        }
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": recovery,
        }
    }


def _backed(region: Region, params: Params) -> Table:
    try:
        return region.described(params)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise ServiceError("TableNotFoundException", f"Table not found: {params['TableName']}") from None


def put_resource_policy(region: Region, params: Params) -> dict[str, Any]:
    """Set a table's resource policy."""
    table = _by_arn(region, params.get("ResourceArn"))
    _check_revision(table, params)
    try:
        json.loads(params["Policy"])
    except ValueError:
        raise invalid("This policy contains invalid Json") from None
    table.policy = params["Policy"]
    table.policy_revision = str(time.time_ns() // 1000)
    return {"RevisionId": table.policy_revision}


def get_resource_policy(region: Region, params: Params) -> dict[str, Any]:
    """A table's resource policy."""
    table = _by_arn(region, params.get("ResourceArn"))
    if table.policy is None:
        raise ServiceError(
            "PolicyNotFoundException", f"Resource-based policy not found for the provided ResourceArn: {table.arn}"
        )
    return {"Policy": table.policy, "RevisionId": table.policy_revision}


def delete_resource_policy(region: Region, params: Params) -> dict[str, Any]:
    """Remove a table's resource policy."""
    table = _by_arn(region, params.get("ResourceArn"))
    _check_revision(table, params)
    revision, table.policy, table.policy_revision = table.policy_revision, None, ""
    return {"RevisionId": revision} if revision else {}


def _check_revision(table: Table, params: Params) -> None:
    expected = params.get("ExpectedRevisionId")
    if expected is None:
        return
    if expected == "NO_POLICY":
        if table.policy is None:
            return
    elif expected == table.policy_revision:
        return
    raise ServiceError(
        "PolicyNotFoundException", f"Resource-based policy not found for the provided RevisionId: {expected}"
    )


def update_contributor_insights(region: Region, params: Params) -> dict[str, Any]:
    """Turn contributor insights of a table or index on or off."""
    table = region.described(params)
    index = params.get("IndexName")
    if index is not None and index not in table.indexes:
        raise ServiceError("ResourceNotFoundException", f"Requested resource not found: Index: {index}")
    enabled = params["ContributorInsightsAction"] == "ENABLE"
    state = {
        "ContributorInsightsStatus": "ENABLED" if enabled else "DISABLED",
        "LastUpdateDateTime": time.time(),
        "ContributorInsightsMode": params.get("ContributorInsightsMode") or "ACCESSED_AND_THROTTLED_KEYS",
    }
    table.insights[index] = state
    answer: dict[str, Any] = {
        "TableName": table.name,
        "ContributorInsightsStatus": "ENABLING" if enabled else "DISABLING",
        "ContributorInsightsMode": state["ContributorInsightsMode"],
    }
    if index is not None:
        answer["IndexName"] = index
    return answer


def describe_contributor_insights(region: Region, params: Params) -> dict[str, Any]:
    """Contributor insights of a table or index."""
    table = region.described(params)
    index = params.get("IndexName")
    state = table.insights.get(index, {"ContributorInsightsStatus": "DISABLED"})
    rules = []
    if state["ContributorInsightsStatus"] == "ENABLED":
        rules = [f"DynamoDBContributorInsights-{kind}-{table.name}" for kind in ("PKC", "PKT")]
    answer = {"TableName": table.name, "ContributorInsightsRuleList": rules, **state}
    if index is not None:
        answer["IndexName"] = index
    return answer


def list_contributor_insights(region: Region, params: Params) -> dict[str, Any]:
    """Contributor insights of all tables."""
    found = []
    for table in region.tables.values():
        if params.get("TableName") in (None, table.name, table.arn):
            for index, state in table.insights.items():
                entry = {"TableName": table.name, "ContributorInsightsStatus": state["ContributorInsightsStatus"]}
                if index is not None:
                    entry["IndexName"] = index
                found.append(entry)
    return {"ContributorInsightsSummaries": found}


def enable_kinesis_streaming_destination(region: Region, params: Params) -> dict[str, Any]:
    """Record a Kinesis destination."""
    table = region.described(params)
    arn = params["StreamArn"]
    current = table.kinesis.get(arn)
    if current is not None and current["DestinationStatus"] == "ACTIVE":
        raise ServiceError("ResourceInUseException", f"Table is already enabled for the Kinesis stream {arn}")
    precision = (params.get("EnableKinesisStreamingConfiguration") or {}).get("ApproximateCreationDateTimePrecision")
    table.kinesis[arn] = {"StreamArn": arn, "DestinationStatus": "ACTIVE"}
    if precision is not None:
        table.kinesis[arn]["ApproximateCreationDateTimePrecision"] = precision
    return {"TableName": table.name, "StreamArn": arn, "DestinationStatus": "ENABLING"}


def disable_kinesis_streaming_destination(region: Region, params: Params) -> dict[str, Any]:
    """Forget a Kinesis destination."""
    table = region.described(params)
    arn = params["StreamArn"]
    if arn not in table.kinesis:
        raise ServiceError("ResourceNotFoundException", f"Requested resource not found: {arn}")
    table.kinesis[arn]["DestinationStatus"] = "DISABLED"
    return {"TableName": table.name, "StreamArn": arn, "DestinationStatus": "DISABLING"}


def describe_kinesis_streaming_destination(region: Region, params: Params) -> dict[str, Any]:
    """The Kinesis destinations of a table."""
    table = region.described(params)
    return {"TableName": table.name, "KinesisDataStreamDestinations": list(table.kinesis.values())}


def describe_limits(region: Region, params: Params) -> dict[str, Any]:
    """The account's default quotas."""
    del region, params
    return {
        "AccountMaxReadCapacityUnits": 80000,
        "AccountMaxWriteCapacityUnits": 80000,
        "TableMaxReadCapacityUnits": 40000,
        "TableMaxWriteCapacityUnits": 40000,
    }


def describe_endpoints(region: Region, params: Params) -> dict[str, Any]:
    """Where this region is."""
    del params
    return {"Endpoints": [{"Address": f"dynamodb.{region.name}.amazonaws.com", "CachePeriodInMinutes": 1440}]}


def describe_table_replica_auto_scaling(region: Region, params: Params) -> dict[str, Any]:
    """Replicas of a table; their scaling policies live in Application Auto Scaling."""
    table = region.described(params)
    group = region.database.globals.get(table.name)
    names = list(group.tables) if group is not None and region.name in group.tables else [region.name]
    return {
        "TableAutoScalingDescription": {
            "TableName": table.name,
            "TableStatus": table.status,
            "Replicas": [{"RegionName": name, "ReplicaStatus": "ACTIVE"} for name in names],
        }
    }
