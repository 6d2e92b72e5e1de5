"""TransactWriteItems and TransactGetItems: all or nothing, within a region."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sandbox.cloud.dynamodb import capacity, paths
from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.expressions import Condition, Update, apply, holds
from sandbox.cloud.dynamodb.keys import KeySchema, Token, require_item_key, require_key
from sandbox.cloud.dynamodb.operations.items import (
    add_collection_metrics,
    projection_of,
    refuse_key_update,
    write_condition,
)
from sandbox.cloud.dynamodb.request import Params, binder, constraint
from sandbox.cloud.dynamodb.values import Item, check_item, item_size

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region
    from sandbox.cloud.dynamodb.table import Table

_MAX_ACTIONS = 100
_MAX_BYTES = 4 * 2**20
_TOKEN_SECONDS = 600
_Read = TypeVar("_Read")
_ACTIONS = ("ConditionCheck", "Put", "Delete", "Update")


class Action(NamedTuple):
    """One write or check of a transaction."""

    kind: str
    request: Params
    table: Table
    key: Item
    item: Item | None
    update: Update | None
    condition: Condition | None
    failure: tuple[str, str] = ("ConditionalCheckFailed", "The conditional request failed")
    """The reason's code and message where the condition does not hold."""

    @property
    def token(self) -> Token:
        """The key as text."""
        return self.table.schema.token(self.key)


def transact_write_items(region: Region, params: Params) -> dict[str, Any]:
    """Up to 100 actions on items of several tables, all or none; a token makes a repetition harmless."""
    requests = _items(params)
    remembered = remembered_request(region, params)
    return commit(region, params, _all(_action, region, requests), repeated=remembered is not None)


def commit(region: Region, params: Params, actions: list[Action], *, repeated: bool) -> dict[str, Any]:
    """Do all of the actions, or none; a repeated request is answered, and nothing is done.

    Raises:
        ServiceError: a condition does not hold, an update cannot be made, or the items are too large together.
    """
    refuse_same_item([(action.table.name, action.token) for action in actions])
    if repeated:
        return _answer(params, actions, [action.table.get(action.key) for action in actions], replayed=True)
    olds = [action.table.get(action.key) for action in actions]
    news: list[Item | None] = []
    reasons: list[dict[str, Any]] = []
    for action, old in zip(actions, olds, strict=True):
        new, reason = _evaluate(action, old)
        news.append(new)
        reasons.append(reason)
    if any(reason["Code"] != "None" for reason in reasons):
        raise _cancelled(reasons)
    if sum(item_size(item) for item in news if item is not None) > _MAX_BYTES:
        raise invalid("Transaction request cannot include items with aggregate size greater than 4 MB")
    for action, new in zip(actions, news, strict=True):
        if action.kind != "ConditionCheck":
            action.table.write(action.token, new)
    _remember(region, params)
    return _answer(params, actions, olds, news=news)


def _items(params: Params) -> list[Params]:
    requests = params.get("TransactItems")
    if requests is None:
        raise constraint(None, "transactItems", "Member must not be null")
    if not requests:
        raise constraint("[]", "transactItems", "Member must have length greater than or equal to 1")
    if len(requests) > _MAX_ACTIONS:
        raise constraint(requests, "transactItems", f"Member must have length less than or equal to {_MAX_ACTIONS}")
    return list(requests)


def _all(read: Callable[[Region, Params], _Read], region: Region, requests: list[Params]) -> list[_Read]:
    """Read every action; keys that do not fit their table cancel the transaction.

    Raises:
        ServiceError: an action is malformed, or keys do not fit.
    """
    found: list[_Read] = []
    reasons: list[dict[str, Any]] = []
    for request in requests:
        try:
            found.append(read(region, request))
            reasons.append({"Code": "None"})
        except _KeyFault as fault:
            reasons.append({"Code": "ValidationError", "Message": str(fault)})
    if len(found) != len(requests):
        raise _cancelled(reasons)
    return found


