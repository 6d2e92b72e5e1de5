"""Sealing as part of a client: items are sealed before anything else sees them, caches included."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from holdfast import errors
from holdfast._attempt import Call, Reply
from holdfast.resilience.evaluate import targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.resilience.core import Core
    from holdfast.sealing.fields import Sealing


def sealed_call(sealing: Sealing, call: Call) -> Call:
    """The call with every item that it writes sealed.

    Raises:
        InvalidArgumentError: an update expression would write a sealed attribute in the clear.
    """
    request = call.request
    if call.operation.access != "write":
        return call
    name = call.operation.name
    if name == "PutItem":
        if call.table is None or call.table not in sealing.tables:
            return call
        return replace(call, request={**request, "Item": sealing.outgoing(call.table, request["Item"])}, body=None)
    if name == "UpdateItem":
        _refuse_clear(sealing, call.table or "", request)
        return call
    if name == "TransactWriteItems":
        actions = [_action(sealing, action) for action in request["TransactItems"]]
        return replace(call, request={**request, "TransactItems": actions}, body=None)
    if name == "BatchWriteItem":
        tables = {
            table: [_batched(sealing, table, action) for action in actions]
            for table, actions in request["RequestItems"].items()
        }
        return replace(call, request={**request, "RequestItems": tables}, body=None)
    return call


def _action(sealing: Sealing, action: Mapping[str, Any]) -> dict[str, Any]:
    if "Put" in action:
        part = action["Put"]
        return {"Put": {**part, "Item": sealing.outgoing(part["TableName"], part["Item"])}}
    if "Update" in action:
        _refuse_clear(sealing, action["Update"]["TableName"], action["Update"])
    return dict(action)


def _batched(sealing: Sealing, table: str, action: Mapping[str, Any]) -> dict[str, Any]:
    if "PutRequest" in action:
        return {"PutRequest": {"Item": sealing.outgoing(table, action["PutRequest"]["Item"])}}
    return dict(action)


def _refuse_clear(sealing: Sealing, table: str, request: Mapping[str, Any]) -> None:
    rules = sealing.tables.get(table)
    if rules is None or not rules.sealed or "UpdateExpression" not in request:
        return
    touched = set(targets(request["UpdateExpression"], request.get("ExpressionAttributeNames"))) & rules.sealed
    values = (request.get("ExpressionAttributeValues") or {}).values()
    sealed = sum("B" in value and bytes(value["B"])[:3] == b"HFS" for value in values)
    if len(touched) > sealed and "SET" in request["UpdateExpression"].upper():
        raise errors.InvalidArgumentError(
            f"the update writes {', '.join(sorted(touched))}, which is sealed; give it as "
            "Sealing.seal(table, key, name, value), or put the whole item",
            table=table,
        )


def opened_reply(sealing: Sealing, call: Call, reply: Reply) -> Reply:
    """The reply with every item in it opened."""
    document = reply.document
    table = call.table
    opened: dict[str, Any] = {}
    if table is not None and table in sealing.tables:
        for member in ("Item", "Attributes"):
            if member in document:
                opened[member] = sealing.incoming(table, document[member])
        if "Items" in document:
            opened["Items"] = [sealing.incoming(table, item) for item in document["Items"]]
    responses = document.get("Responses")
    if isinstance(responses, dict):
        opened["Responses"] = {
            name: [sealing.incoming(name, item) for item in items] for name, items in responses.items()
        }
    elif isinstance(responses, list) and "TransactItems" in call.request:
        actions = call.request["TransactItems"]
        opened["Responses"] = [
            {**part, "Item": sealing.incoming(action["Get"]["TableName"], part["Item"])} if "Item" in part else part
            for action, part in zip(actions, responses, strict=True)
        ]
    if not opened:
        return reply
    return Reply(orjson.dumps({**document, **opened}, default=_bytes), reply.region, reply.request_id, reply.seconds)


def _bytes(value: Any) -> Any:
    import base64  # noqa: PLC0415 - rarely needed

    return base64.b64encode(value).decode()


class SealedPipeline:
    """Seals and opens around a sync pipeline."""

    def __init__(self, inner: Any, sealing: Sealing) -> None:
        self.inner = inner
        self.core: Core = inner.core
        self._sealing = sealing

    def send(self, call: Call) -> Reply:
        """Send sealed, give opened."""
        call = sealed_call(self._sealing, call)
        return opened_reply(self._sealing, call, self.inner.send(call))

    def close(self) -> None:
        """Close what is beneath."""
        self.inner.close()


class AsyncSealedPipeline:
    """Seals and opens around an async pipeline. KMS is asked in a thread when a data key is not at hand."""

    def __init__(self, inner: Any, sealing: Sealing) -> None:
        self.inner = inner
        self.core: Core = inner.core
        self._sealing = sealing

    async def send(self, call: Call) -> Reply:
        """Send sealed, give opened."""
        import asyncio  # noqa: PLC0415 - an event loop is running: it is loaded

        if self._sealing.keys is not None and call.operation.access == "write":
            call = await asyncio.to_thread(sealed_call, self._sealing, call)
        else:
            call = sealed_call(self._sealing, call)
        reply = await self.inner.send(call)
        if self._sealing.keys is None:
            return opened_reply(self._sealing, call, reply)
        return await asyncio.to_thread(opened_reply, self._sealing, call, reply)

    async def close(self) -> None:
        """Close what is beneath."""
        await self.inner.close()
