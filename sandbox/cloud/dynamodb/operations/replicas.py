"""Replicas of global tables: made, changed and taken away by UpdateTable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb.errors import ServiceError, invalid, invalid_values
from sandbox.cloud.dynamodb.globaltable import GlobalTable
from sandbox.cloud.dynamodb.index import Index
from sandbox.cloud.dynamodb.request import Params
from sandbox.cloud.dynamodb.table import Table

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region

STRONG_SETS = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"}),
    frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
)
"""Regions that multi-Region strong consistency joins (DynamoDB developer guide, "global tables")."""


_LOCAL = (
    "Cannot add, delete, or update the local region through ReplicaUpdates. "
    "Use CreateTable, DeleteTable, or UpdateTable as required."
)


def _exists(table: Table) -> str:
    return (
        f"Failed to create a the new replica of table with name: '{table.name}' because one or more replicas already "
        "existed as tables."
    )


def update_replicas(region: Region, table: Table, params: Params) -> None:
    """ReplicaUpdates and GlobalTableWitnessUpdates.

    Raises:
        ServiceError: a replica exists or does not, or the table cannot have replicas.
    """
    updates = params.get("ReplicaUpdates")
    if not updates:
        return
    strong = params.get("MultiRegionConsistency") == "STRONG"
    witnesses = [
        update["Create"]["RegionName"] for update in params.get("GlobalTableWitnessUpdates") or [] if "Create" in update
    ]
    creates = [update["Create"] for update in updates if update.get("Create")]
    if strong and region.database.arrive is not None:
        raise invalid("Multi-Region strong consistency is not available where DynamoDB Local holds the items")
    if strong:
        _check_strong(region, table, [create["RegionName"] for create in creates], witnesses)
    elif len(updates) > 1:
        raise invalid("Only one replica can be created, updated or deleted in a single UpdateTable request")
    for update in updates:
        if update.get("Create"):
            _create(region, table, update["Create"], strong=strong, witness=witnesses[0] if witnesses else None)
        elif update.get("Update"):
            replica = _replica(region, table, update["Update"]["RegionName"])
            _override(replica, update["Update"])
        elif update.get("Delete"):
            _delete(region, table, update["Delete"]["RegionName"])
        else:
            raise invalid_values("One of ReplicaUpdate.Create, Update, Delete must not be null")


def _check_strong(region: Region, table: Table, others: list[str], witnesses: list[str]) -> None:
    members = {region.name, *others, *witnesses}
    if len(members) != 3 or not any(members <= regions for regions in STRONG_SETS):
        raise invalid(
            "Global tables with multi-Region strong consistency need exactly three Regions of one Region set, as "
            f"replicas or as one witness; got {', '.join(sorted(members))}"
        )
    if table.items:
        raise invalid("Table must be empty to become a global table with multi-Region strong consistency")
    if table.ttl_attribute is not None:
        raise invalid("Time to Live is not supported on tables with multi-Region strong consistency")
    if table.local_indexes:
        raise invalid("Local secondary indexes are not supported on tables with multi-Region strong consistency")


def _create(region: Region, table: Table, entry: Params, *, strong: bool, witness: str | None) -> None:
    database = region.database
    name = entry["RegionName"]
    group = database.globals.get(table.name)
    if group is not None and name in group.tables:
        raise invalid(_exists(table))
    if name == region.name:
        raise invalid(_LOCAL)
    if not strong and (table.stream is None or table.stream.view != "NEW_AND_OLD_IMAGES"):
        raise invalid(
            "Table needs to have streams enabled with StreamViewType NEW_AND_OLD_IMAGES to be able to create replicas"
        )
    target = database.region(name)
    if table.name in target.tables:
        raise invalid(_exists(table))
    replica = _like(table, name)
    _override(replica, entry)
    target.tables[table.name] = replica
    if group is None:
        group = database.globals[table.name] = GlobalTable(database, table, strong=strong, witness=witness)
    group.add(replica, region.name)


def _like(table: Table, region: str) -> Table:
    """An empty table of the same shape in another region."""
    replica = Table(
        name=table.name, region=region, account=table.account, schema=table.schema, definitions=dict(table.definitions)
    )
    for index in table.indexes.values():
        copy = Index(index.name, index.schema, table.schema, index.projection, is_global=index.is_global)
        copy.throughput, copy.on_demand, copy.warm = index.throughput, index.on_demand, index.warm
        replica.add_index(copy)
    replica.billing_mode, replica.throughput = table.billing_mode, dict(table.throughput)
    replica.on_demand, replica.warm, replica.table_class = table.on_demand, table.warm, table.table_class
    replica.ttl_attribute = table.ttl_attribute
    # A replica's own default is the AWS owned key, whatever the key of the table it copies; an AWS managed key is
    # taken over as that of its region.
    if table.sse is not None and table.sse["KMSMasterKeyArn"].endswith("alias/aws/dynamodb"):
        arn = f"arn:aws:kms:{region}:{table.account}:alias/aws/dynamodb"
        replica.sse = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}
    if table.stream is not None:
        replica.enable_stream(table.stream.view)
    return replica


def _override(replica: Table, entry: Params) -> None:
    key = entry.get("KMSMasterKeyId")
    if key is not None:
        if not key.startswith("arn:"):
            path = key if key.startswith("alias/") else f"key/{key}"
            key = f"arn:aws:kms:{replica.region}:{replica.account}:{path}"
        if key.split(":")[3] != replica.region:
            raise invalid_values(f"KMS key {key} is not in the Region of the replica, {replica.region}")
        replica.sse = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
    if entry.get("TableClassOverride"):
        replica.table_class = entry["TableClassOverride"]
    if entry.get("OnDemandThroughputOverride"):
        replica.on_demand = {**(replica.on_demand or {}), **entry["OnDemandThroughputOverride"]}
    if entry.get("ProvisionedThroughputOverride"):
        replica.throughput = {**replica.throughput, **entry["ProvisionedThroughputOverride"]}


def _replica(region: Region, table: Table, name: str) -> Table:
    group = region.database.globals.get(table.name)
    if group is None or name not in group.tables:
        raise ServiceError("ReplicaNotFoundException", f"Replica not found: {name}")
    return group.tables[name]


def _delete(region: Region, table: Table, name: str) -> None:
    database = region.database
    group = database.globals.get(table.name)
    if name == region.name:
        raise invalid(_LOCAL)
    if group is None or name not in group.tables:
        raise invalid(
            "Update global table operation failed because one or more replicas were not part of the global table. "
            f"Replica: {name}"
        )
    replica = group.tables[name]
    if replica.deletion_protection:
        raise invalid(
            f"Replica of table {table.name} in {name} is protected against deletion. Disable deletion protection first."
        )
    if group.strong:
        for other in list(group.tables):
            if other != region.name:
                group.remove(other)
                _drop(region, other, table.name)
        group.remove(region.name)
        del database.globals[table.name]
        return
    group.remove(name)
    _drop(region, name, table.name)
    if len(group.tables) == 1:
        group.remove(region.name)
        del database.globals[table.name]


def _drop(region: Region, name: str, table: str) -> None:
    target = region.database.region(name)
    replica = target.tables.pop(table)
    replica.disable_stream()
    target.closed_streams.extend(replica.old_streams)
    replica.status = "DELETING"


def sync_replicas(region: Region, table: Table, params: Params) -> None:
    """Settings that a global table keeps the same in all regions: billing, write capacity, indexes, class."""
    group = region.database.globals.get(table.name)
    if group is None or region.name not in group.tables:
        return
    if "StreamSpecification" in params and not params["StreamSpecification"].get("StreamEnabled"):
        raise invalid("Stream of a global table cannot be disabled")
    for replica in group.tables.values():
        if replica is table:
            continue
        replica.billing_mode, replica.billing_changed = table.billing_mode, table.billing_changed
        replica.throughput = {
            **table.throughput,
            "ReadCapacityUnits": replica.throughput["ReadCapacityUnits"] or table.throughput["ReadCapacityUnits"],
        }
        replica.definitions = dict(table.definitions)
        if "WarmThroughput" in params:
            replica.warm = table.warm
        if params.get("TableClass"):
            replica.table_class = table.table_class
        for name in [name for name in replica.indexes if name not in table.indexes]:
            del replica.indexes[name]
        for name, index in table.indexes.items():
            if name not in replica.indexes:
                copy = Index(name, index.schema, table.schema, index.projection, is_global=index.is_global)
                replica.add_index(copy)
            replica.indexes[name].throughput = index.throughput
            replica.indexes[name].on_demand = index.on_demand


def describe_global_table(region: Region, params: Params) -> dict[str, Any]:
    """The legacy view of a global table: only version 2017 tables have one."""
    raise ServiceError(
        "GlobalTableNotFoundException", f"Global table not found: {params.get('GlobalTableName')}, {region.name}"
    )
