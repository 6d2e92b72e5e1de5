"""The engine: previews, updates, destroys and refreshes a stack."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Self

import grpc.aio
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from sandbox.engine import urns
from sandbox.engine.builtins import BuiltinProvider
from sandbox.engine.callbacks import Callbacks
from sandbox.engine.checkpoint import Deployment
from sandbox.engine.defaults import DefaultProviders
from sandbox.engine.deletions import Deletions
from sandbox.engine.errors import EngineError
from sandbox.engine.host import ProgramHost
from sandbox.engine.model import Event, Outcome, Pack, PluginHost, Program, RunKind
from sandbox.engine.monitor import Monitor
from sandbox.engine.names import Names
from sandbox.engine.packs import Packs
from sandbox.engine.plugin import CHANNEL_OPTIONS
from sandbox.engine.refresh import Refresh
from sandbox.engine.registrar import Registrar
from sandbox.engine.registry import Registry
from sandbox.engine.run import Run, count
from sandbox.engine.service import EngineService
from sandbox.engine.snapshot import Snapshot
from sandbox.engine.statefile import StateFile
from sandbox.engine.targets import Targets
from sandbox.engine.work import Work

DEFAULT_PASSPHRASE = ""


def _ignore(_event: Event) -> None:
    """For a caller that wants the outcome alone."""


class Engine:
    """Runs one program against one state file.

    Each call is one run, and raises `EngineError` only for what concerns no resource (a state that cannot be
    read, a pack that does not start); everything else is in the `Outcome`.
    """

    def __init__(
        self,
        program: Program,
        *,
        state: StateFile,
        plugins: PluginHost,
        packs: Sequence[Pack] = (),
        parallel: int = 16,
        on_event: Callable[[Event], None] = _ignore,
        passphrase: str | None = None,
        targets: Targets | None = None,
    ) -> None:
        """Say what is run and where its state is.

        `parallel` operations run at the same time. The passphrase opens the state's secrets; without one it is
        that of the state file, or PULUMI_CONFIG_PASSPHRASE.
        """
        self._program = program
        self._state = state
        self._plugins = plugins
        self._packs = tuple(packs)
        self._parallel = parallel
        self._on_event = on_event
        self._targets = targets or Targets()
        if passphrase is not None:
            state.passphrase = passphrase
        elif not state.passphrase:
            state.passphrase = os.environ.get("PULUMI_CONFIG_PASSPHRASE", DEFAULT_PASSPHRASE)

    def preview(self) -> Outcome:
        """What an update would do; nothing is changed."""
        return self._go("preview", self._update)

    def up(self) -> Outcome:
        """Make the stack what the program says."""
        return self._go("up", self._update)

    def preview_destroy(self, *, lift_protection: bool = False) -> Outcome:
        """What a destroy would do."""
        return self._go("preview-destroy", self._destroy, lift_protection=lift_protection)

    def destroy(self, *, lift_protection: bool = False) -> Outcome:
        """Delete everything; what is protected only if its protection is lifted."""
        return self._go("destroy", self._destroy, lift_protection=lift_protection)

    def refresh(self, *, preview: bool = False) -> Outcome:
        """Read every object and take over what changed behind the stack's back."""
        return self._go("preview-refresh" if preview else "refresh", self._refresh)

    # --- one run

    def _go(
        self, kind: RunKind, body: Callable[[_Parts], Awaitable[None]], *, lift_protection: bool = False
    ) -> Outcome:
        return asyncio.run(self._run(kind, body, lift_protection=lift_protection))

    async def _run(self, kind: RunKind, body: Callable[[_Parts], Awaitable[None]], *, lift_protection: bool) -> Outcome:
        started, clock = time.time(), time.perf_counter()
        deployment = await asyncio.to_thread(self._state.load)
        preview = kind.startswith("preview")
        key = asyncio.create_task(asyncio.to_thread(deployment.crypter.prepare))
        snapshot = Snapshot(deployment, None if preview else self._state)
        run = Run(
            kind,
            deployment,
            snapshot,
            parallel=self._parallel,
            on_event=self._on_event,
            targets=self._targets,
            lift_protection=lift_protection,
        )
        run.emit(Event(kind="start", run=kind))
        builtin = BuiltinProvider(self._state, run.news)
        run.registry = Registry(self._plugins, builtin, preview=preview)
        parts = _Parts(run, self._program, deployment, Packs(self._packs, self._program), key)
        self._tell_interrupted(run, deployment)
        snapshot.start()
        try:
            await body(parts)
        except EngineError as error:
            if not run.failed:
                run.say("error", str(error))
            run.abort()
        finally:
            await run.registry.close()
            await key
            await snapshot.close()
        return self._outcome(run, parts, started, time.perf_counter() - clock)

    def _outcome(self, run: Run, parts: _Parts, started: float, seconds: float) -> Outcome:
        outputs = parts.outputs
        old = next((state.outputs for state in run.base if state.type == urns.STACK_TYPE), {})
        outcome = Outcome(
            run=run.kind,
            ok=not run.failed,
            steps=tuple(run.steps),
            findings=tuple(run.findings),
            diagnostics=tuple(run.diagnostics),
            outputs=outputs,
            old_outputs=old,
            counts=count(run.steps),
            duration_seconds=seconds,
            run_parts=parts.times,
        )
        if not run.preview:
            self._state.record(run.kind, started=started, seconds=seconds, ok=outcome.ok, counts=outcome.counts)
        run.emit(Event(kind="outputs", outputs=outputs))
        run.emit(Event(kind="end", run=run.kind, ok=outcome.ok))
        return outcome

    @staticmethod
    def _tell_interrupted(run: Run, deployment: Deployment) -> None:
        """Operations that a killed run left: a creation is kept until its resource is made or gone."""
        for operation in deployment.operations:
            run.say(
                "warning",
                f"the last run was interrupted while {operation.kind} this resource; it is looked at again",
                operation.state.urn,
            )
            if operation.kind != "creating":
                run.snapshot.end(operation)

    async def _update(self, parts: _Parts) -> None:
        async with _Served(parts) as served:
            parts.packs.start(served.address, preview=parts.run.preview)
            try:
                await self._drive(parts, served)
                await parts.packs.ready()
            finally:
                await parts.packs.close()

    async def _drive(self, parts: _Parts, served: _Served) -> None:
        run, monitor = parts.run, served.monitor
        host = ProgramHost(self._program, run, served.address)
        began = time.perf_counter()
        await host.start()
        try:
            ended = asyncio.create_task(host.wait())
            finished = asyncio.create_task(monitor.finished.wait())
            aborted = asyncio.create_task(run.aborted.wait())
            await asyncio.wait([ended, finished, aborted], return_when=asyncio.FIRST_COMPLETED)
            parts.times["program"] = time.perf_counter() - began
            if finished.done() and not run.failed_hard:
                began = time.perf_counter()
                await self._conclude(parts, served)
                parts.times["deletions"] = time.perf_counter() - began
            await run.settled()
            monitor.released.set()
            if run.aborted.is_set():
                await host.stop()
            code = await ended
            for waiting in (finished, aborted):
                waiting.cancel()
            host.judge(code, finished=monitor.finished.is_set())
        finally:
            await host.stop()
        self._set_outputs(parts, monitor)

    async def _conclude(self, parts: _Parts, served: _Served) -> None:
        """Everything is registered: delete what is not, and let the packs judge the stack."""
        run = parts.run
        await run.settled()
        await served.deletions.unregistered()
        if not run.failed or run.preview:
            self._set_outputs(parts, served.monitor)
            await parts.packs.stack(run)

    @staticmethod
    def _set_outputs(parts: _Parts, monitor: Monitor) -> None:
        """The stack's outputs: the new ones, over the old ones if the run failed."""
        run = parts.run
        old = next((state.outputs for state in run.base if state.type == urns.STACK_TYPE), {})
        new = monitor.stack_outputs
        stack = next((state for state in run.news.values() if state.type == urns.STACK_TYPE), None)
        if new is None or stack is None:
            parts.outputs = old
            return
        parts.outputs = {**old, **new} if run.failed else new
        stack.outputs = parts.outputs
        run.snapshot.changed(stack)

    async def _destroy(self, parts: _Parts) -> None:
        deletions = Deletions(parts.run)
        await deletions.everything()

    async def _refresh(self, parts: _Parts) -> None:
        await Refresh(parts.run).everything()
        parts.outputs = next((state.outputs for state in parts.run.base if state.type == urns.STACK_TYPE), {})


