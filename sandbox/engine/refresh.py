"""Refresh: read every object, and take over what changed behind the stack's back."""

from __future__ import annotations

import asyncio

from sandbox.codec import same
from sandbox.engine.diffs import SAME, Diff, compare, ignore_changes, invert
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Op
from sandbox.engine.plugin import DiffUnavailable, Live
from sandbox.engine.resource import State
from sandbox.engine.run import Aborted, Run
from sandbox.engine.statefile import now
from sandbox.engine.work import Provider


class Refresh:
    """Refreshes a state."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def everything(self) -> None:
        """Refresh all resources, or the targeted ones."""
        run = self._run
        results = await asyncio.gather(
            *(self._one(state) for state in run.base if run.targets.takes(state)), return_exceptions=True
        )
        for fault in results:
            if isinstance(fault, BaseException) and not isinstance(fault, EngineError):
                raise fault
        self._forget(run.snapshot.resources())
        for operation in run.snapshot.operations():
            run.say(
                "warning", "an interrupted creation is still unresolved; the next up resolves it", operation.state.urn
            )

    def _forget(self, left: list[State]) -> None:
        """What is gone is no dependency any more; its children go to the nearest parent that is there."""
        there = {state.urn for state in left}
        parents = {state.urn: state.parent for state in self._run.base}
        for state in left:
            if all(urn in there for urn in state.dependency_urns()) and state.parent in {"", *there}:
                continue
            state.dependencies = [urn for urn in state.dependencies if urn in there]
            state.property_dependencies = {
                key: [urn for urn in several if urn in there] for key, several in state.property_dependencies.items()
            }
            state.replace_with = [urn for urn in state.replace_with if urn in there]
            if state.deleted_with not in there:
                state.deleted_with = ""
            while state.parent and state.parent not in there:
                state.parent = parents.get(state.parent, "")
            self._run.snapshot.changed(state)

    async def _one(self, state: State) -> None:
        run = self._run
        number = run.begin(Op.REFRESH, state, state)
        if not state.custom or state.is_provider or state.pending_replacement:
            run.done(number, state)
            return
        try:
            provider = await run.registry.ensure(state.provider, run.old_providers)
            async with run.slot():
                live = await provider.read(state.urn, state.id, state.inputs, state.outputs)
            if not live.id:
                run.snapshot.remove(state)
                run.done(number, op=Op.DELETE)
                return
            refreshed = self._take_over(state, live)
            diff = await self._difference(state, refreshed, provider)
        except EngineError as error:
            if not isinstance(error, Aborted):
                run.broken(number, error)
            raise
        self._apply(state, refreshed)
        run.done(number, refreshed, op=Op.UPDATE if diff.changed else None, diff=diff)

    def _take_over(self, state: State, live: Live) -> State:
        refreshed = state.copy()
        refreshed.id, refreshed.outputs = live.id, live.outputs
        refreshed.init_errors = list(live.init_errors)
        if live.inputs is not None:
            refreshed.inputs = live.inputs
        if live.init_errors:
            self._run.say(
                "warning", "Refreshed resource is in an unhealthy state:\n* " + "\n* ".join(live.init_errors), state.urn
            )
        if not same(state.inputs, refreshed.inputs) or not same(state.outputs, refreshed.outputs):
            refreshed.modified = now()
        return refreshed

    async def _difference(self, state: State, refreshed: State, provider: Provider) -> Diff:
        """What an up would put back, seen from the other side; outputs alone for what is not owned."""
        if state.external:
            return compare(state.outputs, refreshed.outputs)
        try:
            diff = await provider.diff(
                state.urn, refreshed, state.inputs, state.ignore_changes, preview=self._run.preview
            )
        except DiffUnavailable:
            return SAME
        if diff.unknown:
            kept, _ = ignore_changes(refreshed.inputs, state.inputs, state.ignore_changes)
            diff = compare(refreshed.inputs, kept)
        return invert(diff)

    def _apply(self, state: State, refreshed: State) -> None:
        """Change the state in place, so that it keeps its rank among the others."""
        for name in ("id", "inputs", "outputs", "init_errors", "modified"):
            setattr(state, name, getattr(refreshed, name))
        self._run.snapshot.changed(state)