def _cancelled(reasons: list[dict[str, Any]]) -> ServiceError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return ServiceError(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


class _KeyFault(Exception):  # noqa: N818 - never leaves this module
    """A key that does not fit its table."""


def _key(check: Callable[[KeySchema, Any], Item | None], schema: KeySchema, value: Any) -> Item | None:
    try:
        return check(schema, value)
    except ServiceError as error:
        if error.code != "ValidationException":
            raise
        raise _KeyFault(error.message) from None


def _action(region: Region, request: Params) -> Action:
    kinds = [kind for kind in _ACTIONS if request.get(kind) is not None]
    if len(kinds) != 1:
        raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
    kind = kinds[0]
    body = request[kind]
    expressions = ("UpdateExpression", "ConditionExpression") if kind == "Update" else ("ConditionExpression",)
    bound = binder(body, *expressions)
    update = None
    if kind == "Update":
        if body.get("UpdateExpression") is None:
            raise constraint(None, "transactItems.1.member.update.updateExpression", "Member must not be null")
        update = bound.update(body["UpdateExpression"])
    condition = write_condition(body, bound)
    bound.finish()
    table = region.writable(body, transactional=True)
    item = None
    if kind == "Put":
        item = check_item(body["Item"])
        _key(require_item_key, table.schema, item)
        table.check(item)
        key = table.schema.of(item)
    else:
        key = _key(require_key, table.schema, body["Key"]) or {}
    if update is not None:
        refuse_key_update(table, update)
    return Action(kind, body, table, key, item, update, condition)


def refuse_same_item(targets: list[tuple[str, Token]]) -> None:
    """A transaction names an item once.

    Raises:
        ServiceError: it does so twice.
    """
    if len(set(targets)) != len(targets):
        raise invalid("Transaction request cannot include multiple operations on one item")


def _evaluate(action: Action, old: Item | None) -> tuple[Item | None, dict[str, Any]]:
    if action.condition is not None and not holds(action.condition, old or {}):
        code, message = action.failure
        reason: dict[str, Any] = {"Code": code, "Message": message}
        if action.request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and old is not None:
            reason["Item"] = old
        return None, reason
    if action.kind == "Put":
        return action.item, {"Code": "None"}
    if action.kind == "Update" and action.update is not None:
        try:
            new = apply(action.update, old if old is not None else action.key)
            action.table.check(new, updated=True)
        except ServiceError as error:
            return None, {"Code": "ValidationError", "Message": error.message}
        return new, {"Code": "None"}
    return None, {"Code": "None"}


def _answer(
    params: Params,
    actions: list[Action],
    olds: list[Item | None],
    *,
    news: list[Item | None] | None = None,
    replayed: bool = False,
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    mode = params.get("ReturnConsumedCapacity")
    units: dict[str, float] = {}
    index_units: dict[str, dict[str, float]] = {}
    tables: dict[str, Table] = {}
    metrics: dict[str, list[Any]] = {}
    for position, (action, old) in enumerate(zip(actions, olds, strict=True)):
        name = action.table.name
        tables[name] = action.table
        new = news[position] if news is not None else None
        if replayed:
            spent = capacity.read_units(item_size(old or {}), consistent=True, transactional=True)
        else:
            spent = capacity.write_units(old, new, transactional=True)
            sums = index_units.setdefault(name, {})
            if action.kind != "ConditionCheck":
                touched = [
                    index for index in action.table.indexes.values() if index.holds(new or {}) or index.holds(old or {})
                ]
                for index, value in capacity.index_units(touched, old, new).items():
                    sums[index] = sums.get(index, 0.0) + 2 * value
        units[name] = units.get(name, 0.0) + spent
        entry: dict[str, Any] = {}
        if action.kind != "ConditionCheck":
            add_collection_metrics(entry, params, action.table, action.key)
        if entry:
            metrics.setdefault(name, []).append(entry["ItemCollectionMetrics"])
    split = "ReadCapacityUnits" if replayed else "WriteCapacityUnits"
    consumed = [
        capacity.document(tables[name], mode, value, index_units.get(name), split=split)
        for name, value in units.items()
    ]
    if any(consumed):
        result["ConsumedCapacity"] = consumed
    if metrics:
        result["ItemCollectionMetrics"] = metrics
    return result


def remembered_request(region: Region, params: Params) -> str | None:
    """What was sent with this token within ten minutes; another request under the same token is refused."""
    token = params.get("ClientRequestToken")
    if token is None:
        return None
    now = time.time()
    for old in [key for key, (_, made) in region.tokens.items() if now - made > _TOKEN_SECONDS]:
        del region.tokens[old]
    known = region.tokens.get(token)
    if known is None:
        return None
    if known[0] != _fingerprint(params):
        raise ServiceError(
            "IdempotentParameterMismatchException",
            "DynamoDB rejected the request because it retried a request with the same token but different parameters",
        )
    return known[0]


def _remember(region: Region, params: Params) -> None:
    token = params.get("ClientRequestToken")
    if token is not None:
        region.tokens[token] = (_fingerprint(params), time.time())


def _fingerprint(params: Params) -> str:
    return json.dumps(params.get("TransactItems") or params.get("TransactStatements"), sort_keys=True)


def _get(region: Region, request: Params) -> tuple[Table, Item, list[paths.Path] | None]:
    body = request.get("Get")
    if body is None:
        raise invalid("TransactItems can only contain Get")
    bound = binder(body, "ProjectionExpression")
    projection = projection_of(body, bound)
    bound.finish()
    table = region.readable(body, consistent=True, transactional=True)
    return table, _key(require_key, table.schema, body["Key"]) or {}, projection


def transact_get_items(region: Region, params: Params) -> dict[str, Any]:
    """Up to 100 items as they are at one moment."""
    return read_all(params, _all(_get, region, _items(params)))


def read_all(params: Params, plans: list[tuple[Table, Item, list[paths.Path] | None]]) -> dict[str, Any]:
    """Read several items (table, key, projection) as they are at one moment.

    Raises:
        ServiceError: an item is named twice, or they are too large together.
    """
    refuse_same_item([(table.name, table.schema.token(key)) for table, key, _ in plans])
    responses: list[dict[str, Any]] = []
    units: dict[str, float] = {}
    tables: dict[str, Table] = {}
    total = 0
    for table, key, projection in plans:
        item = table.get(key)
        total += item_size(item or {})
        tables[table.name] = table
        spent = capacity.read_units(item_size(item or {}), consistent=True, transactional=True)
        units[table.name] = units.get(table.name, 0.0) + spent
        if item is None:
            responses.append({})
        else:
            responses.append({"Item": item if projection is None else paths.project(item, projection)})
    if total > _MAX_BYTES:
        raise invalid("Transaction request cannot include items with aggregate size greater than 4 MB")
    result: dict[str, Any] = {"Responses": responses}
    mode = params.get("ReturnConsumedCapacity")
    consumed = [
        capacity.document(tables[name], mode, value, split="ReadCapacityUnits") for name, value in units.items()
    ]
    if any(consumed):
        result["ConsumedCapacity"] = consumed
    return result
