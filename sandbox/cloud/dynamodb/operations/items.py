"""PutItem, GetItem, UpdateItem and DeleteItem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb import capacity, legacy, paths
from sandbox.cloud.dynamodb.errors import condition_failed, invalid, invalid_values
from sandbox.cloud.dynamodb.expressions import Binder, Condition, Update, apply, holds
from sandbox.cloud.dynamodb.keys import require_item_key, require_key
from sandbox.cloud.dynamodb.request import Params, binder, constraint, refuse_mixing
from sandbox.cloud.dynamodb.values import Item, check_item, item_size

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region
    from sandbox.cloud.dynamodb.index import Index
    from sandbox.cloud.dynamodb.table import Table

_EMPTY: Item = {}


def put_item(region: Region, params: Params) -> dict[str, Any]:
    """Put one item."""
    require(params, "Item")
    refuse_mixing(params, ("ConditionExpression",), ("Expected", "ConditionalOperator"))
    bound = binder(params, "ConditionExpression")
    one_of(params, "ReturnValues", "returnValues", ("NONE", "ALL_OLD"), "ReturnValues can only be ALL_OLD or NONE")
    condition = write_condition(params, bound)
    item = check_item(params["Item"])
    bound.finish()
    table = region.writable(params)
    require_item_key(table.schema, item)
    table.check(item)
    old = table.get(item)
    _require(condition, old, params)
    touched = table.write(table.schema.token(item), item)
    result: dict[str, Any] = {}
    if params.get("ReturnValues") == "ALL_OLD" and old is not None:
        result["Attributes"] = old
    _add_capacity(result, params, table, (old, item), touched)
    add_collection_metrics(result, params, table, item)
    return result


def delete_item(region: Region, params: Params) -> dict[str, Any]:
    """Delete one item."""
    require(params, "Key")
    refuse_mixing(params, ("ConditionExpression",), ("Expected", "ConditionalOperator"))
    bound = binder(params, "ConditionExpression")
    one_of(params, "ReturnValues", "returnValues", ("NONE", "ALL_OLD"), "ReturnValues can only be ALL_OLD or NONE")
    condition = write_condition(params, bound)
    bound.finish()
    table = region.writable(params)
    key = require_key(table.schema, params["Key"])
    old = table.get(key)
    _require(condition, old, params)
    touched = table.write(table.schema.token(key), None)
    result: dict[str, Any] = {}
    if params.get("ReturnValues") == "ALL_OLD" and old is not None:
        result["Attributes"] = old
    _add_capacity(result, params, table, (old, None), touched)
    add_collection_metrics(result, params, table, key)
    return result


def get_item(region: Region, params: Params) -> dict[str, Any]:
    """Get one item."""
    require(params, "Key")
    refuse_mixing(params, ("ProjectionExpression",), ("AttributesToGet",))
    bound = binder(params, "ProjectionExpression")
    projection = projection_of(params, bound)
    bound.finish()
    consistent = bool(params.get("ConsistentRead"))
    table = region.readable(params, consistent=consistent)
    item = table.get(require_key(table.schema, params["Key"]))
    result: dict[str, Any] = {}
    if item is not None:
        result["Item"] = item if projection is None else paths.project(item, projection)
    units = capacity.read_units(item_size(item or _EMPTY), consistent=consistent)
    consumed = capacity.document(table, params.get("ReturnConsumedCapacity"), units)
    if consumed is not None:
        result["ConsumedCapacity"] = consumed
    return result


def update_item(region: Region, params: Params) -> dict[str, Any]:
    """Update one item, or make it."""
    require(params, "Key")
    refuse_mixing(
        params,
        ("UpdateExpression", "ConditionExpression"),
        ("AttributeUpdates", "Expected", "ConditionalOperator"),
    )
    one_of(params, "ReturnValues", "returnValues", ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"))
    bound = binder(params, "UpdateExpression", "ConditionExpression")
    source = params.get("UpdateExpression")
    update = bound.update(source) if source is not None else None
    condition = write_condition(params, bound)
    bound.finish()
    table = region.writable(params)
    if update is not None:
        refuse_key_update(table, update)
    key = require_key(table.schema, params["Key"])
    old = table.get(key)
    _require(condition, old, params)
    base = old if old is not None else key
    if update is not None:
        new = apply(update, base)
    else:
        new = legacy.update(params.get("AttributeUpdates") or {}, base, table.schema.names)
        only_deletes = all(
            entry.get("Action", "PUT") == "DELETE" for entry in (params.get("AttributeUpdates") or {}).values()
        )
        if old is None and params.get("AttributeUpdates") and only_deletes:
            return _updated(params, table, None, None, touched=[], changed=[])
    table.check(new, updated=True)
    touched = table.write(table.schema.token(key), new)
    changed: list[paths.Path]
    if update is not None:
        changed = [clause.path for clause in update]
    else:
        changed = [(name,) for name in params.get("AttributeUpdates") or {}]
    return _updated(params, table, old, new, touched=touched, changed=changed)


def _updated(
    params: Params,
    table: Table,
    old: Item | None,
    new: Item | None,
    *,
    touched: list[Index],
    changed: list[paths.Path],
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    mode = params.get("ReturnValues", "NONE")
    if mode == "ALL_OLD" and old is not None:
        result["Attributes"] = old
    elif mode == "ALL_NEW" and new is not None:
        result["Attributes"] = new
    elif mode in ("UPDATED_OLD", "UPDATED_NEW"):
        source = (old if mode == "UPDATED_OLD" else new) or {}
        found = paths.project(source, changed)
        if found:
            result["Attributes"] = found
    _add_capacity(result, params, table, (old, new), touched)
    add_collection_metrics(result, params, table, params["Key"])
    return result


def write_condition(params: Params, bound: Binder) -> Condition | None:
    """ConditionExpression, or Expected as one."""
    source = params.get("ConditionExpression")
    if source is not None:
        return bound.condition("ConditionExpression", source)
    if params.get("Expected"):
        return legacy.expected(params["Expected"], params.get("ConditionalOperator"))
    if params.get("ConditionalOperator") is not None:
        raise invalid("ConditionalOperator cannot be used without Filter or Expected")
    return None


def projection_of(params: Params, bound: Binder) -> list[paths.Path] | None:
    """ProjectionExpression, or AttributesToGet as one, or None for everything."""
    source = params.get("ProjectionExpression")
    if source is not None:
        return bound.projection(source)
    names = params.get("AttributesToGet")
    if names is None:
        return None
    if len(set(names)) != len(names):
        doubled = next(name for name in names if names.count(name) > 1)
        raise invalid_values(f"Duplicate value in attribute name: {doubled}")
    return [(name,) for name in names]


def _require(condition: Condition | None, old: Item | None, params: Params) -> None:
    if condition is not None and not holds(condition, old if old is not None else _EMPTY):
        wants = params.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        raise condition_failed(old if wants and old is not None else None)


def refuse_key_update(table: Table, update: Update) -> None:
    """An update must leave the key alone.

    Raises:
        ServiceError: it does not.
    """
    for clause in update:
        name = clause.path[0]
        if name in table.schema.names:
            raise invalid_values(f"Cannot update attribute {name}. This attribute is part of the key")


def require(params: Params, name: str) -> None:
    """A parameter that must be there.

    Raises:
        ServiceError: it is not.
    """
    if params.get(name) is None:
        raise constraint(None, name[0].lower() + name[1:], "Member must not be null")


def one_of(params: Params, name: str, member: str, allowed: tuple[str, ...], message: str | None = None) -> None:
    """A parameter that is one of some words, where it is there.

    Raises:
        ServiceError: it is another.
    """
    del member
    value = params.get(name)
    if value is not None and value not in allowed:
        raise invalid(message or f"{name} is {value}")


def _add_capacity(
    result: dict[str, Any], params: Params, table: Table, change: tuple[Item | None, Item | None], touched: list[Index]
) -> None:
    mode = params.get("ReturnConsumedCapacity")
    if mode is None or mode == "NONE":
        return
    units = capacity.index_units(touched, *change)
    consumed = capacity.document(table, mode, capacity.write_units(*change), units)
    if consumed is not None:
        result["ConsumedCapacity"] = consumed


def add_collection_metrics(result: dict[str, Any], params: Params, table: Table, key: Item) -> None:
    """ItemCollectionMetrics, where the caller asked and the table has local indexes."""
    if params.get("ReturnItemCollectionMetrics") != "SIZE" or not table.local_indexes:
        return
    name = table.schema.partition.name
    partition = key[name][table.schema.partition.type]
    gigabytes = sum(item_size(entry.item) for entry in table.collection.walk(partition)) / 2**30
    result["ItemCollectionMetrics"] = {
        "ItemCollectionKey": {name: key[name]},
        "SizeEstimateRangeGB": [float(int(gigabytes)), float(int(gigabytes) + 1)],
    }
