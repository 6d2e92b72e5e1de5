"""One read in flight per key, and gets of one moment gathered into a BatchGetItem."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from holdfast import errors
from holdfast._attempt import BATCH_GET_ITEM, Call, Reply
from holdfast.resilience.evaluate import canonical_item
from holdfast.resilience.recent import keys_of
from holdfast.resilience.scope import CURRENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.resilience.core import Core

WORTHWHILE = 4
"""Gets of one moment from which on one batch costs less than sending them apart."""
MOST = 100
"""Keys of a BatchGetItem."""

Key = tuple[bytes, bool]


class _Inner(Protocol):
    core: Core

    def send(self, call: Call) -> Reply: ...

    def close(self) -> None: ...


class _AsyncInner(Protocol):
    core: Core

    async def send(self, call: Call) -> Reply: ...

    async def close(self) -> None: ...


def shareable(call: Call) -> Key | None:
    """What two reads must have in common to share an answer; None for calls that share none."""
    request = call.request
    if call.operation.name != "GetItem" or call.region is not None or len(request) > 2 + ("ConsistentRead" in request):
        return None
    scope = call.context if call.context is not None else CURRENT.get()
    if scope is not None and (scope.session is not None or scope.principal is not None):
        return None
    key = orjson.dumps([call.table, canonical_item(request["Key"])], option=orjson.OPT_SORT_KEYS)
    return key, bool(request.get("ConsistentRead"))


def _ended(flights: dict[Key, Any], call: Call, tables: Mapping[str, Any]) -> None:
    """A write begins or ends: nobody may join a read that was sent before."""
    if not flights:
        return
    for key in keys_of(call, tables):
        flights.pop((key, False), None)
        flights.pop((key, True), None)


class _Shared:
    __slots__ = ("done", "error", "reply")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.reply: Reply | None = None
        self.error: BaseException | None = None


class SingleFlight:
    """For threads: the first reader of a key sends, those who come before its answer wait for it."""

    def __init__(self, inner: _Inner) -> None:
        self.inner = inner
        self.core = inner.core
        self._flights: dict[Key, _Shared] = {}
        self._lock = threading.Lock()
        self.joined = 0

    def send(self, call: Call) -> Reply:
        """Send, or wait for an equal read that is under way."""
        key = shareable(call) if call.operation.access == "read" else None
        if key is None:
            return self._apart(call)
        with self._lock:
            shared = self._flights.get(key)
            first = shared is None
            if shared is None:
                shared = self._flights[key] = _Shared()
        if not first:
            self.joined += 1
            return self._joined(call, shared)
        try:
            shared.reply = self.inner.send(call)
        except BaseException as error:
            shared.error = error
            raise
        finally:
            with self._lock:
                if self._flights.get(key) is shared:
                    del self._flights[key]
            shared.done.set()
        return shared.reply

    def _apart(self, call: Call) -> Reply:
        if call.operation.access == "read":
            return self.inner.send(call)
        with self._lock:
            _ended(self._flights, call, self.core.tables)
        try:
            return self.inner.send(call)
        finally:
            with self._lock:
                _ended(self._flights, call, self.core.tables)

    def _joined(self, call: Call, shared: _Shared) -> Reply:
        left = self.core.policy.timeout.call_seconds if call.deadline is None else call.deadline - self.core.clock()
        if not shared.done.wait(max(0.0, left)):
            raise errors.DeadlineExceededError("the time given to the call is used up", operation=call.operation.name)
        if shared.reply is None:
            return self.inner.send(call)  # the other's failure may be its own: a shorter deadline, an interrupt
        return shared.reply

    def close(self) -> None:
        """Close what is beneath."""
        self.inner.close()


class AsyncCoalescer:
    """For an event loop: equal reads share one send; several gets of one turn of the loop become a batch."""

    def __init__(self, inner: _AsyncInner) -> None:
        self.inner = inner
        self.core = inner.core
        self._flights: dict[Key, asyncio.Future[Reply]] = {}
        self._waiting: dict[tuple[str, bool], list[tuple[Call, Key, asyncio.Future[Reply]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.joined = 0
        self.batches = 0

    async def send(self, call: Call) -> Reply:
        """Send, join, or gather."""
        if call.operation.access == "write":
            _ended(self._flights, call, self.core.tables)
            try:
                return await self.inner.send(call)
            finally:
                _ended(self._flights, call, self.core.tables)
        key = shareable(call)
        if key is None:
            return await self.inner.send(call)
        loop = asyncio.get_running_loop()
        future = self._flights.get(key)
        if future is None:
            future = self._flights[key] = loop.create_future()
            future.add_done_callback(_retrieved)
            group = (call.table or "", key[1])
            waiting = self._waiting.setdefault(group, [])
            waiting.append((call, key, future))
            if len(waiting) == 1:
                loop.call_soon(self._flush, group)
        else:
            self.joined += 1
        left = self.core.policy.timeout.call_seconds if call.deadline is None else call.deadline - self.core.clock()
        try:
            async with asyncio.timeout(max(0.0, left)):
                return await asyncio.shield(future)
        except TimeoutError:
            raise errors.DeadlineExceededError(
                "the time given to the call is used up", operation=call.operation.name, table=call.table
            ) from None

    def _flush(self, group: tuple[str, bool]) -> None:
        waiting = self._waiting.pop(group, [])
        if len(waiting) < WORTHWHILE:
            for one in waiting:
                self._start(self._single(*one))
            return
        for first in range(0, len(waiting), MOST):
            self._start(self._batch(group, waiting[first : first + MOST]))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _settle(self, key: Key, future: asyncio.Future[Reply], result: Reply | BaseException) -> None:
        if self._flights.get(key) is future:
            del self._flights[key]
        if future.done():
            return
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)

    async def _single(self, call: Call, key: Key, future: asyncio.Future[Reply]) -> None:
        try:
            self._settle(key, future, await self.inner.send(call))
        except errors.HoldfastError as error:
            self._settle(key, future, error)
        except BaseException as error:
            self._settle(key, future, errors.ClientClosedError(f"the read was given up: {error!r}"))
            raise

    async def _batch(self, group: tuple[str, bool], waiting: list[tuple[Call, Key, asyncio.Future[Reply]]]) -> None:
        table, consistent = group
        part: dict[str, Any] = {"Keys": [call.request["Key"] for call, _, _ in waiting]}
        if consistent:
            part["ConsistentRead"] = True
        deadlines = [call.deadline for call, _, _ in waiting if call.deadline is not None]
        deadline = max(deadlines) if len(deadlines) == len(waiting) else None
        batch = Call(BATCH_GET_ITEM, {"RequestItems": {table: part}}, table, deadline)
        self.batches += 1
        try:
            reply = await self.inner.send(batch)
        except errors.HoldfastError:
            for one in waiting:  # a batch fails whole; each of its gets has its own retries
                self._start(self._single(*one))
            return
        names = list(waiting[0][0].request["Key"])
        found = {}
        for item in reply.document.get("Responses", {}).get(table, []):
            place = {name: item[name] for name in names}
            found[orjson.dumps([table, canonical_item(place)], option=orjson.OPT_SORT_KEYS)] = item
        left = {
            orjson.dumps([table, canonical_item(key)], option=orjson.OPT_SORT_KEYS)
            for key in (reply.document.get("UnprocessedKeys") or {}).get(table, {}).get("Keys", [])
        }
        for call, key, future in waiting:
            if key[0] in left:
                self._start(self._single(call, key, future))
                continue
            item = found.get(key[0])
            body = orjson.dumps({"Item": item} if item is not None else {})
            self._settle(key, future, Reply(body, reply.region, reply.request_id, reply.seconds))

    async def close(self) -> None:
        """Close what is beneath; reads under way are given up."""
        for task in list(self._tasks):
            task.cancel()
        await self.inner.close()


def _retrieved(future: asyncio.Future[Reply]) -> None:
    """A failure is not reported as unseen when every reader has gone."""
    if not future.cancelled():
        future.exception()