class _Parts:
    """What one run is made of."""

    def __init__(
        self, run: Run, program: Program, deployment: Deployment, packs: Packs, key: asyncio.Task[None]
    ) -> None:
        self.run = run
        self.program = program
        self.deployment = deployment
        self.packs = packs
        self.key = key
        self.outputs: Mapping[str, Any] = {}
        self.times: dict[str, float] = {}


class _Served:
    """The monitor and the engine service, listening on loopback while the context lasts."""

    def __init__(self, parts: _Parts) -> None:
        run = parts.run
        self._callbacks = Callbacks()
        work = Work(run)
        self.deletions = Deletions(run)
        names = Names(run, stack=parts.program.stack, project=parts.program.project)
        registrar = Registrar(run, names, parts.packs, work, self.deletions)
        defaults = DefaultProviders(parts.program, registrar)
        self.monitor = Monitor(
            run=run,
            program=parts.program,
            names=names,
            registrar=registrar,
            work=work,
            defaults=defaults,
            callbacks=self._callbacks,
        )
        self._service = EngineService(run)
        self._server = grpc.aio.server(options=CHANNEL_OPTIONS)
        self.address = ""

    async def __aenter__(self) -> Self:
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(self.monitor, self._server)
        engine_pb2_grpc.add_EngineServicer_to_server(self._service, self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        self.address = self.monitor.address = f"127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.monitor.released.set()
        await self._callbacks.close()
        await self._server.stop(grace=0.2)
