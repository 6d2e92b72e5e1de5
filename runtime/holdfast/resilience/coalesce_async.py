"""For an event loop: one read in flight per key, and gets of one turn of the loop gathered into a BatchGetItem."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from holdfast import errors
from holdfast.resilience.gather import MOST, WORTHWHILE, Group, Key, batch_of, ended, latest, parts_of, shareable

if TYPE_CHECKING:
    from holdfast._attempt import Call, Reply
    from holdfast.resilience.assembly import AsyncPipelineLike


class AsyncCoalescer:
    """For an event loop: equal reads share one send; several gets of one turn of the loop become a batch."""

    def __init__(self, inner: AsyncPipelineLike) -> None:
        self.inner = inner
        self.core = inner.core
        self._flights: dict[Key, asyncio.Future[Reply]] = {}
        self._waiting: dict[Group, list[tuple[Call, Key, asyncio.Future[Reply]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.joined = 0
        self.batches = 0

    async def send(self, call: Call) -> Reply:
        """Send, join, or gather."""
        if call.operation.access == "write":
            ended(self._flights, call, self.core.tables)
            try:
                return await self.inner.send(call)
            finally:
                ended(self._flights, call, self.core.tables)
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

    def _flush(self, group: Group) -> None:
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

    async def _batch(self, group: Group, waiting: list[tuple[Call, Key, asyncio.Future[Reply]]]) -> None:
        calls = [call for call, _, _ in waiting]
        self.batches += 1
        try:
            reply = await self.inner.send(batch_of(group, calls, latest(calls)))
        except errors.HoldfastError:
            for one in waiting:  # a batch fails whole; each of its gets has its own retries
                self._start(self._single(*one))
            return
        for one, part in zip(waiting, parts_of(group, calls, reply), strict=True):
            if part is None:
                self._start(self._single(*one))
            else:
                self._settle(one[1], one[2], part)

    async def close(self) -> None:
        """Close what is beneath; reads under way are given up."""
        for task in list(self._tasks):
            task.cancel()
        await self.inner.close()


def _retrieved(future: asyncio.Future[Reply]) -> None:
    """A failure is not reported as unseen when every reader has gone."""
    if not future.cancelled():
        future.exception()
