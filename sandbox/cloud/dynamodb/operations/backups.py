"""On-demand backups, restores to a point in time, and exports."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb import schema as schemas
from sandbox.cloud.dynamodb.backup import Backup
from sandbox.cloud.dynamodb.describe import describe
from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.index import Index
from sandbox.cloud.dynamodb.operations.tables import key_arn
from sandbox.cloud.dynamodb.request import Params, check_name
from sandbox.cloud.dynamodb.table import Table
from sandbox.cloud.dynamodb.values import Item

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region


def create_backup(region: Region, params: Params) -> dict[str, Any]:
    """Back a table up as it is now."""
    try:
        table = region.described(params)
    except ServiceError:
        raise ServiceError("TableNotFoundException", f"Table not found: {params['TableName']}") from None
    backup = Backup(params["BackupName"], table, _source(region, table))
    region.backups[backup.arn] = backup
    return {"BackupDetails": backup.details()}


def _source(region: Region, table: Table) -> dict[str, Any]:
    description = describe(region.database, table)
    return {
        "TableName": table.name,
        "TableId": table.id,
        "TableArn": table.arn,
        "TableSizeBytes": description["TableSizeBytes"],
        "KeySchema": description["KeySchema"],
        "TableCreationDateTime": table.created,
        "ProvisionedThroughput": dict(table.throughput),
        "ItemCount": len(table.items),
        "BillingMode": table.billing_mode,
    }


def _backup(region: Region, params: Params) -> Backup:
    arn = params["BackupArn"]
    if arn not in region.backups:
        raise ServiceError("BackupNotFoundException", f"Backup not found: {arn}")
    return region.backups[arn]


def describe_backup(region: Region, params: Params) -> dict[str, Any]:
    """A backup."""
    return {"BackupDescription": _description(_backup(region, params))}


def _description(backup: Backup) -> dict[str, Any]:
    return {"BackupDetails": backup.details(), "SourceTableDetails": backup.description}


def delete_backup(region: Region, params: Params) -> dict[str, Any]:
    """Delete a backup."""
    backup = _backup(region, params)
    del region.backups[backup.arn]
    description = _description(backup)
    description["BackupDetails"]["BackupStatus"] = "DELETED"
    return {"BackupDescription": description}


def list_backups(region: Region, params: Params) -> dict[str, Any]:
    """The backups of a region, the oldest first."""
    found = [
        backup.summary()
        for backup in region.backups.values()
        if params.get("TableName") in (None, backup.table_name, backup.table_arn)
        and backup.created >= params.get("TimeRangeLowerBound", 0)
        and backup.created < params.get("TimeRangeUpperBound", float("inf"))
    ]
    return {"BackupSummaries": found}


def restore_table_from_backup(region: Region, params: Params) -> dict[str, Any]:
    """Make a table of what a backup holds."""
    backup = _backup(region, params)
    shape = backup.shape
    summary = {"SourceBackupArn": backup.arn, "SourceTableArn": backup.table_arn}
    return _restore(region, params, shape, items=backup.items, moment=backup.created, summary=summary)


def restore_table_to_point_in_time(region: Region, params: Params) -> dict[str, Any]:
    """Make a table of what another held at a second, or as late as possible."""
    arn, name = params.get("SourceTableArn"), params.get("SourceTableName")
    source = next((table for table in region.tables.values() if table.arn == arn or table.name == name), None)
    if source is None:
        raise ServiceError("TableNotFoundException", f"Source table not found: {name or arn}")
    if source.pitr_days is None:
        raise ServiceError(
            "PointInTimeRecoveryUnavailableException",
            f"Point in time recovery is not enabled for table '{source.name}'",
        )
    moment = restorable_moment(source, params.get("RestoreDateTime"))
    if moment is None:
        raise ServiceError(
            "InvalidRestoreTimeException",
            "RestoreDateTime is not between EarliestRestorableDateTime and LatestRestorableDateTime of table "
            f"'{source.name}'",
        )
    items = source.changes.at(moment)
    summary = {"SourceTableArn": source.arn}
    return _restore(region, params, source, items=items, moment=moment / 1e9, summary=summary)


def restorable_moment(table: Table, seconds: float | None) -> int | None:
    """A moment in ns that the change log covers; the last of the second asked for, now where none is. Else None."""
    now = time.time_ns()
    if seconds is None:
        return now
    # A time without a fraction names a second: the table at its end, unless that is still to come.
    moment = int(seconds) * 10**9 + (999_999_999 if float(seconds).is_integer() else int(seconds % 1 * 1e9))
    if moment < table.changes.earliest_ns or int(seconds) * 10**9 > now:
        return None
    return min(moment, now)


def _restore(
    region: Region, params: Params, shape: Table, *, items: list[Item], moment: float, summary: dict[str, Any]
) -> dict[str, Any]:
    name = params["TargetTableName"]
    check_name(name, "targetTableName", low=3)
    if name in region.tables:
        raise ServiceError("TableAlreadyExistsException", f"Table already exists: {name}")
    table = Table(
        name=name,
        region=region.name,
        account=region.database.account,
        schema=shape.schema,
        definitions=dict(shape.definitions),
    )
    table.billing_mode = params.get("BillingModeOverride") or shape.billing_mode
    table.throughput = (
        schemas.throughput({"ProvisionedThroughput": params["ProvisionedThroughputOverride"]}, table.billing_mode)
        if params.get("ProvisionedThroughputOverride")
        else dict(shape.throughput)
    )
    table.on_demand, table.table_class = shape.on_demand, shape.table_class
    table.sse = shape.sse
    override = params.get("SSESpecificationOverride")
    if override is not None:
        key = key_arn(region, override.get("KMSMasterKeyId") or "alias/aws/dynamodb")
        table.sse = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key} if override.get("Enabled") else None
    for parameter, kept in (
        ("GlobalSecondaryIndexOverride", shape.global_indexes),
        ("LocalSecondaryIndexOverride", shape.local_indexes),
    ):
        wanted = params.get(parameter)
        names = None if wanted is None else {entry["IndexName"] for entry in wanted}
        if names is not None and not names <= {index.name for index in kept}:
            raise invalid(f"{parameter} names an index that the source did not have")
        for index in kept:
            if names is None or index.name in names:
                copy = Index(index.name, index.schema, shape.schema, index.projection, is_global=index.is_global)
                copy.throughput = index.throughput
                table.add_index(copy)
    used = set(table.schema.names).union(*(index.schema.names for index in table.indexes.values()))
    table.definitions = {attribute: kind for attribute, kind in table.definitions.items() if attribute in used}
    # As in DynamoDB, a restored table has neither stream, TTL, tags, alarms, PITR nor replicas.
    table.restore = {**summary, "RestoreDateTime": moment, "RestoreInProgress": False}
    table.load(items)
    region.tables[name] = table
    description = describe(region.database, table)
    description["TableStatus"] = "CREATING"
    description["RestoreSummary"] = {**table.restore, "RestoreInProgress": True}
    return {"TableDescription": description}
