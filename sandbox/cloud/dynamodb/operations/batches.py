"""BatchGetItem and BatchWriteItem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb import capacity, paths
from sandbox.cloud.dynamodb.errors import invalid
from sandbox.cloud.dynamodb.keys import require_item_key, require_key
from sandbox.cloud.dynamodb.operations.items import add_collection_metrics, projection_of
from sandbox.cloud.dynamodb.request import Params, binder, constraint
from sandbox.cloud.dynamodb.values import Item, check_item, item_size

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region
    from sandbox.cloud.dynamodb.table import Table

_MAX_GETS = 100
_MAX_WRITES = 25
_MAX_BYTES = 16 * 2**20


def batch_get_item(region: Region, params: Params) -> dict[str, Any]:
    """Up to 100 items of several tables; what is beyond 16 MB comes back as unprocessed."""
    requests = _requests(params, "BatchGetItem")
    if sum(len(request.get("Keys") or ()) for request in requests.values()) > _MAX_GETS:
        raise invalid("Too many items requested for the BatchGetItem call")
    plans = []
    for name, request in requests.items():
        if not request.get("Keys"):
            member = f"requestItems.{name}.member.keys"
            raise constraint(
                None if request.get("Keys") is None else "[]",
                member,
                "Member must not be null"
                if request.get("Keys") is None
                else "Member must have length greater than or equal to 1",
            )
        bound = binder(request, "ProjectionExpression")
        projection = projection_of(request, bound)
        bound.finish()
        plans.append((name, request, projection))
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, Any] = {}
    consumed = []
    total = 0
    for name, request, projection in plans:
        consistent = bool(request.get("ConsistentRead"))
        table = region.readable({"TableName": name}, consistent=consistent)
        keys = [require_key(table.schema, key) for key in request["Keys"]]
        _refuse_duplicates([table.schema.token(key) for key in keys], "Provided list of item keys contains duplicates")
        found = responses.setdefault(name, [])
        units = 0.0
        for key in keys:
            item = table.get(key)
            size = item_size(item or {})
            if total and total + size > _MAX_BYTES:
                left = unprocessed.setdefault(name, {**request, "Keys": []})
                left["Keys"].append(key)
                continue
            total += size
            units += capacity.read_units(size, consistent=consistent)
            if item is not None:
                found.append(item if projection is None else paths.project(item, projection))
        document = capacity.document(table, params.get("ReturnConsumedCapacity"), units)
        if document is not None:
            consumed.append(document)
    result: dict[str, Any] = {"Responses": responses, "UnprocessedKeys": unprocessed}
    if consumed:
        result["ConsumedCapacity"] = consumed
    return result


def batch_write_item(region: Region, params: Params) -> dict[str, Any]:
    """Up to 25 puts and deletes, each by itself."""
    requests = _requests(params, "BatchWriteItem")
    for name, writes in requests.items():
        if not isinstance(writes, list) or not writes:
            raise constraint("[]", f"requestItems.{name}.member", "Member must have length greater than or equal to 1")
    if sum(len(writes) for writes in requests.values()) > _MAX_WRITES:
        raise invalid("Too many items requested for the BatchWriteItem call")
    plan: list[tuple[str, Table, Item, Item | None]] = []
    for name, writes in requests.items():
        table = region.writable({"TableName": name})
        tokens = []
        for write in writes:
            key, item = _write(table, write)
            tokens.append(table.schema.token(key))
            plan.append((name, table, key, item))
        _refuse_duplicates(tokens, "Provided list of item keys contains duplicates")
    units: dict[str, float] = {}
    index_units: dict[str, dict[str, float]] = {}
    metrics: dict[str, list[Any]] = {}
    for name, table, key, item in plan:
        old = table.get(key)
        touched = table.write(table.schema.token(key), item)
        units[name] = units.get(name, 0.0) + capacity.write_units(old, item)
        sums = index_units.setdefault(name, {})
        for index, value in capacity.index_units(touched, old, item).items():
            sums[index] = sums.get(index, 0.0) + value
        entry: dict[str, Any] = {}
        add_collection_metrics(entry, params, table, key)
        if entry:
            metrics.setdefault(name, []).append(entry["ItemCollectionMetrics"])
    result: dict[str, Any] = {"UnprocessedItems": {}}
    tables = {name: table for name, table, _, _ in plan}
    consumed = [
        capacity.document(tables[name], params.get("ReturnConsumedCapacity"), value, index_units[name])
        for name, value in units.items()
    ]
    if any(consumed):
        result["ConsumedCapacity"] = consumed
    if metrics:
        result["ItemCollectionMetrics"] = metrics
    return result


def _requests(params: Params, operation: str) -> dict[str, Any]:
    requests = params.get("RequestItems")
    if requests is None:
        raise constraint(None, "requestItems", "Member must not be null")
    if not requests:
        raise invalid(f"The requestItems parameter is required for {operation}")
    return dict(requests)


def _write(table: Table, write: dict[str, Any]) -> tuple[Item, Item | None]:
    if len([name for name in ("PutRequest", "DeleteRequest") if write.get(name)]) != 1:
        raise invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
            "datatypes"
            if len(write) > 1
            else "Supplied WriteRequest is empty, must contain exactly one of PutRequest or DeleteRequest"
        )
    if write.get("PutRequest"):
        item = check_item(write["PutRequest"].get("Item"))
        for name in table.schema.names:
            if name not in item:
                raise invalid("The provided key element does not match the schema")
        require_item_key(table.schema, item)
        table.check(item)
        return table.schema.of(item), item
    return require_key(table.schema, write["DeleteRequest"].get("Key")), None


def _refuse_duplicates(tokens: list[Any], message: str) -> None:
    if len(set(tokens)) != len(tokens):
        raise invalid(message)
