"""DynamoDB's requests as wishes, with LeadingKeys, Attributes, Select and the other condition keys.

Keys as the service authorization reference for DynamoDB defines them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.cloud.authorization import partiql
from sandbox.cloud.authorization.shapes import TableShape
from sandbox.cloud.authorization.wish import Wish
from sandbox.cloud.dynamodb.expressions.tokens import tokenize
from sandbox.cloud.dynamodb.partiql.requests import STATEMENTS, tables_named

Params = Mapping[str, Any]
Shapes = Callable[[str], TableShape | None]
"""A table's shape by its name or ARN; None where there is no such table."""

_WORDS = frozenset({"and", "or", "not", "between", "in", "set", "remove", "add", "delete"})
_EXPRESSIONS = ("ConditionExpression", "ProjectionExpression", "UpdateExpression", "FilterExpression")
_LEGACY = ("Expected", "AttributeUpdates", "QueryFilter", "ScanFilter", "KeyConditions")
_TRANSACTIONAL = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def tables_of(operation: str, params: Params) -> list[str]:
    """The tables that a request names."""
    if operation in ("BatchGetItem", "BatchWriteItem"):
        return list(params.get("RequestItems") or {})
    if operation in ("TransactWriteItems", "TransactGetItems"):
        return [body["TableName"] for _, body in _actions(params) if "TableName" in body]
    if operation in STATEMENTS:
        return tables_named(params)
    name = (
        params.get("TableName") or params.get("ResourceArn") or params.get("TableArn") or params.get("SourceTableName")
    )
    return [name] if isinstance(name, str) else []


def wishes(operation: str, params: Params, shapes: Shapes, region: str, account: str) -> list[Wish]:
    """What a request wants."""
    if operation in ("BatchGetItem", "BatchWriteItem"):
        return [
            _items(operation, {**(body if isinstance(body, dict) else {}), "TableName": name}, keys, shapes(name), name)
            for name, body in (params.get("RequestItems") or {}).items()
            for keys in [_batch_keys(body)]
        ]
    if operation in ("TransactWriteItems", "TransactGetItems"):
        found = []
        for kind, body in _actions(params):
            action = _TRANSACTIONAL.get(kind, "GetItem")
            keys = [body.get("Item") or body.get("Key") or {}]
            wish = _items(action, body, keys, shapes(body.get("TableName", "")), body.get("TableName", ""))
            context = {**wish.context, "dynamodb:EnclosingOperation": operation}
            found.append(Wish(action=wish.action, resource=wish.resource, context=context, policy=wish.policy))
        return found
    if operation in STATEMENTS:
        return partiql.wishes(operation, params, shapes)
    names = tables_of(operation, params)
    name = names[0] if names else "*"
    if operation in ("GetItem", "PutItem", "UpdateItem", "DeleteItem"):
        return [_items(operation, params, [params.get("Item") or params.get("Key") or {}], shapes(name), name)]
    if operation in ("Query", "Scan"):
        return [_search(operation, params, shapes(name), name)]
    shape = shapes(name) if names else None
    if shape is not None:
        return [Wish(action=f"dynamodb:{operation}", resource=shape.arn, policy=shape.policy)]
    resource = f"arn:aws:dynamodb:{region}:{account}:table/{name}" if name != "*" and ":" not in name else name
    return [Wish(action=f"dynamodb:{operation}", resource=resource)]


def _actions(params: Params) -> Iterator[tuple[str, Params]]:
    for entry in params.get("TransactItems") or []:
        yield from entry.items()


def _batch_keys(body: Any) -> list[Params]:
    if isinstance(body, dict):
        return list(body.get("Keys") or [])
    found = []
    for write in body or []:
        put, delete = write.get("PutRequest"), write.get("DeleteRequest")
        found.append((put or {}).get("Item") or (delete or {}).get("Key") or {})
    return found


