"""What became of a write whose outcome is unknown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from holdfast import errors
from holdfast._attempt import GET_ITEM, Call
from holdfast.resilience import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdfast._attempt import AsyncPipeline, Pipeline
    from holdfast.resilience.core import Core


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """What reading back has shown."""

    applied: bool | None
    """True: the table shows what the write would have left. False: it shows that the write has not taken effect.
    None: it shows neither; another write has been there since."""
    why: str
    region: str
    item: Mapping[str, Any] | None = field(default=None, repr=False)
    """The item as it is now, in DynamoDB's own form."""


def read_back(core: Core, call: Call, region: str) -> Call | None:
    """The read that shows what became of the write; None where no single item does."""
    request = call.request
    key = request.get("Key")
    if key is None and "Item" in request:
        table = core.tables.get(call.table or "")
        if table is None:
            return None
        names = [part.name for part in (table.partition_key, table.sort_key) if part is not None]
        key = {name: request["Item"][name] for name in names if name in request["Item"]}
    if key is None:
        return None
    return Call(GET_ITEM, {"TableName": call.table, "Key": key, "ConsistentRead": True}, call.table, None, region)


def judge(call: Call, item: Mapping[str, Any] | None) -> tuple[bool | None, str]:
    """What the item as it is now says of the write."""
    request = call.request
    now = evaluate.canonical_item(item) if item is not None else None
    names = request.get("ExpressionAttributeNames")
    values = evaluate.canonical_item(request.get("ExpressionAttributeValues") or {})
    condition = request.get("ConditionExpression")
    holds = evaluate.holds(condition, now, names, values)
    wanted: evaluate.Item | None
    if call.operation.name == "PutItem":
        wanted = evaluate.canonical_item(request["Item"])
        if now == wanted:
            return True, "the item is as the write would have left it"
        still = evaluate.holds(condition, wanted, names, values)
    elif call.operation.name == "DeleteItem":
        if now is None:
            return True, "the item is not there"
        still = evaluate.holds(condition, None, names, values)
    else:
        update = request["UpdateExpression"]
        if condition is None:
            return None, "an update without a condition leaves no trace of its own; look at the item"
        try:
            after = evaluate.updated(update, now or evaluate.canonical_item(request["Key"]), names, values)
        except evaluate.ExpressionError as error:
            return None, f"the update does not apply to the item as it is now ({error})"
        if not holds and now is not None:
            touched = evaluate.targets(update, names)
            if all(after.get(name) == now.get(name) for name in touched):
                return True, "the attributes are as the write would have left them"
        still = evaluate.holds(condition, after, names, values)
    if now is None and call.operation.name == "PutItem":
        return False, "the item is not there"
    if condition is not None and holds and not still:
        return False, "the condition of the write still holds, and the write would have ended that"
    return None, "another write has changed the item since"


def _answer(call: Call, region: str, item: Mapping[str, Any] | None) -> Resolution:
    applied, why = judge(call, item)
    return Resolution(applied=applied, why=why, region=region, item=item)


def _again(call: Call, region: str) -> Call:
    """A tokened transaction to be sent again where its token is known."""
    return replace(call, region=region, deadline=None)


def resolver(pipeline: Pipeline, core: Core, call: Call, region: str) -> Callable[[], Resolution] | None:
    """`OutcomeUnknown.resolve()` of a call made through a `Client`."""
    if call.tokened:

        def repeat() -> Resolution:
            try:
                pipeline.send(_again(call, region))
            except errors.TransactionCanceledError as error:
                return Resolution(applied=False, why=str(error), region=region)
            return Resolution(applied=True, why="the transaction with this token has been committed", region=region)

        return repeat
    read = read_back(core, call, region)
    if read is None:
        return None
    return lambda: _answer(call, region, pipeline.send(read).document.get("Item"))


def async_resolver(pipeline: AsyncPipeline, core: Core, call: Call, region: str) -> Callable[[], Any] | None:
    """The same through an `AsyncClient`; the result is awaited."""
    if call.tokened:

        async def repeat() -> Resolution:
            try:
                await pipeline.send(_again(call, region))
            except errors.TransactionCanceledError as error:
                return Resolution(applied=False, why=str(error), region=region)
            return Resolution(applied=True, why="the transaction with this token has been committed", region=region)

        return repeat
    read = read_back(core, call, region)
    if read is None:
        return None

    async def look() -> Resolution:
        return _answer(call, region, (await pipeline.send(read)).document.get("Item"))

    return look
