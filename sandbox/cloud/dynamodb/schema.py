"""What CreateTable and UpdateTable say of keys, indexes and throughput, checked."""

from __future__ import annotations

from sandbox.cloud.dynamodb.errors import invalid, invalid_values
from sandbox.cloud.dynamodb.index import Index
from sandbox.cloud.dynamodb.keys import KeyAttribute, KeySchema
from sandbox.cloud.dynamodb.request import Params, check_name

_MAX_GLOBAL = 20
_MAX_LOCAL = 5
_MAX_KEY_ATTRIBUTES = 4
"""Of each kind, in a global secondary index."""


def definitions(params: Params) -> dict[str, str]:
    """AttributeDefinitions by name.

    Raises:
        ServiceError: a name is defined twice.
    """
    found: dict[str, str] = {}
    for entry in params.get("AttributeDefinitions") or []:
        name = entry["AttributeName"]
        if name in found:
            raise invalid_values(f"Cannot have two attributes with the same name. Duplicate attribute name: {name}")
        found[name] = entry["AttributeType"]
    return found


def key_schema(elements: list[dict[str, str]], types: dict[str, str], *, most: int = 1) -> KeySchema:
    """A KeySchema parameter, with at most so many attributes of each kind (4 in a global index, else 1).

    Raises:
        ServiceError: it has no partition key, too many attributes, one twice, or names an undefined attribute.
    """
    roles = [element["KeyType"] for element in elements]
    if len(elements) > 2 * most or roles.count("HASH") > max(most, 1) or roles.count("RANGE") > max(most, 1):
        if most == 1 and len(elements) <= 2:
            raise invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        wanted = "1 or 2" if most == 1 else f"at most {most} HASH and {most} RANGE elements"
        raise invalid_values(f"Too many KeySchema elements; expected {wanted}")
    if not elements or roles[0] != "HASH":
        raise invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if roles != sorted(roles):
        raise invalid("Invalid KeySchema: The HASH key types must stand before the RANGE key types")
    names = [element["AttributeName"] for element in elements]
    if len(set(names)) != len(names):
        raise invalid("Invalid KeySchema: Some index key attribute have no definition")
    missing = [name for name in names if name not in types]
    if missing:
        raise invalid_values(
            "Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: [{', '.join(names)}], AttributeDefinitions: [{', '.join(types)}]"
        )
    hashes = [KeyAttribute(name, types[name]) for name, role in zip(names, roles, strict=True) if role == "HASH"]
    ranges = [KeyAttribute(name, types[name]) for name, role in zip(names, roles, strict=True) if role == "RANGE"]
    return KeySchema(hashes[0], ranges[0] if ranges else None, tuple(hashes[1:]), tuple(ranges[1:]))


def index_of(entry: Params, table: KeySchema, types: dict[str, str], *, is_global: bool, mode: str) -> Index:
    """One secondary index of a parameter.

    Raises:
        ServiceError: its name, keys, projection or throughput is wrong.
    """
    name = entry.get("IndexName") or ""
    check_name(name, "indexName", low=3)
    schema = key_schema(entry.get("KeySchema") or [], types, most=_MAX_KEY_ATTRIBUTES if is_global else 1)
    projection = entry.get("Projection") or {}
    kind = projection.get("ProjectionType")
    if kind is None:
        raise invalid_values("Unknown ProjectionType: null")
    extra = projection.get("NonKeyAttributes")
    if kind == "INCLUDE" and not extra:
        raise invalid_values("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and extra is not None:
        raise invalid_values(f"ProjectionType is {kind}, but NonKeyAttributes is specified")
    if not is_global:
        if schema.partition.name != table.partition.name:
            raise invalid_values(
                f"Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. "
                f"index hash key: {schema.partition.name}, table hash key: {table.partition.name}"
            )
        if schema.sort is None:
            raise invalid_values(f"Index KeySchema does not have a range key for index: {name}")
    index = Index(name, schema, table, projection, is_global=is_global)
    if is_global:
        index.throughput = throughput(entry, mode, index=name)
        index.on_demand = entry.get("OnDemandThroughput")
        index.warm = entry.get("WarmThroughput")
    return index


def indexes(params: Params, table: KeySchema, types: dict[str, str], mode: str) -> dict[str, Index]:
    """All secondary indexes of CreateTable.

    Raises:
        ServiceError: one is wrong, two share a name, or there are too many.
    """
    found: dict[str, Index] = {}
    for parameter, is_global, limit in (
        ("LocalSecondaryIndexes", False, _MAX_LOCAL),
        ("GlobalSecondaryIndexes", True, _MAX_GLOBAL),
    ):
        entries = params.get(parameter)
        if entries is None:
            continue
        what = "Global" if is_global else "Local"
        if not entries:
            raise invalid_values(f"List of {what}SecondaryIndexes is empty")
        if len(entries) > limit:
            count = "GlobalSecondaryIndex count" if is_global else "Number of LocalSecondaryIndexes"
            raise invalid_values(f"{count} exceeds per-table limit of {limit}")
        if not is_global and table.sort is None:
            raise invalid_values(
                "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"
            )
        for entry in entries:
            index = index_of(entry, table, types, is_global=is_global, mode=mode)
            if index.name in found:
                raise invalid_values(f"Duplicate index name: {index.name}")
            found[index.name] = index
    return found


def throughput(params: Params, mode: str, *, index: str | None = None) -> dict[str, int]:
    """ProvisionedThroughput, or zeros on demand.

    Raises:
        ServiceError: it is absent where the mode needs it, or there where the mode forbids it.
    """
    given = params.get("ProvisionedThroughput")
    if mode == "PAY_PER_REQUEST":
        if given is not None and (given.get("ReadCapacityUnits") or given.get("WriteCapacityUnits")):
            where = f" for index: {index}" if index else ""
            raise invalid_values(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
                if not index
                else f"ProvisionedThroughput should not be specified{where} when BillingMode is PAY_PER_REQUEST"
            )
        return {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    if given is None:
        if index is None:
            raise invalid_values(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
            )
        raise invalid_values(f"ProvisionedThroughput is not specified for index: {index}")
    return {
        "ReadCapacityUnits": given["ReadCapacityUnits"],
        "WriteCapacityUnits": given["WriteCapacityUnits"],
    }


def refuse_unused(types: dict[str, str], table: KeySchema, indexes_: dict[str, Index]) -> None:
    """Every defined attribute must be a key of the table or of an index.

    Raises:
        ServiceError: one is not.
    """
    used = set(table.names)
    for index in indexes_.values():
        used |= set(index.schema.names)
    if used != set(types):
        raise invalid_values(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions"
            if not indexes_
            else "Some AttributeDefinitions are not used. "
            f"AttributeDefinitions: [{', '.join(types)}], keys used: [{', '.join(sorted(used))}]"
        )
