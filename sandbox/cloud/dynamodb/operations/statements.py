"""ExecuteStatement, BatchExecuteStatement and ExecuteTransaction: PartiQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb import capacity, paths
from sandbox.cloud.dynamodb.errors import ServiceError, condition_failed, invalid
from sandbox.cloud.dynamodb.expressions import apply, holds
from sandbox.cloud.dynamodb.expressions.nodes import Action, Attribute, Call, Logic
from sandbox.cloud.dynamodb.keys import KeySchema, require_item_key
from sandbox.cloud.dynamodb.operations import transactions
from sandbox.cloud.dynamodb.operations.items import refuse_key_update
from sandbox.cloud.dynamodb.partiql import Bound, Delete, Exists, Insert, Select, Statement, Update, bind, parse
from sandbox.cloud.dynamodb.partiql.bind import joined
from sandbox.cloud.dynamodb.partiql.keys import full_key, only_key
from sandbox.cloud.dynamodb.partiql.nodes import Returning
from sandbox.cloud.dynamodb.partiql.reading import Reader
from sandbox.cloud.dynamodb.request import Params
from sandbox.cloud.dynamodb.values import Item

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region
    from sandbox.cloud.dynamodb.index import Index
    from sandbox.cloud.dynamodb.table import Table

_DUPLICATE = ("DuplicateItem", "Duplicate primary key exists in table")
_CODES = {"ValidationException": "ValidationError"}
"""Codes of a batch's members, where they are not the exception's name without its last word."""


def execute_statement(region: Region, params: Params) -> dict[str, Any]:
    """Run one statement."""
    statement = parse(params["Statement"])
    if isinstance(statement, Exists):
        raise invalid("EXISTS() is only supported in ExecuteTransaction")
    bound = bind(statement, params.get("Parameters"))
    if isinstance(statement, Select):
        consistent = bool(params.get("ConsistentRead"))
        table = region.readable({"TableName": statement.source.table}, consistent=consistent)
        return Reader(table, statement, bound.where, params).page()
    return _write(region, statement, bound, params)


def _write(region: Region, statement: Insert | Update | Delete, bound: Bound, params: Params) -> dict[str, Any]:
    table = region.writable({"TableName": statement.source.table})
    if isinstance(statement, Insert):
        return _insert(table, bound.item, params)
    key, rest = full_key(table.schema, bound.where)
    condition = joined(rest)
    old = table.get(key)
    if isinstance(statement, Delete):
        if old is not None and condition is not None and not holds(condition, old):
            raise _failed(old, params)
        touched = table.write(table.schema.token(key), None)
        return _written(table, params, (old, None), touched, old if statement.returning is not None else None)
    refuse_key_update(table, bound.update)
    if old is None or (condition is not None and not holds(condition, old)):
        raise _failed(old, params)
    new = apply(bound.update, old)
    table.check(new, updated=True)
    touched = table.write(table.schema.token(key), new)
    shown = _returned(statement.returning, old, new, bound.update)
    return _written(table, params, (old, new), touched, shown)


def _insert(table: Table, item: Item, params: Params) -> dict[str, Any]:
    require_item_key(table.schema, item)
    table.check(item)
    if table.get(item) is not None:
        raise ServiceError("DuplicateItemException", _DUPLICATE[1])
    touched = table.write(table.schema.token(item), item)
    return _written(table, params, (None, item), touched, None)


def _failed(old: Item | None, params: Params) -> ServiceError:
    return condition_failed(old if params.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else None)


def _returned(returning: Returning | None, old: Item, new: Item, update: list[Action]) -> Item | None:
    if returning is None:
        return None
    source = new if returning.new else old
    return source if returning.whole else paths.project(source, [action.path for action in update])


def _written(
    table: Table,
    params: Params,
    change: tuple[Item | None, Item | None],
    touched: list[Index],
    shown: Item | None,
) -> dict[str, Any]:
    result: dict[str, Any] = {"Items": [shown] if shown else []}
    mode = params.get("ReturnConsumedCapacity")
    units = capacity.index_units(touched, *change)
    consumed = capacity.document(table, mode, capacity.write_units(*change), units)
    if consumed is not None:
        result["ConsumedCapacity"] = consumed
    return result


# Batches.


def batch_execute_statement(region: Region, params: Params) -> dict[str, Any]:
    """Up to 25 statements, each on its own; what goes wrong with one is said in its place."""
    responses: list[dict[str, Any]] = []
    spent: dict[str, dict[str, Any]] = {}
    for member in params["Statements"]:
        request = {**member, "ReturnConsumedCapacity": params.get("ReturnConsumedCapacity")}
        request.pop("ReturnValuesOnConditionCheckFailure", None)
        responses.append(_member(region, request, spent))
    result: dict[str, Any] = {"Responses": responses}
    if spent:
        result["ConsumedCapacity"] = list(spent.values())
    return result


def _member(region: Region, request: Params, spent: dict[str, dict[str, Any]]) -> dict[str, Any]:
    name: str | None = None
    try:
        statement = parse(request["Statement"])
        if isinstance(statement, Select):
            _require_key(region, statement, bind(statement, request.get("Parameters")), "BatchExecuteStatement")
        name = statement.source.table
        answer = execute_statement(region, request)
    except ServiceError as error:
        code = _CODES.get(error.code, error.code.removesuffix("Exception"))
        response: dict[str, Any] = {"Error": {"Code": code, "Message": error.message}}
        if name is not None and code in ("ConditionalCheckFailed", "DuplicateItem"):
            response["TableName"] = name
        return response
    if "ConsumedCapacity" in answer:
        _add(spent, answer["ConsumedCapacity"])
    response = {"TableName": name}
    if answer["Items"]:
        response["Item"] = answer["Items"][0]
    return response


def _add(spent: dict[str, dict[str, Any]], more: dict[str, Any]) -> None:
    known = spent.get(more["TableName"])
    if known is None:
        spent[more["TableName"]] = dict(more)
    else:
        _sum(known, more)


def _sum(known: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict):
            _sum(known.setdefault(name, {}), value)
        elif isinstance(value, float):
            known[name] = known.get(name, 0.0) + value


def _require_key(region: Region, select: Select, bound: Bound, operation: str) -> tuple[Table, Item]:
    """The table and key of a SELECT of one item.

    Raises:
        ServiceError: it is not a SELECT of one item by its key.
    """
    transactional = operation == "ExecuteTransaction"
    table = region.readable({"TableName": select.source.table}, consistent=transactional, transactional=transactional)
    key = only_key(table.schema, bound.where) if select.source.index_name is None else None
    if key is None:
        raise invalid(f"Select statements within {operation} must specify the primary key in the where clause.")
    return table, key


# Transactions.


def execute_transaction(region: Region, params: Params) -> dict[str, Any]:
    """Up to 100 statements, all reads or all writes, all or none; a token makes a repetition harmless."""
    requests = params["TransactStatements"]
    statements = [parse(request["Statement"]) for request in requests]
    bounds = [
        bind(statement, request.get("Parameters")) for statement, request in zip(statements, requests, strict=True)
    ]
    reads = [isinstance(statement, Select) for statement in statements]
    if any(reads) and not all(reads):
        raise invalid("ExecuteTransaction API does not support both read and write operations")
    if all(reads):
        plans = []
        for position, (statement, bound) in enumerate(zip(statements, bounds, strict=True)):
            if isinstance(statement, Select):
                table, key = _validated(position, lambda s=statement, b=bound: _require_key(region, s, b, _TRANSACTION))
                plans.append((table, key, [column.path for column in statement.columns] or None))
        return transactions.read_all(params, plans)
    repeated = transactions.remembered_request(region, params) is not None
    actions = [
        _validated(position, lambda s=statement, b=bound, r=request: _action(region, s, b, r))
        for position, (statement, bound, request) in enumerate(zip(statements, bounds, requests, strict=True))
    ]
    return {"Responses": [], **transactions.commit(region, params, actions, repeated=repeated)}


_TRANSACTION = "ExecuteTransaction"


def _validated(position: int, work: Any) -> Any:
    try:
        return work()
    except ServiceError as error:
        if error.code != "ValidationException":
            raise
        raise invalid(f"Validation failed in TransactStatements[{position}]: {error.message}") from None


def _action(region: Region, statement: Statement, bound: Bound, request: Params) -> transactions.Action:
    if isinstance(statement, Update | Delete) and statement.returning is not None:
        raise invalid("RETURNING clause is not supported in ExecuteTransaction.")
    table = region.writable({"TableName": statement.source.table}, transactional=True)
    if isinstance(statement, Insert):
        require_item_key(table.schema, bound.item)
        table.check(bound.item)
        key = table.schema.of(bound.item)
        absent = Call("attribute_not_exists", (_partition(table.schema),))
        return transactions.Action("Put", request, table, key, bound.item, None, absent, _DUPLICATE)
    key, rest = full_key(table.schema, bound.where)
    condition = joined(rest)
    if isinstance(statement, Exists):
        if condition is None:
            raise invalid("EXISTS() must contain a single item read with additional condition")
        return transactions.Action("ConditionCheck", request, table, key, None, None, condition)
    there = Call("attribute_exists", (_partition(table.schema),))
    if isinstance(statement, Update):
        refuse_key_update(table, bound.update)
        whole = there if condition is None else Logic("AND", there, condition)
        return transactions.Action("Update", request, table, key, None, bound.update, whole)
    if condition is not None:
        condition = Logic("OR", Call("attribute_not_exists", (_partition(table.schema),)), condition)
    return transactions.Action("Delete", request, table, key, None, None, condition)


def _partition(schema: KeySchema) -> Attribute:
    return Attribute((schema.partition.name,))
