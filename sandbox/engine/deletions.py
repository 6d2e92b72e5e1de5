"""Deletions: what was not registered, what was replaced, and, in a destroy, everything."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sandbox.engine.checkpoint import Operation
from sandbox.engine.dependents import dependents, waves
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Op
from sandbox.engine.plugin import PartlyMade, ProviderGone
from sandbox.engine.resource import State
from sandbox.engine.run import Aborted, Run

_DISCARDS = {Op.DELETE: Op.DISCARD, Op.DELETE_REPLACED: Op.DISCARD_REPLACED}


class Deletions:
    """Deletes in waves, dependents first."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def delete(self, state: State, op: Op, *, pending_replacement: bool = False) -> None:
        """Delete one object and take its state out, or mark it as awaiting its replacement.

        Raises `EngineError` (and the run has failed) if it is protected or its provider fails.
        """
        run = self._run
        if state.external:  # it was only read: nothing is deleted but what the state knows of it
            op = _DISCARDS.get(op, op)
        number = run.begin(op, state, None)
        operation: Operation | None = None
        try:
            self._refuse_protected(state, op)
            if self._needs_call(state) and not run.preview:
                operation = await run.snapshot.begin("deleting", state)
                await self._call(state)
        except ProviderGone as error:
            run.broken(number, error)
            raise
        except EngineError as error:
            run.snapshot.end(operation)
            if not isinstance(error, Aborted):
                run.broken(number, error)
            raise
        if pending_replacement:
            state.pending_replacement = True
            run.snapshot.changed(state)
        else:
            run.snapshot.remove(state)
        run.snapshot.end(operation)
        run.done(number)

    def _refuse_protected(self, state: State, op: Op) -> None:
        if op in (Op.DELETE, Op.DISCARD) and state.protect and not self._run.lift_protection:
            raise EngineError(
                f"resource {state.urn!r} cannot be deleted\nbecause it is protected. To unprotect the resource, either "
                "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the "
                f"command:\n`pulumi state unprotect '{state.urn}'`"
            )

    def _needs_call(self, state: State) -> bool:
        return not (
            not state.custom
            or state.is_provider
            or state.external
            or state.retain_on_delete
            or state.pending_replacement
            or state.deleted_with in self._run.ledger.deletes
        )

    async def _call(self, state: State) -> None:
        provider = self._run.registry.find(state.provider)
        if provider is None:
            provider = await self._run.registry.ensure(state.provider, self._run.old_providers)
        async with self._run.slot():
            await provider.delete(state)

    # --- at the end of a run

    async def unregistered(self) -> None:
        """Delete what the program did not register, and the old copies of what was replaced."""
        run, ledger = self._run, self._run.ledger
        await self._finish_interrupted(everything=False)
        allowed = self._targeted()
        condemned: list[tuple[State, Op]] = []
        for state in run.snapshot.resources():
            if allowed is not None and state.urn not in allowed:
                continue
            if state.delete:
                if id(state) in ledger.condemned:
                    continue
                ledger.deletes.add(state.urn)
                condemned.append((state, Op.DELETE_REPLACED))
            elif (
                state.urn not in ledger.operated
                and state.urn not in ledger.aliased
                and run.news.get(state.urn) is not state
            ):
                ledger.deletes.add(state.urn)
                condemned.append((state, Op.REMOVE_PENDING_REPLACE if state.pending_replacement else Op.DELETE))
        await self._in_waves(condemned)

    async def everything(self) -> None:
        """Delete the whole stack, or what is targeted and depends on it."""
        run, ledger = self._run, self._run.ledger
        await self._finish_interrupted(everything=True)
        allowed = self._targeted()
        condemned: list[tuple[State, Op]] = []
        for state in run.snapshot.resources():
            if allowed is not None and state.urn not in allowed:
                continue
            ledger.deletes.add(state.urn)
            op = Op.DELETE
            if state.pending_replacement:
                op = Op.REMOVE_PENDING_REPLACE
            elif state.delete:
                op = Op.DELETE_REPLACED
            condemned.append((state, op))
        await self._in_waves(condemned)

    async def _in_waves(self, condemned: Sequence[tuple[State, Op]]) -> None:
        self._refuse_untargeted(condemned)
        ops = {id(state): op for state, op in condemned}
        for wave in waves(self._run.snapshot.resources(), [state for state, _ in condemned]):
            self._run.check_alive()
            done = await asyncio.gather(*(self.delete(state, ops[id(state)]) for state in wave), return_exceptions=True)
            for fault in done:
                if isinstance(fault, BaseException) and not isinstance(fault, EngineError):
                    raise fault

    def _targeted(self) -> set[str] | None:
        """The URNs that a deletion of the targets would take along, or None for all."""
        run = self._run
        targets = run.targets
        if not targets.constrained:
            return None
        if targets.exclude:
            return self._not_excluded()
        allowed: set[str] = set()
        for state in run.base:
            if targets.names(state.urn):
                allowed.add(state.urn)
                allowed.update(one.urn for one in dependents(run.base, state, set(), children=True))
        return allowed

    def _refuse_untargeted(self, condemned: Sequence[tuple[State, Op]]) -> None:
        """What would go with a target, and is none itself, goes only where dependents are taken along."""
        run = self._run
        if not run.targets.include or run.targets.dependents:
            return
        refused = [state.urn for state, _ in condemned if not run.targets.names(state.urn)]
        for urn in refused:
            run.say("error", f"Resource '{urn}' will be destroyed but was not specified in the targets.", urn)
        if refused and not run.preview:
            run.abort()
            raise EngineError("name them as targets too, or take dependents along")

    def _not_excluded(self) -> set[str]:
        run = self._run
        kept = {state.urn for state in run.base if not run.targets.takes(state)}
        for state in reversed(run.base):
            if state.urn in kept:
                kept.update(state.dependency_urns())
                kept.add(state.parent)
        return {state.urn for state in run.base} - kept

    async def _finish_interrupted(self, *, everything: bool) -> None:
        """An interrupted creation of what is not wanted any more: find what it made, so that it can be deleted.

        The provider adopts an object that carries the resource's mark, or makes it; either way it has an id then.
        """
        run = self._run
        for operation in run.snapshot.operations():
            state = operation.state
            if operation.kind != "creating" or not state.custom or state.is_provider:
                continue
            if not everything and state.urn in run.ledger.seen:
                continue
            if run.preview:
                run.begin(Op.DELETE, state, None)
                continue
            if not await self._adopt(state):
                return
            run.snapshot.end(operation)

    async def _adopt(self, state: State) -> bool:
        run = self._run
        found = state.copy()
        try:
            provider = await run.registry.ensure(state.provider, run.old_providers)
            found.id, found.outputs = await provider.create(state.urn, state.inputs, state.timeouts, preview=False)
        except PartlyMade as partly:
            found.id, found.outputs = partly.id, partly.outputs
        except EngineError as error:
            run.say("error", f"an interrupted creation could not be found again: {error}", state.urn)
            run.abort()
            return False
        run.snapshot.add(found)
        return True
