"""CreateTable, DescribeTable, UpdateTable, DeleteTable and ListTables."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb import schema as schemas
from sandbox.cloud.dynamodb.constraints import show_list
from sandbox.cloud.dynamodb.describe import describe
from sandbox.cloud.dynamodb.errors import ServiceError, invalid, invalid_values, table_not_found
from sandbox.cloud.dynamodb.operations.replicas import sync_replicas, update_replicas
from sandbox.cloud.dynamodb.request import Params, check_name, constraint, table_name
from sandbox.cloud.dynamodb.table import Table

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region

_MAX_LISTED = 100


def create_table(region: Region, params: Params) -> dict[str, Any]:
    """Make a table."""
    if params.get("TableName") is None:
        raise invalid("The parameter 'TableName' is required but was not present in the request")
    name = table_name(params, region.name)
    check_name(name, "tableName", low=3)
    for parameter in ("AttributeDefinitions", "KeySchema"):
        if params.get(parameter) is None:
            raise constraint(None, parameter[0].lower() + parameter[1:], "Member must not be null")
    mode = params.get("BillingMode") or "PROVISIONED"
    throughput = schemas.throughput(params, mode)
    types = schemas.definitions(params)
    if len(params["KeySchema"]) > 2:
        shown = show_list(params["KeySchema"], "KeySchemaElement")
        raise constraint(shown, "keySchema", "Member must have length less than or equal to 2")
    schema = schemas.key_schema(params["KeySchema"], types)
    indexes = schemas.indexes(params, schema, types, mode)
    schemas.refuse_unused(types, schema, indexes)
    if name in region.tables:
        raise ServiceError("ResourceInUseException", f"Table already exists: {name}")
    table = Table(name=name, region=region.name, account=region.database.account, schema=schema, definitions=types)
    table.billing_mode, table.throughput = mode, throughput
    table.on_demand = params.get("OnDemandThroughput")
    table.warm = params.get("WarmThroughput")
    table.table_class = params.get("TableClass")
    table.deletion_protection = bool(params.get("DeletionProtectionEnabled"))
    table.tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags") or []}
    table.policy = params.get("ResourcePolicy")
    for index in indexes.values():
        table.add_index(index)
    _set_stream(table, params.get("StreamSpecification"))
    set_encryption(region, table, params.get("SSESpecification"))
    region.tables[name] = table
    description = describe(region.database, table)
    # It is active as soon as it is asked for again; a caller that does not ask must not rely on that.
    description["TableStatus"] = "CREATING"
    for index in description.get("GlobalSecondaryIndexes", []):
        index["IndexStatus"] = "CREATING"
    return {"TableDescription": description}


def describe_table(region: Region, params: Params) -> dict[str, Any]:
    """A table."""
    return {"Table": describe(region.database, region.described(params))}


def list_tables(region: Region, params: Params) -> dict[str, Any]:
    """Names of tables, in their order."""
    limit = params.get("Limit") or _MAX_LISTED
    start = params.get("ExclusiveStartTableName")
    names = [name for name in sorted(region.tables) if start is None or name > start]
    result: dict[str, Any] = {"TableNames": names[:limit]}
    if len(names) > limit:
        result["LastEvaluatedTableName"] = names[limit - 1]
    return result


def delete_table(region: Region, params: Params) -> dict[str, Any]:
    """Delete a table; one that is protected, or still has replicas, is refused."""
    table = region.described(params)
    if table.deletion_protection:
        raise invalid(
            "Resource cannot be deleted as it is currently protected against deletion. "
            "Disable deletion protection first."
        )
    group = region.database.globals.get(table.name)
    if group is not None and region.name in group.tables:
        group.remove(region.name)
        if not group.tables:
            del region.database.globals[table.name]
    drop(region, table)
    description = describe(region.database, table)
    description["TableStatus"] = "DELETING"
    for name in ("AttributeDefinitions", "KeySchema", "CreationDateTime"):
        description.pop(name, None)
    return {"TableDescription": description}


def drop(region: Region, table: Table) -> None:
    """Take a table away; its stream stays readable."""
    table.disable_stream()
    region.closed_streams.extend(table.old_streams)
    table.status = "DELETING"
    del region.tables[table.name]


def update_table(region: Region, params: Params) -> dict[str, Any]:
    """Change a table."""
    table = region.described(params)
    changes = [name for name in params if name not in ("TableName", "AttributeDefinitions")]
    if not changes:
        raise invalid(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required"
        )
    _check_stream(table, params)
    mode = params.get("BillingMode")
    if mode is not None or "ProvisionedThroughput" in params:
        _set_billing(table, params, mode or table.billing_mode)
    if "GlobalSecondaryIndexUpdates" in params:
        _update_indexes(table, params)
    if "DeletionProtectionEnabled" in params:
        table.deletion_protection = bool(params["DeletionProtectionEnabled"])
    if params.get("TableClass"):
        table.table_class = params["TableClass"]
    if "OnDemandThroughput" in params:
        table.on_demand = params["OnDemandThroughput"]
    if "WarmThroughput" in params:
        _raise_warm(table, params["WarmThroughput"])
    _set_stream(table, params.get("StreamSpecification"))
    set_encryption(region, table, params.get("SSESpecification"))
    sync_replicas(region, table, params)
    update_replicas(region, table, params)
    description = describe(region.database, table)
    description["TableStatus"] = "UPDATING"
    touched = {
        update[action]["IndexName"]: status
        for update in params.get("GlobalSecondaryIndexUpdates") or []
        for action, status in (("Create", "CREATING"), ("Update", "UPDATING"))
        if action in update
    }
    for index in description.get("GlobalSecondaryIndexes", []):
        index["IndexStatus"] = touched.get(index["IndexName"], index["IndexStatus"])
    return {"TableDescription": description}


def _set_billing(table: Table, params: Params, mode: str) -> None:
    if mode == "PROVISIONED" and table.billing_mode == "PROVISIONED":
        new = schemas.throughput(params, mode)
        current = {name: table.throughput[name] for name in new}
        if new == current and set(params) <= {"TableName", "BillingMode", "ProvisionedThroughput"}:
            raise invalid(
                "The provisioned throughput for the table will not change. The requested value equals the current "
                f"value. Current ReadCapacityUnits provisioned for the table: {current['ReadCapacityUnits']}. "
                f"Requested ReadCapacityUnits: {new['ReadCapacityUnits']}. Current WriteCapacityUnits provisioned for "
                f"the table: {current['WriteCapacityUnits']}. "
                f"Requested WriteCapacityUnits: {new['WriteCapacityUnits']}. Refer to the Amazon DynamoDB "
                "Developer Guide for current limits and how to request higher limits."
            )
    table.throughput = schemas.throughput(params, mode)
    if mode != table.billing_mode:
        table.billing_mode, table.billing_changed = mode, time.time()
        for index in table.global_indexes:
            if mode == "PAY_PER_REQUEST":
                index.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}


def _update_indexes(table: Table, params: Params) -> None:
    types = {**table.definitions, **schemas.definitions(params)}
    for update in params["GlobalSecondaryIndexUpdates"]:
        if "Create" in update:
            entry = update["Create"]
            if entry.get("IndexName") in table.indexes:
                raise invalid("Attempting to create an index which already exists")
            index = schemas.index_of(entry, table.schema, types, is_global=True, mode=table.billing_mode)
            table.add_index(index)
        elif "Delete" in update:
            name = update["Delete"]["IndexName"]
            if name not in table.indexes:
                raise ServiceError("ResourceNotFoundException", "Requested resource not found")
            del table.indexes[name]
        elif "Update" in update:
            found = table.indexes.get(update["Update"]["IndexName"])
            if found is None:
                raise ServiceError("ResourceNotFoundException", "Requested resource not found")
            if update["Update"].get("ProvisionedThroughput"):
                found.throughput = schemas.throughput(update["Update"], table.billing_mode, index=found.name)
            found.on_demand = update["Update"].get("OnDemandThroughput", found.on_demand)
            found.warm = update["Update"].get("WarmThroughput", found.warm)
        else:
            raise invalid_values("One of GlobalSecondaryIndexUpdate.Update, Create, Delete must not be null")
    used = set(table.schema.names)
    for index in table.indexes.values():
        used |= set(index.schema.names)
    table.definitions = {name: kind for name, kind in types.items() if name in used}


def _check_stream(table: Table, params: Params) -> None:
    specification = params.get("StreamSpecification")
    if specification is None:
        return
    if specification.get("StreamEnabled"):
        if table.stream is not None:
            raise invalid("Table already has an enabled stream: TableName: " + table.name)
        if specification.get("StreamViewType") is None:
            raise invalid_values("StreamViewType is required when StreamEnabled is true")
    elif table.stream is None:
        raise invalid("Table has no stream to disable: TableName: " + table.name)
    elif params.get("ReplicaUpdates"):
        raise invalid("Stream cannot be disabled in the request that updates replicas")


def _set_stream(table: Table, specification: dict[str, Any] | None) -> None:
    if specification is None:
        return
    if specification.get("StreamEnabled"):
        table.enable_stream(specification.get("StreamViewType") or "NEW_AND_OLD_IMAGES")
    else:
        table.disable_stream()


def set_encryption(region: Region, table: Table, specification: dict[str, Any] | None) -> None:
    """Set the key of a table as SSESpecification says."""
    if specification is None:
        return
    if not specification.get("Enabled"):
        table.sse = None
    else:
        key = specification.get("KMSMasterKeyId")
        table.sse = {
            "Status": "ENABLED",
            "SSEType": "KMS",
            "KMSMasterKeyArn": key_arn(region, key or "alias/aws/dynamodb"),
        }
    table.key_disabled = table.sse is not None and table.sse["KMSMasterKeyArn"] in region.database.disabled_keys


def key_arn(region: Region, key: str) -> str:
    """The ARN of a key that may be given as id, alias or ARN."""
    if key.startswith("arn:"):
        return key
    path = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:aws:kms:{region.name}:{region.database.account}:{path}"


def _raise_warm(table: Table, warm: dict[str, int]) -> None:
    """Warm throughput only grows."""
    current = table.warm or {}
    for name, value in warm.items():
        if value < current.get(name, 0):
            raise invalid_values(f"Requested {name} for WarmThroughput for table is lower than the current value")
    table.warm = {**current, **warm}


def require_known(region: Region, name: str) -> Table:
    """A table by its name.

    Raises:
        ServiceError: there is none.
    """
    table = region.tables.get(name)
    if table is None:
        raise table_not_found(name)
    return table
