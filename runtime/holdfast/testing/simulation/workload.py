"""What the clients of a simulation do: writes of every kind on keys of their own, reads of anyone's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from holdfast import errors
from holdfast._attempt import DELETE_ITEM, GET_ITEM, PUT_ITEM, TRANSACT_WRITE_ITEMS, UPDATE_ITEM, Call, Reply
from holdfast.resilience.scope import Scope
from holdfast.resilience.session import Session
from holdfast.testing.checker import Op

if TYPE_CHECKING:
    import random

    from holdfast.resilience.pipeline import AsyncPipeline

TABLE = "items"
PLAIN_KEYS = 2
"""Keys of each worker that hold a value and are put and deleted."""
PAUSE_SECONDS = 0.25
"""Mean time between two operations of a worker."""
_FAILED = (
    errors.ConditionalCheckFailedError,
    errors.TransactionCanceledError,
)


class Worker:
    """One task of a client. Only it writes its keys; within it, operations follow each other."""

    def __init__(
        self, name: str, pipeline: AsyncPipeline, ops: list[Op], rng: random.Random, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.name = name
        self._pipeline = pipeline
        self._ops = ops
        self._rng = rng
        self._loop = loop
        self._session = Session()
        self._scope = Scope(session=self._session)
        self.plain = [f"plain-{name}-{n}" for n in range(PLAIN_KEYS)]
        self.log = f"log-{name}"
        self.counter = f"count-{name}"
        self._versions: dict[str, int] = {}
        self._serial = 0

    async def work(self, seconds: float, others: list[Worker]) -> None:
        """Operate until the time is up."""
        ends = self._loop.time() + seconds
        while self._loop.time() < ends:
            await asyncio.sleep(self._rng.uniform(0, 2 * PAUSE_SECONDS))
            choice = self._rng.random()
            if choice < 0.3:
                await self._put(self._rng.choice(self.plain))
            elif choice < 0.34:
                await self._delete(self._rng.choice(self.plain))
            elif choice < 0.46:
                await self._append()
            elif choice < 0.52:
                await self._transact()
            elif choice < 0.58:
                await self._count()
            elif choice < 0.62:
                await self._create()
            elif choice < 0.8:
                await self._read(self._rng.choice(self.plain), session=True)
            else:
                other = self._rng.choice(others)
                await self._read(self._rng.choice(other.plain), session=False, consistent=self._rng.random() < 0.3)

    def _unique(self) -> str:
        self._serial += 1
        return f"{self.name}.{self._serial}"

    async def _send(self, op: Op, call: Call) -> Reply | None:
        self._ops.append(op)
        try:
            reply = await self._pipeline.send(call)
        except errors.OutcomeUnknown as error:
            op.outcome = "unknown"
            op.end = self._loop.time()
            await self._resolve(error)
            return None
        except errors.HoldfastError as error:
            op.outcome = "unknown" if error.applied == "unknown" and op.kind != "read" else "failed"
            op.end = self._loop.time()
            return None
        op.end = self._loop.time()
        op.region = reply.region
        return reply

    async def _resolve(self, error: errors.OutcomeUnknown) -> None:
        if self._rng.random() < 0.5:
            try:
                await error.resolve()
            except errors.HoldfastError:
                return

    def _op(self, kind: Any, key: str, value: Any, **more: Any) -> Op:
        now = self._loop.time()
        return Op(self.name, kind, key, value, now, now, **more)

    async def _put(self, key: str) -> None:
        version = self._versions[key] = self._versions.get(key, 0) + 1
        name = self._unique()
        item = {"pk": {"S": key}, "version": {"N": str(version)}, "value": {"S": name}}
        op = self._op("write", key, name, version=version, session=self.name)
        await self._send(op, Call(PUT_ITEM, {"TableName": TABLE, "Item": item}, TABLE, context=self._scope))

    async def _delete(self, key: str) -> None:
        self._versions[key] = self._versions.get(key, 0) + 1
        op = self._op("delete", key, None)
        request = {"TableName": TABLE, "Key": {"pk": {"S": key}}}
        await self._send(op, Call(DELETE_ITEM, request, TABLE, context=self._scope))

    async def _create(self) -> None:
        name = self._unique()
        key = f"new-{name}"
        item = {"pk": {"S": key}, "version": {"N": "1"}, "value": {"S": name}}
        request = {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        op = self._op("write", key, name, version=1, conditional=True)
        await self._send(op, Call(PUT_ITEM, request, TABLE))

    async def _append(self) -> None:
        """Raise the version that was last read, on the condition that it is still there."""
        read = self._op("read", self.log, None)
        key = {"pk": {"S": self.log}}
        reply = await self._send(read, Call(GET_ITEM, {"TableName": TABLE, "Key": key, "ConsistentRead": True}, TABLE))
        if reply is None:
            return
        item = reply.document.get("Item")
        name = self._unique()
        request: dict[str, Any] = {
            "TableName": TABLE,
            "Key": key,
            "UpdateExpression": "SET #v = :new, #log = list_append(if_not_exists(#log, :none), :entry)",
            "ConditionExpression": "#v = :old" if item else "attribute_not_exists(pk)",
            "ExpressionAttributeNames": {"#v": "version", "#log": "log"},
            "ExpressionAttributeValues": {
                ":new": {"N": str(int(item["version"]["N"]) + 1 if item else 1)},
                ":none": {"L": []},
                ":entry": {"L": [{"S": name}]},
                ":id": {"S": name},
            },
        }
        if item:
            request["ExpressionAttributeValues"][":old"] = item["version"]
        op = self._op("write", self.log, name, conditional=True)
        await self._send(op, Call(UPDATE_ITEM, request, TABLE))

    async def _transact(self) -> None:
        """The same without a condition, in a transaction with a token."""
        name = self._unique()
        update = {
            "TableName": TABLE,
            "Key": {"pk": {"S": self.log}},
            "UpdateExpression": "SET #log = list_append(if_not_exists(#log, :none), :entry) ADD #v :one",
            "ExpressionAttributeNames": {"#v": "version", "#log": "log"},
            "ExpressionAttributeValues": {
                ":none": {"L": []},
                ":entry": {"L": [{"S": name}]},
                ":one": {"N": "1"},
                ":id": {"S": name},
            },
        }
        request = {"TransactItems": [{"Update": update}], "ClientRequestToken": name}
        await self._send(self._op("write", self.log, name), Call(TRANSACT_WRITE_ITEMS, request, None))

    async def _count(self) -> None:
        name = self._unique()
        request = {
            "TableName": TABLE,
            "Key": {"pk": {"S": self.counter}},
            "UpdateExpression": "ADD #n :one",
            "ExpressionAttributeNames": {"#n": "n"},
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":id": {"S": name}},
        }
        await self._send(self._op("write", self.counter, name), Call(UPDATE_ITEM, request, TABLE))

    async def _read(self, key: str, *, session: bool, consistent: bool = False) -> None:
        request: dict[str, Any] = {"TableName": TABLE, "Key": {"pk": {"S": key}}}
        if consistent:
            request["ConsistentRead"] = True
        op = self._op("read", key, None, session=self.name if session else None)
        call = Call(GET_ITEM, request, TABLE, context=self._scope if session else None)
        reply = await self._send(op, call)
        item = reply.document.get("Item") if reply is not None else None
        if item is not None:
            op.value = item["value"]["S"]
            op.version = int(item["version"]["N"])
