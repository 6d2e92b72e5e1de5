"""TableDescription: a table as DescribeTable gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb.index import Index
from sandbox.cloud.dynamodb.table import Table

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Database

_DEFAULT_WARM = {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000}
"""Warm throughput of a new on-demand table (DynamoDB developer guide, "warm throughput")."""


def describe(database: Database, table: Table) -> dict[str, Any]:
    """The description of a table."""
    result: dict[str, Any] = {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in table.definitions.items()
        ],
        "TableName": table.name,
        "KeySchema": table.schema.document(),
        "TableStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS" if table.key_disabled else table.status,
        "CreationDateTime": table.created,
        "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, **table.throughput},
        "TableSizeBytes": table.bytes(),
        "ItemCount": len(table.items),
        "TableArn": table.arn,
        "TableId": table.id,
        "DeletionProtectionEnabled": table.deletion_protection,
    }
    if table.billing_mode == "PAY_PER_REQUEST" or table.billing_changed is not None:
        summary: dict[str, Any] = {"BillingMode": table.billing_mode}
        if table.billing_mode == "PAY_PER_REQUEST":
            summary["LastUpdateToPayPerRequestDateTime"] = table.billing_changed or table.created
        result["BillingModeSummary"] = summary
    if table.local_indexes:
        result["LocalSecondaryIndexes"] = [_index(table, index) for index in table.local_indexes]
    if table.global_indexes:
        result["GlobalSecondaryIndexes"] = [_index(table, index) for index in table.global_indexes]
    if table.stream is not None:
        result["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table.stream.view}
    latest = table.stream or (table.old_streams[-1] if table.old_streams else None)
    if latest is not None:
        result["LatestStreamLabel"] = latest.label
        result["LatestStreamArn"] = latest.arn
    if table.sse is not None:
        result["SSEDescription"] = table.sse
    if table.table_class is not None:
        result["TableClassSummary"] = {"TableClass": table.table_class}
    if table.on_demand is not None:
        result["OnDemandThroughput"] = table.on_demand
    result["WarmThroughput"] = {**_warm(table.warm, table.throughput, table.billing_mode), "Status": "ACTIVE"}
    if table.restore is not None:
        result["RestoreSummary"] = table.restore
    group = database.globals.get(table.name)
    if group is not None and table.region in group.tables:
        replicas = group.describe(table.region)
        if replicas:
            result["GlobalTableVersion"] = "2019.11.21"
            result["Replicas"] = replicas
            result["MultiRegionConsistency"] = "STRONG" if group.strong else "EVENTUAL"
        if group.witness is not None:
            result["GlobalTableWitnesses"] = [{"RegionName": group.witness, "WitnessStatus": "ACTIVE"}]
    return result


def _warm(warm: dict[str, Any] | None, throughput: dict[str, Any], mode: str) -> dict[str, Any]:
    if warm is not None:
        return {**_DEFAULT_WARM, **warm} if mode == "PAY_PER_REQUEST" else warm
    if mode == "PAY_PER_REQUEST":
        return dict(_DEFAULT_WARM)
    return {
        "ReadUnitsPerSecond": throughput["ReadCapacityUnits"],
        "WriteUnitsPerSecond": throughput["WriteCapacityUnits"],
    }


def _index(table: Table, index: Index) -> dict[str, Any]:
    projection = {name: value for name, value in index.projection.items() if value is not None}
    result: dict[str, Any] = {
        "IndexName": index.name,
        "KeySchema": index.schema.document(),
        "Projection": projection,
        "IndexSizeBytes": index.bytes(),
        "ItemCount": index.collection.count,
        "IndexArn": f"{table.arn}/index/{index.name}",
    }
    if index.is_global:
        throughput = index.throughput or {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
        result["IndexStatus"] = index.status
        result["ProvisionedThroughput"] = {"NumberOfDecreasesToday": 0, **throughput}
        result["WarmThroughput"] = {**_warm(index.warm, throughput, table.billing_mode), "Status": "ACTIVE"}
        if index.on_demand is not None:
            result["OnDemandThroughput"] = index.on_demand
    return result
