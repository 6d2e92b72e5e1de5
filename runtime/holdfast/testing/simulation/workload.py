"""What the clients of a simulation do: writes of every kind on keys of their own, reads of anyone's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from holdfast import errors
from holdfast.resilience.scope import Scope
from holdfast.resilience.session import Session
from holdfast.results import CallInfo
from holdfast.testing.checker import Op
from holdfast.testing.loop import VirtualLoop

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable

    from holdfast.async_client import AsyncClient
    from holdfast.testing.simulation.world import World

PLAIN_KEYS = 2
"""Keys of each worker that hold a value and are put and deleted."""
PAUSE_SECONDS = 0.25
"""Mean time between two operations of a worker."""
BURST = 5
_NAMES = {"#v": "version", "#log": "log", "#id": "last"}


class Worker:
    """One task of a client. Only it writes its keys; within it, operations follow each other."""

    def __init__(
        self, name: str, client: AsyncClient, world: World, rng: random.Random, *, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        self.name = name
        self._pause_seconds = pause_seconds
        self._client = client
        self._table = client.table("items")
        self._world = world
        self._rng = rng
        self._loop = world.loop
        self._rest = world.loop.rest if isinstance(world.loop, VirtualLoop) else asyncio.sleep
        self._scope = Scope(session=Session())
        self.plain = [f"plain-{name}-{n}" for n in range(PLAIN_KEYS)]
        self.log = f"log-{name}"
        self.counter = f"count-{name}"
        self._versions: dict[str, int] = {}
        self._serial = 0
        self._created: str | None = None
        self._process = name

    async def work(self, seconds: float, others: list[Worker]) -> None:
        """Operate until the time is up."""
        ends = self._loop.time() + seconds
        while self._loop.time() < ends:
            await self._rest(self._rng.uniform(0, 2 * self._pause_seconds))
            choice = self._rng.random()
            if choice < 0.02:
                await self._burst(self._rng.choice(self.plain))
            elif choice < 0.24:
                await self._put(self._rng.choice(self.plain))
            elif choice < 0.3:
                await self._race(self._rng.choice(self.plain))
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

    async def last(self) -> None:
        """Everything is well: a write and a read that must be served, at home."""
        self._process = f"{self.name}!"
        await self._create(again=False)
        await self._read(self.plain[0], session=False, consistent=True)

    def _unique(self) -> str:
        self._serial += 1
        return f"{self.name}.{self._serial}"

    def _op(self, kind: Any, key: str, value: Any, **more: Any) -> Op:
        now = self._loop.time()
        op = Op(self._process, kind, key, value, now, now, **more)
        self._world.ops.append(op)
        return op

    async def _done(self, op: Op, call: Awaitable[Any], info: CallInfo | None = None) -> Any:
        """The call's result, or None when it failed; the outcome is in `op`."""
        try:
            result = await call
        except errors.OutcomeUnknown as error:
            op.outcome = "unknown"
            op.end = self._loop.time()
            await self._resolve(op, error)
            return None
        except errors.HoldfastError as error:
            op.outcome = "unknown" if error.applied == "unknown" and op.kind != "read" else "failed"
            op.end = self._loop.time()
            return None
        op.end = self._loop.time()
        op.region = info.region if info is not None else result.region
        return result

    async def _resolve(self, op: Op, error: errors.OutcomeUnknown) -> None:
        if self._rng.random() < 0.5:
            try:
                self._world.resolved.append((op, await error.resolve()))
            except errors.HoldfastError:
                return

    async def _put(self, key: str) -> None:
        version = self._versions[key] = self._versions.get(key, 0) + 1
        name = self._unique()
        op = self._op("write", key, name, version=version, session=self.name)
        await self._done(op, self._table.put({"pk": key, "version": version, "value": name}, context=self._scope))

    async def _burst(self, key: str) -> None:
        """Writes of one item hard upon each other: what clocks that differ would put in another order."""
        for _ in range(BURST):
            await self._put(key)

    async def _delete(self, key: str) -> None:
        self._versions[key] = self._versions.get(key, 0) + 1
        await self._done(self._op("delete", key, None), self._table.delete({"pk": key}, context=self._scope))

    async def _race(self, key: str) -> None:
        """A write and reads of the same item at once: what a cache must not confuse."""

        async def read() -> None:
            await self._rest(self._rng.uniform(0, 0.008))
            await self._read(key, session=False)

        async def put() -> None:
            await self._rest(self._rng.uniform(0, 0.006))
            await self._put(key)

        await asyncio.gather(put(), read(), read())
        await self._read(key, session=False)

    async def _create(self, *, again: bool = True) -> None:
        """Create an item; now and then one that is there already, which must fail."""
        name = self._unique()
        if not again or self._created is None or self._rng.random() < 0.6:
            self._created = f"new-{name}"
        key = self._created
        op = self._op("write", key, name, version=1, conditional=True)
        item = {"pk": key, "version": 1, "value": name}
        await self._done(op, self._table.put(item, condition="attribute_not_exists(pk)"))

    async def _append(self) -> None:
        """Raise the version that was last read, on the condition that it is still there."""
        read = self._op("read", self.log, None)
        info = CallInfo()
        item = await self._done(read, self._table.get({"pk": self.log}, consistent=True, info=info), info)
        if read.outcome != "ok":
            return
        name = self._unique()
        values: dict[str, Any] = {
            ":new": item["version"] + 1 if item else 1,
            ":none": [],
            ":entry": [name],
            ":id": name,
        }
        if item:
            values[":old"] = item["version"]
        update = self._table.update(
            {"pk": self.log},
            "SET #v = :new, #id = :id, #log = list_append(if_not_exists(#log, :none), :entry)",
            condition="#v = :old" if item else "attribute_not_exists(pk)",
            names=_NAMES,
            values=values,
        )
        await self._done(self._op("write", self.log, name, conditional=True), update)

    async def _transact(self) -> None:
        """The same without a condition, in a transaction with a token."""
        name = self._unique()
        action = self._table.update_action(
            {"pk": self.log},
            "SET #id = :id, #log = list_append(if_not_exists(#log, :none), :entry) ADD #v :one",
            names=_NAMES,
            values={":none": [], ":entry": [name], ":one": 1, ":id": name},
        )
        call = self._client.transact_write([action], client_request_token=name)
        await self._done(self._op("write", self.log, name), call)

    async def _count(self) -> None:
        name = self._unique()
        call = self._table.update(
            {"pk": self.counter},
            "SET #id = :id ADD #n :one",
            names={"#n": "n", "#id": "last"},
            values={":one": 1, ":id": name},
        )
        await self._done(self._op("write", self.counter, name), call)

    async def _read(self, key: str, *, session: bool, consistent: bool = False) -> None:
        op = self._op("read", key, None, session=self.name if session else None)
        info = CallInfo()
        call = self._table.get({"pk": key}, consistent=consistent, context=self._scope if session else None, info=info)
        item = await self._done(op, call, info)
        if item is not None:
            op.value = item["value"]
            op.version = int(item["version"])
