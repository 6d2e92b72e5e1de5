"""A table's settings as the arguments of a DynamoDB table, and as the topology tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from holdfast import topology

if TYPE_CHECKING:
    from components.base.place import Place
    from settings.data import HomeRegionsSettings, IndexSettings, KeyAttribute, ProvisionedSettings, TableSettings


def attributes(table: TableSettings) -> list[aws.dynamodb.TableAttributeArgs]:
    """Every attribute that a key of the table or of an index uses, once, by name."""
    keys = [table.partition_key, table.sort_key]
    for index in table.indexes.values():
        keys += [index.partition_key, index.sort_key]
    types = {key.name: key.type for key in keys if key is not None}
    return [aws.dynamodb.TableAttributeArgs(name=name, type=types[name]) for name in sorted(types)]


def global_index(
    name: str, index: IndexSettings, provisioned: ProvisionedSettings | None
) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    """One global secondary index, with the capacity of its table where that is provisioned."""
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=name,
        key_schemas=[
            aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=key.name, key_type=kind)
            for key, kind in ((index.partition_key, "HASH"), (index.sort_key, "RANGE"))
            if key is not None
        ],
        projection_type=index.projection,
        non_key_attributes=list(index.included_attributes) or None,
        read_capacity=provisioned.read.initial if provisioned else None,
        write_capacity=provisioned.write.initial if provisioned else None,
    )


def described(table: TableSettings, place: Place) -> topology.Table:
    """The table as the topology describes it in one region."""
    return topology.Table(
        name=table.name,
        arn=place.table_arn(table.name),
        partition_key=_key(table.partition_key),
        sort_key=_key(table.sort_key) if table.sort_key else None,
        consistency=table.consistency,
        indexes=tuple(
            topology.Index(
                name=name,
                partition_key=_key(index.partition_key),
                sort_key=_key(index.sort_key) if index.sort_key else None,
                projection=index.projection,
            )
            for name, index in table.indexes.items()
        ),
        ttl_attribute=table.ttl_attribute,
        homes=_homes(table.home_regions, place.home_region) if table.home_regions else None,
    )


def _homes(homes: HomeRegionsSettings, home: str) -> topology.Homes:
    return topology.Homes(spread=homes.spread or (home,), prefixes=tuple(sorted(homes.prefixes.items())))


def _key(key: KeyAttribute) -> topology.Key:
    return topology.Key(name=key.name, type=key.type)
