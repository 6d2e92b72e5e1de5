"""The pipeline that a `Client` calls: flights with real waiting and sending."""

from __future__ import annotations

import threading
import time
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

from holdfast.errors import HoldfastError
from holdfast.resilience.flight import Flight
from holdfast.resilience.hedging import SyncHedges
from holdfast.resilience.resolve import resolver
from holdfast.resilience.scope import CURRENT
from holdfast.resilience.session import Pause
from holdfast.resilience.watch import Send, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast._attempt import Call, Reply, Sender
    from holdfast.resilience.core import Core
    from holdfast.resilience.scope import Scope
    from holdfast.resilience.watch import Answer


class SyncPipeline:
    """Sends from the calling thread; the watch has a daemon thread of its own, from the first call on."""

    def __init__(self, sender: Sender, core: Core, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sender = sender
        self.core = core
        self._sleep = sleep
        self._hedges = SyncHedges(core.policy.hedge, sender)
        self._wake = threading.Event()
        self._closed = False
        self._watching = not core.router.watched
        self._starting = threading.Lock()
        this = weakref.ref(self)
        core.make_resolver = lambda call, region: resolver(alive, core, call, region) if (alive := this()) else None

    def send(self, call: Call) -> Reply:
        """Send until there is an answer. Raises any error of `holdfast.errors`."""
        if not self._watching:
            self._start_watch()
        scope = call.context if call.context is not None else CURRENT.get()
        if scope is not None and getattr(scope, "session", None) is not None:
            return self._in_session(scope, call)
        return self._fly(call, scope)

    def _in_session(self, scope: Scope, call: Call) -> Reply:
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
                self._sleep(step.seconds)
            else:
                answer = self._fly(step, scope)

    def _fly(self, call: Call, scope: Scope | None) -> Reply:
        flight = Flight(self.core, call, scope)
        hedges = self._hedges
        hedge = hedges.enabled and call.operation.access == "read"
        send = self._sender.send
        while True:
            wait = flight.step()
            if wait:
                self._sleep(wait)
                continue
            try:
                reply = hedges.send(flight) if hedge else send(flight.call, flight.region, timeouts=flight.timeouts)
            except HoldfastError as error:
                flight.failed(error)
            except BaseException:
                flight.abandoned()
                raise
            else:
                flight.succeeded(reply)
                return reply

    def close(self) -> None:
        """Stop the watch and close the sender."""
        self._closed = True
        self._wake.set()
        self._sender.close()

    def _start_watch(self) -> None:
        with self._starting:
            if self._watching:
                return
            self._watching = True
            self.core.on_change = self._wake.set
            # A weak reference: a client that is forgotten without being closed takes its thread with it.
            thread = threading.Thread(target=_run_watch, args=(weakref.ref(self), self._wake), daemon=True)
            thread.name = "holdfast-watch"
            thread.start()


def _run_watch(reference: weakref.ref[SyncPipeline], wake: threading.Event) -> None:
    pipeline = reference()
    if pipeline is None:
        return
    steps = Watch(pipeline.core).steps()
    answer: Answer = None
    del pipeline
    while True:
        pipeline = reference()
        if pipeline is None or pipeline._closed:  # noqa: SLF001 - the other half of that class
            return
        step = steps.send(answer)
        answer = None
        if isinstance(step, Send):
            try:
                answer = pipeline._sender.send(step.call, step.state.region, timeouts=step.timeouts)  # noqa: SLF001
            except HoldfastError as error:
                answer = error
            except Exception as error:  # noqa: BLE001 - a watch outlives what it cannot understand
                answer = HoldfastError(f"{type(error).__name__}: {error}")
            continue
        del pipeline
        wake.wait(step.seconds)
        wake.clear()