def _items(operation: str, params: Params, keys: list[Params], shape: TableShape | None, name: str) -> Wish:
    context: dict[str, str | list[str]] = {}
    if shape is not None:
        context["dynamodb:LeadingKeys"] = [_text(key[shape.partition]) for key in keys if shape.partition in key]
    attributes = _attributes(params)
    for key in keys:
        attributes |= set(key)
    if attributes and not (operation in ("GetItem", "BatchGetItem") and not _projects(params)):
        context["dynamodb:Attributes"] = sorted(attributes)
    if operation in ("GetItem", "BatchGetItem"):
        context["dynamodb:Select"] = "SPECIFIC_ATTRIBUTES" if _projects(params) else "ALL_ATTRIBUTES"
    _add_plain(context, params)
    return Wish(
        action=f"dynamodb:{operation}",
        resource=shape.arn if shape is not None else name,
        context=context,
        policy=shape.policy if shape is not None else None,
    )


def _search(operation: str, params: Params, shape: TableShape | None, name: str) -> Wish:
    context: dict[str, str | list[str]] = {}
    index = params.get("IndexName")
    if operation == "Query" and shape is not None:
        partition = shape.indexes.get(index, shape.partition) if index else shape.partition
        leading = _queried(params, partition)
        if leading is not None:
            context["dynamodb:LeadingKeys"] = [leading]
    if operation == "Scan":
        context["dynamodb:FullTableScan"] = "true"
    select = params.get("Select")
    if select is None:
        select = (
            "SPECIFIC_ATTRIBUTES" if _projects(params) else "ALL_PROJECTED_ATTRIBUTES" if index else "ALL_ATTRIBUTES"
        )
    context["dynamodb:Select"] = select
    attributes = _attributes(params)
    if attributes:
        context["dynamodb:Attributes"] = sorted(attributes)
    _add_plain(context, params)
    arn = shape.arn if shape is not None else name
    return Wish(
        action=f"dynamodb:{operation}",
        resource=f"{arn}/index/{index}" if index else arn,
        context=context,
        policy=shape.policy if shape is not None else None,
    )


def _add_plain(context: dict[str, str | list[str]], params: Params) -> None:
    for name in ("ReturnValues", "ReturnConsumedCapacity"):
        if params.get(name) is not None:
            context[f"dynamodb:{name}"] = str(params[name])


def _projects(params: Params) -> bool:
    return params.get("ProjectionExpression") is not None or params.get("AttributesToGet") is not None


def _attributes(params: Params) -> set[str]:
    """The top-level attributes that a request names."""
    names = params.get("ExpressionAttributeNames") or {}
    found = set(params.get("AttributesToGet") or ())
    for parameter in (*_EXPRESSIONS, "KeyConditionExpression"):
        if params.get(parameter):
            found |= {names.get(word, word) for word in _paths(params[parameter])}
    for parameter in _LEGACY:
        found |= set(params.get(parameter) or ())
    return found


def _paths(expression: str) -> Iterator[str]:
    """The first words of the document paths of an expression."""
    tokens = tokenize(expression)
    for position, token in enumerate(tokens):
        before = tokens[position - 1].text if position else ""
        after = tokens[position + 1].text if position + 1 < len(tokens) else ""
        if before == ".":
            continue
        plain = token.kind == "word" and after != "(" and token.text.lower() not in _WORDS
        if plain or token.kind == "name":
            yield token.text


def _queried(params: Params, partition: str) -> str | None:
    """The partition key value of a query."""
    conditions = params.get("KeyConditions") or {}
    if partition in conditions:
        return _text((conditions[partition].get("AttributeValueList") or [{}])[0])
    names = params.get("ExpressionAttributeNames") or {}
    values = params.get("ExpressionAttributeValues") or {}
    tokens = tokenize(params.get("KeyConditionExpression") or "")
    for left, sign, right in zip(tokens, tokens[1:], tokens[2:], strict=False):
        for one, two in ((left, right), (right, left)):
            if sign.text == "=" and names.get(one.text, one.text) == partition and two.text in values:
                return _text(values[two.text])
    return None


def _text(value: Any) -> str:
    return str(next(iter(value.values()), "")) if isinstance(value, dict) else ""
