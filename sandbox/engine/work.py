"""Carries out what was decided: calls the provider, and keeps steps and snapshot true."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.codec import UNKNOWN_STRING, Secret, same
from sandbox.engine.builtins import BuiltinProvider
from sandbox.engine.checkpoint import Operation
from sandbox.engine.diffs import SAME, Diff
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Op
from sandbox.engine.plugin import PartlyMade, Plugin, ProviderGone
from sandbox.engine.resource import Goal, State
from sandbox.engine.run import Aborted, Run
from sandbox.engine.statefile import now

Provider = Plugin | BuiltinProvider


@dataclass
class Registered:
    """The answer to a registration."""

    state: State
    unknown: bool = False
    """Not created, as the run does not target it."""


class Work:
    """The operations of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def note_replace(self, old: State, new: State, diff: Diff) -> None:
        """The step that tells a person of a replacement; its parts are steps of their own."""
        self._run.done(self._run.begin(Op.REPLACE, old, new, diff))

    async def create(
        self,
        new: State,
        provider: Provider | None,
        *,
        replacing: State | None = None,
        later: bool = False,
        diff: Diff = SAME,
    ) -> Registered:
        """Create, also in the place of an old one, which is deleted `later`, or was deleted already."""
        run = self._run
        run.ledger.operated.add(new.urn)
        op = Op.CREATE if replacing is None or replacing.external else Op.CREATE_REPLACEMENT
        number = run.begin(op, replacing, new, diff)
        operation: Operation | None = None
        try:
            if new.is_provider:
                new.id, new.outputs = await run.registry.create(new.urn, new.inputs)
            elif provider is not None:
                async with run.slot():
                    if not run.preview:
                        operation = await run.snapshot.begin("creating", new)
                    new.id, new.outputs = await provider.create(new.urn, new.inputs, new.timeouts, preview=run.preview)
                if later and replacing is not None and not run.preview:
                    _require(
                        replacing.external or new.id != replacing.id,
                        f"the replacement has the id of what it replaces ({new.id}), which would be deleted with it; "
                        "give it another name, or set delete_before_replace in its options",
                    )
        except PartlyMade as error:
            new.id, new.outputs, new.init_errors = error.id, error.outputs, error.reasons
            self._created(new, replacing, operation, later=later)
            run.broken(number, error)
            raise
        except EngineError as error:
            self._failed(number, operation, error)
            raise
        self._created(new, replacing, operation, later=later)
        run.done(number, new)
        return Registered(new)

    def _created(self, new: State, replacing: State | None, operation: Operation | None, *, later: bool) -> None:
        run = self._run
        _hide(new)
        new.created = new.modified = now()
        if replacing is not None:
            if later and not run.preview:
                replacing.delete = True
                run.snapshot.changed(replacing)
            if later and run.preview:
                # A preview shows the deletion at the end as an update does.
                replacing.delete = True
            if not later:
                run.snapshot.remove(replacing)
        run.news[new.urn] = new
        run.snapshot.drop_operations(new.urn)
        run.snapshot.add(new)
        run.snapshot.end(operation)

    def _failed(self, number: int, operation: Operation | None, error: EngineError) -> None:
        if not isinstance(error, ProviderGone):
            # A provider that is gone may have done it: the operation stays pending, and the next run finds out.
            self._run.snapshot.end(operation)
        if not isinstance(error, Aborted):
            self._run.broken(number, error)

    async def update(self, old: State, new: State, provider: Provider | None, diff: Diff) -> Registered:
        """Update in place."""
        run = self._run
        number = run.begin(Op.UPDATE, old, new, diff)
        new.id = old.id
        operation: Operation | None = None
        try:
            if new.is_provider:
                new.outputs = await run.registry.update(new.urn, new.id, new.inputs)
            elif provider is not None:
                async with run.slot():
                    if not run.preview:
                        operation = await run.snapshot.begin("updating", new)
                    new.outputs = await provider.update(old, new, preview=run.preview)
            else:
                new.outputs = old.outputs
        except PartlyMade as error:
            new.outputs, new.init_errors = error.outputs, error.reasons
            self._succeeded(old, new, operation)
            run.broken(number, error)
            raise
        except EngineError as error:
            self._failed(number, operation, error)
            raise
        new.modified = now()
        self._succeeded(old, new, operation)
        run.done(number, new)
        return Registered(new)

    async def same(self, old: State, new: State, *, provider_ready: bool = True) -> Registered:
        """Keep it; options that only the engine knows may have changed."""
        run = self._run
        new.id, new.outputs = old.id, old.outputs
        if new.is_provider and provider_ready:
            await run.registry.same(new, old.inputs)
        run.ledger.operated.add(new.urn)
        number = run.begin(Op.SAME, old, new)
        self._succeeded(old, new, None)
        run.done(number, new)
        return Registered(new)

    def _succeeded(self, old: State | None, new: State, operation: Operation | None) -> None:
        run = self._run
        _hide(new)
        run.news[new.urn] = new
        run.snapshot.remove(old)
        run.snapshot.add(new)
        run.snapshot.end(operation)

    async def read(self, new: State, old: State | None, provider: Provider) -> State:
        """Read an object that the program names and does not own."""
        run = self._run
        run.ledger.operated.add(new.urn)
        replaces = old is not None and not old.external and old.id != new.id
        number = run.begin(Op.READ_REPLACEMENT if replaces else Op.READ, old, new)
        operation: Operation | None = None
        try:
            if new.id != UNKNOWN_STRING:
                async with run.slot():
                    if not run.preview:
                        operation = await run.snapshot.begin("reading", new)
                    live = await provider.read(new.urn, new.id, new.inputs, new.inputs)
                _require(bool(live.id or live.outputs), f"resource '{new.id}' does not exist")
                new.id, new.outputs, new.init_errors = live.id or new.id, live.outputs, list(live.init_errors)
        except EngineError as error:
            self._failed(number, operation, error)
            raise
        if old is not None:
            new.created, new.modified = old.created, old.modified
            if not same(old.outputs, new.outputs) or not same(old.inputs, new.inputs):
                new.modified = now()
        if replaces and old is not None:
            old.delete = True
            run.ledger.replaces.add(new.urn)
            run.snapshot.changed(old)
            self._succeeded(None, new, operation)
            self.note_replace(old, new, SAME)
        else:
            self._succeeded(old, new, operation)
        run.done(number, new)
        return new

    async def import_(self, goal: Goal, new: State, old: State | None, provider: Provider) -> State:
        """Take an existing object under management, as it is.

        Gives the imported state, against which the program's inputs are compared then: where they differ the object
        is updated in the same run, as engine 3.260 does it.
        """
        run = self._run
        run.ledger.operated.add(new.urn)
        replaces = old is not None
        number = run.begin(Op.IMPORT_REPLACEMENT if replaces else Op.IMPORT, old, new)
        operation: Operation | None = None
        try:
            async with run.slot():
                if not run.preview:
                    operation = await run.snapshot.begin("importing", new)
                live = await provider.read(new.urn, goal.id, {}, {})
            _require(bool(live.id), f"resource '{goal.id}' does not exist")
            _require(live.inputs is not None, f"the provider of {new.type} cannot import: it gives no inputs")
            found = live.inputs or {}
        except EngineError as error:
            self._failed(number, operation, error)
            raise
        imported = new.copy()
        imported.id, imported.inputs, imported.outputs = live.id, found, live.outputs
        imported.created = imported.modified = now()
        if replaces and old is not None:
            old.delete = True
            run.snapshot.changed(old)
        self._succeeded(None, imported, operation)
        run.done(number, imported)
        return imported


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 - reads as an assertion does
    if not condition:
        raise EngineError(message)


def _hide(state: State) -> None:
    """Make secret the outputs that the program wants secret."""
    for key in state.additional_secret_outputs:
        if key in state.outputs and not isinstance(state.outputs[key], Secret):
            state.outputs = {**state.outputs, key: Secret(state.outputs[key])}
