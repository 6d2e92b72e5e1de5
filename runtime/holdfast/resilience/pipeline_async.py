"""The pipeline that an `AsyncClient` calls: flights with real waiting and sending."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from holdfast.errors import HoldfastError
from holdfast.resilience.flight import Flight
from holdfast.resilience.hedge import Hedges
from holdfast.resilience.resolve import async_resolver
from holdfast.resilience.scope import CURRENT
from holdfast.resilience.session import Pause
from holdfast.resilience.watch import Send, Watch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from holdfast._attempt import AsyncSender, Call, Reply
    from holdfast.resilience.core import Core
    from holdfast.resilience.scope import Scope
    from holdfast.resilience.watch import Answer


class AsyncPipeline:
    """Sends from the calling task; the watch is a task of the same loop, from the first call on."""

    def __init__(
        self, sender: AsyncSender, core: Core, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._sender = sender
        self._sleep = sleep
        self.core = core
        self._watching = not core.router.watched
        self._task: asyncio.Task[None] | None = None
        self._woken = False
        self._sleeper: asyncio.Future[None] | None = None
        self._hedges = Hedges(core.policy.hedge, core.clock)
        this = weakref.ref(self)
        core.make_resolver = lambda call, region: (
            async_resolver(alive, core, call, region) if (alive := this()) else None
        )

    def send(self, call: Call) -> Coroutine[Any, Any, Reply]:
        """Send until there is an answer. Raises any error of `holdfast.errors` when it is awaited."""
        if not self._watching:
            self._start_watch()
        scope = call.context if call.context is not None else CURRENT.get()
        if scope is not None and getattr(scope, "session", None) is not None:
            return self._in_session(scope, call)
        return self._fly(call, scope)

    async def _in_session(self, scope: Scope, call: Call) -> Reply:
        if scope.deadline is not None:
            call = replace(call, deadline=min(scope.deadline, call.deadline or scope.deadline))
        steps = scope.session.steps(self.core, call)  # type: ignore[union-attr]
        answer: Reply | None = None
        while True:
            try:
                step = steps.send(answer)  # type: ignore[arg-type]
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            if isinstance(step, Pause):
                await self._sleep(step.seconds)
            else:
                answer = await self._fly(step, scope)

    async def _fly(self, call: Call, scope: Scope | None) -> Reply:
        flight = Flight(self.core, call, scope)
        hedge = call.operation.access == "read" and self._hedges.enabled
        while True:
            wait = flight.step()
            if wait:
                await self._sleep(wait)
                continue
            try:
                if hedge:
                    reply = await self._hedges.send(self._sender, flight)
                else:
                    reply = await self._sender.send(flight.call, flight.region, timeouts=flight.timeouts)
            except HoldfastError as error:
                flight.failed(error)
            except BaseException:
                flight.abandoned()
                raise
            else:
                flight.succeeded(reply)
                return reply

    async def close(self) -> None:
        """Stop the watch and close the sender."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._sender.close()

    def _start_watch(self) -> None:
        self._watching = True
        self.core.on_change = self._wake
        self._task = asyncio.get_running_loop().create_task(self._watch(), name="holdfast-watch")

    def _wake(self) -> None:
        self._woken = True
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        steps = Watch(self.core).steps()
        answer: Answer = None
        while True:
            step = steps.send(answer)
            answer = None
            if isinstance(step, Send):
                try:
                    answer = await self._sender.send(step.call, step.state.region, timeouts=step.timeouts)
                except HoldfastError as error:
                    answer = error
                except Exception as error:  # noqa: BLE001 - a watch outlives what it cannot understand
                    answer = HoldfastError(f"{type(error).__name__}: {error}")
                continue
            if not self._woken:  # `asyncio.timeout` would cost several times as much, four times a second
                self._sleeper = loop.create_future()
                timer = loop.call_later(step.seconds, self._wake)
                try:
                    await self._sleeper
                finally:
                    timer.cancel()
            self._woken = False
