"""From a registration to steps: what the Pulumi engine's step generator decides, in the order in which it does.

Check → remediate → analyze → diff → same, create, update or replace (engine 3.260, step_generator.go). One
registration is one coroutine; what they share is in the run's ledger, read again after every wait.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sandbox.codec import contains_unknown, plain, same, unwrap_secrets
from sandbox.engine import urns
from sandbox.engine.deletions import Deletions
from sandbox.engine.dependents import cascading, dependents_to_replace
from sandbox.engine.diffs import Diff, compare, ignore_changes, replace_on_changes
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Op
from sandbox.engine.names import Names
from sandbox.engine.packs import Packs
from sandbox.engine.plugin import UNKNOWN_CONFIG, DiffUnavailable, Failure
from sandbox.engine.resource import Goal, Properties, State
from sandbox.engine.run import Run
from sandbox.engine.work import Provider, Registered, Work

_SEED_BYTES: Final = 32
_SHOWN: Final = 200
"""How many characters of a refused value an error shows."""


class Registrar:
    """Decides and carries out registrations."""

    def __init__(self, run: Run, names: Names, packs: Packs, work: Work, deletions: Deletions) -> None:
        self._run = run
        self._packs = packs
        self._work = work
        self._deletions = deletions
        self._names = names
        self._deleting_first = asyncio.Lock()

    async def register(self, goal: Goal) -> Registered:
        """Register a resource. Raises `EngineError` (and the run has failed) if it cannot be."""
        self._run.check_alive()
        try:
            return await self._register(goal)
        except EngineError as error:
            if not self._run.aborted.is_set():
                self._run.say("error", str(error), self._names.urn_of(goal))
                self._run.abort()
            raise

    # --- what is to be done

    async def _register(self, goal: Goal) -> Registered:
        run, ledger = self._run, self._run.ledger
        urn = self._names.claim(goal.parent, goal.type, goal.name)
        old, alias = self._names.find_old(urn, goal)
        new = goal.state(urn, old, alias)
        if new.is_provider:
            run.providers[urn] = new
        taken = run.targets.takes(new)
        run.targets.reach(new, taken=taken)
        if old is not None and not taken:
            return await self._untargeted(old, new)
        provider = await self._provider(goal, urn)
        if goal.custom and goal.id and (old is None or old.external or (old.import_id or old.id) != goal.id):
            assert provider is not None  # noqa: S101 - a custom resource has a provider
            old = await self._work.import_(goal, new, old, provider)
            new = goal.state(urn, old, alias)

        fresh = old is None or old.external or urn in ledger.deletes or self._forced(urn, old)
        seed = os.urandom(_SEED_BYTES)
        new.inputs = await self._check(goal, new, None if fresh else old, provider, seed)
        new.inputs = await self._packs.judge(run, new, goal)
        run.check_alive()

        if old is None:
            if not taken:
                ledger.skipped.add(urn)
                ledger.operated.add(urn)
                return Registered(new, unknown=True)
            self._refuse_skipped(new)
            ledger.created.add(urn)
            return await self._work.create(new, provider)
        self._refuse_skipped(new)
        if urn in ledger.deletes:
            return await self._recreate(old, new, provider)
        if old.external:
            ledger.created.add(urn)
            ledger.operated.add(urn)
            return await self._work.create(new, provider, replacing=old, later=True)
        return await self._change(goal, old, new, provider, seed)

    def _forced(self, urn: str, old: State | None) -> bool:
        return self._run.targets.must_replace(urn) or (old is not None and old.taint)

    async def _provider(self, goal: Goal, urn: str) -> Provider | None:
        if not goal.custom or urns.is_provider(goal.type):
            return None
        run = self._run
        if not goal.provider:
            raise EngineError(f"{urn} has no provider")
        found = run.registry.find(goal.provider)
        if found is None and goal.provider in run.old_providers:
            found = await run.registry.ensure(goal.provider, run.old_providers)
        if found is None:
            raise EngineError(f"{urn} uses the provider {goal.provider}, which is not registered")
        return found

    async def _check(
        self, goal: Goal, new: State, old: State | None, provider: Provider | None, seed: bytes
    ) -> Properties:
        """The inputs as the provider takes them. Raises `EngineError` naming each property that it does not."""
        run = self._run
        inputs = goal.properties
        if old is not None and goal.ignore_changes:
            inputs, failed = ignore_changes(old.inputs, inputs, goal.ignore_changes)
            if failed:
                shown = ", ".join(failed)
                run.say("info", f"cannot ignore changes in added or removed elements of the path: {shown}", new.urn)
        before = old.inputs if old is not None else {}
        failures: list[Failure] = []
        if new.is_provider:
            inputs, failures = await run.registry.check(new.urn, before, inputs)
        elif provider is not None:
            inputs, failures = await provider.check(new.urn, before, inputs, seed, preview=run.preview)
        if failures:
            for failure in failures:
                run.say("error", _failure(new, failure), new.urn)
            run.abort()
            raise EngineError(f"resource {new.urn} is invalid")
        return inputs

    def _refuse_skipped(self, new: State) -> None:
        for urn in (new.parent, *new.dependency_urns()):
            if urn in self._run.ledger.skipped:
                raise EngineError(
                    f"{new.urn} needs {urn}, which would have to be created first and is not targeted; "
                    "target it too, or run without targets"
                )

    async def _untargeted(self, old: State, new: State) -> Registered:
        """Leave it as it is in the state, whatever the program says of it now."""
        kept = old.copy()
        kept.urn = new.urn
        return await self._work.same(old, kept, provider_ready=False)

    async def _recreate(self, old: State, new: State, provider: Provider | None) -> Registered:
        """It was deleted with what it depends on, or is about to be: once that is over, make it again."""
        ledger = self._run.ledger
        async with self._deleting_first:
            self._run.check_alive()
        ledger.deletes.discard(new.urn)
        ledger.replaces.add(new.urn)
        ledger.operated.add(new.urn)
        keys = ledger.dependent_keys.get(new.urn, ())
        diff = Diff(changed=True, replace_keys=keys, changed_keys=keys)
        self._work.note_replace(old, new, diff)
        return await self._work.create(new, provider, replacing=old, later=False, diff=diff)

    async def _change(self, goal: Goal, old: State, new: State, provider: Provider | None, seed: bytes) -> Registered:
        run, ledger = self._run, self._run.ledger
        forced = self._triggered(old, new)
        diff = await self._diff(old, new, provider) if not forced else Diff(changed=True)
        run.check_alive()
        if new.urn in ledger.deletes:
            return await self._recreate(old, new, provider)
        diff = replace_on_changes(diff, goal.replace_on_changes, init_errors=bool(old.init_errors))
        if (diff.changed or old.pending_replacement) and (diff.replaces or forced or old.pending_replacement):
            return await self._replace(goal, old, new, provider, diff=diff, seed=seed)
        ledger.operated.add(new.urn)
        if diff.changed or old.init_errors:
            return await self._work.update(old, new, provider, diff)
        return await self._work.same(old, new)

    def _triggered(self, old: State, new: State) -> bool:
        before, after = unwrap_secrets(old.replacement_trigger), unwrap_secrets(new.replacement_trigger)
        if contains_unknown(after) and not self._run.preview:
            raise EngineError(f"the replacement trigger of {new.urn} is unknown")
        if contains_unknown(before) or contains_unknown(after):
            return True
        return before is not None and after is not None and not same(before, after)

    async def _diff(self, old: State, new: State, provider: Provider | None) -> Diff:
        run, ledger = self._run, self._run.ledger
        if self._forced(new.urn, old):
            return Diff(changed=True, replace_keys=("id",))
        if any(urn in ledger.replaces for urn in new.replace_with):
            return Diff(changed=True, replace_keys=("replaceWith",))
        if new.deleted_with in ledger.replaces:
            return Diff(changed=True, replace_keys=("deletedWith",))
        if await self._provider_changed(old, new):
            return Diff(changed=True, replace_keys=("provider",))
        if new.is_provider:
            return await run.registry.diff(new.urn, old.id, old.inputs, old.outputs, new.inputs)
        if provider is None:
            ours = compare(old.inputs, new.inputs)
            return ours if ours.changed or same(old.inputs, new.inputs) else replace(ours, changed=True)
        return await self.diff_resource(old, new, provider)

    async def diff_resource(self, old: State, new: State, provider: Provider) -> Diff:
        """Ask the provider; compare inputs where it cannot say."""
        try:
            diff = await provider.diff(new.urn, old, new.inputs, new.ignore_changes, preview=self._run.preview)
        except DiffUnavailable:
            self._run.say("warning", UNKNOWN_CONFIG, new.urn)
            return Diff(changed=True)
        if diff.unknown:
            kept, _ = ignore_changes(old.inputs, new.inputs, new.ignore_changes)
            return compare(old.inputs, kept)
        return diff

    async def _provider_changed(self, old: State, new: State) -> bool:
        run = self._run
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        old_urn, new_urn = urns.reference_urn(old.provider), urns.reference_urn(new.provider)
        if run.ledger.aliased.get(old_urn) == new_urn:
            return False
        plugin = run.registry.find(new.provider)
        before, after = run.olds.get(old_urn), run.providers.get(new_urn)
        if plugin is None or before is None or after is None:
            raise EngineError(f"{new.urn} changed its provider to {new.provider}, which is not registered")
        diff = await plugin.diff_config(new_urn, before.inputs, before.outputs, after.inputs)
        return diff.replaces

    # --- replacement

    async def _replace(
        self, goal: Goal, old: State, new: State, provider: Provider | None, *, diff: Diff, seed: bytes
    ) -> Registered:
        run, ledger = self._run, self._run.ledger
        if new.protect and old.protect and not run.lift_protection:
            self._refuse(
                f"unable to replace resource {new.urn!r}\nas it is currently marked for protection. To unprotect the "
                "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
                new.urn,
            )
        if goal.id:
            message = (
                "previously-imported resources that still specify an ID may not be replaced; "
                "please remove the `import` declaration from your program"
            )
            if not run.preview:
                raise EngineError(f"{new.urn}: {message}")
            run.say("warning", message, new.urn)
        ledger.replaces.add(new.urn)
        ledger.operated.add(new.urn)
        if not self._forced(new.urn, old):
            new.inputs = await self._check(goal, new, None, provider, seed)
        first = diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        if not first:
            result = await self._work.create(new, provider, replacing=old, later=True, diff=diff)
            self._work.note_replace(old, new, diff)
            return result
        await self._delete_first(old)
        self._work.note_replace(old, new, diff)
        return await self._work.create(new, provider, replacing=old, later=False, diff=diff)

    async def _delete_first(self, old: State) -> None:
        """Delete the old object and, before it, those of its dependents that its replacement replaces.

        One at a time, as the real engine's step generator does it. What is condemned is marked before the first of
        it is deleted: a registration that comes from then on makes it again.
        """
        async with self._deleting_first:
            await self._delete_chain(old)

    async def _delete_chain(self, old: State) -> None:
        run, ledger = self._run, self._run.ledger
        dependents: Sequence[tuple[State, tuple[str, ...]]] = await dependents_to_replace(run, old, self.diff_resource)
        condemned: list[State] = []
        # What is deleted with the old object sees it among the deletions and makes no call of its own.
        ledger.deletes.add(old.urn)
        for state, keys in reversed((*dependents, *cascading(run, old.urn))):
            if id(state) in ledger.condemned:
                continue
            ledger.dependent_keys[state.urn] = keys
            if state.protect and not state.delete and not run.lift_protection:
                self._refuse(
                    f"unable to replace resource {state.urn!r} as part of replacing {old.urn!r} as it is currently "
                    "marked for protection. To unprotect the resource, remove the `protect` flag from the resource "
                    f"in your Pulumi program and run `pulumi up`, or use the command:\n"
                    f"`pulumi state unprotect '{state.urn}'`",
                    state.urn,
                )
                continue
            ledger.deletes.add(state.urn)
            ledger.condemned.add(id(state))
            condemned.append(state)
        for state in condemned:
            op = Op.DELETE if state.delete else Op.DELETE_REPLACED
            await self._deletions.delete(state, op, pending_replacement=not state.delete)
        if not old.pending_replacement:
            ledger.condemned.add(id(old))
            await self._deletions.delete(old, Op.DELETE_REPLACED, pending_replacement=True)

    def _refuse(self, message: str, urn: str) -> None:
        """A preview says it and goes on, so that the rest is seen; an update stops here."""
        self._run.say("error", message, urn)
        if not self._run.preview:
            self._run.abort()
            raise EngineError(message)


def _failure(new: State, failure: Failure) -> str:
    where = f"{new.type} resource '{new.name}'"
    if not failure.property:
        return f"{where} has a problem: {failure.reason}"
    value = new.inputs.get(failure.property)
    if value is None:
        return f"{where} has a problem: {failure.property}: {failure.reason}"
    shown = json.dumps(plain(value, secret="[secret]", unknown="output<unknown>"), ensure_ascii=False)  # noqa: S106 - the mask
    if len(shown) > _SHOWN:
        shown = shown[:_SHOWN] + "…"
    return f"{where}: property {failure.property} value {shown} has a problem: {failure.reason}"
