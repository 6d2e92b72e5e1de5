"""What the parts of one run share: the old and the new world, the steps so far, and whether it may go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sandbox.engine.checkpoint import Deployment
from sandbox.engine.diffs import SAME, Diff
from sandbox.engine.errors import EngineError
from sandbox.engine.model import PHYSICAL, Diagnostic, Event, Finding, Op, RunKind, Severity, Step
from sandbox.engine.registry import Registry
from sandbox.engine.resource import State
from sandbox.engine.snapshot import Snapshot
from sandbox.engine.targets import Targets


class Aborted(EngineError):  # noqa: N818 - it is told apart from the fault that caused it
    """The run has failed already; nothing new begins."""


@dataclass
class Ledger:
    """What happened to which URN so far."""

    seen: set[str] = field(default_factory=set)
    """Registered or being registered."""
    operated: set[str] = field(default_factory=set)
    """Has its step; what is not operated on at the end is deleted."""
    created: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    """Deleted, perhaps to be made again."""
    replaces: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    """Would have been created, and was not: the run does not target it."""
    aliased: dict[str, str] = field(default_factory=dict)
    """Old URN to the new one that claims it."""
    aliases: dict[str, str] = field(default_factory=dict)
    """New URN to the old one."""
    condemned: set[int] = field(default_factory=set)
    """Identities of states that were deleted before their replacement."""
    dependent_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Run:
    """One preview, update, destroy or refresh."""

    def __init__(
        self,
        kind: RunKind,
        deployment: Deployment,
        snapshot: Snapshot,
        *,
        parallel: int,
        on_event: Callable[[Event], None],
        targets: Targets,
        lift_protection: bool = False,
    ) -> None:
        self.kind = kind
        self.preview = kind.startswith("preview")
        self.base: Sequence[State] = tuple(deployment.resources)
        self.snapshot = snapshot
        self.registry: Registry
        self.parallel = parallel
        self.targets = targets
        self.lift_protection = lift_protection
        self.ledger = Ledger()
        self.olds: dict[str, State] = {state.urn: state for state in self.base if not state.delete}
        self.old_providers: dict[str, State] = {state.reference: state for state in self.base if state.is_provider}
        self.news: dict[str, State] = {}
        self.providers: dict[str, State] = {}
        self.steps: list[Step] = []
        self.findings: list[Finding] = []
        self.diagnostics: list[Diagnostic] = []
        self.failed = False
        """Something went wrong: the outcome is not ok."""
        self.aborted = asyncio.Event()
        """Nothing new may begin."""
        self._emit = on_event
        self._slots = asyncio.Semaphore(parallel)
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    # --- going on or not

    @property
    def failed_hard(self) -> bool:
        """Whether the run must not go on to deletions; a preview goes on after findings, to show all."""
        return self.aborted.is_set() or (self.failed and not self.preview)

    def check_alive(self) -> None:
        """Raise `Aborted` once the run has failed."""
        if self.aborted.is_set():
            raise Aborted("the run was stopped by an error before this")

    def abort(self) -> None:
        """Fail, and begin nothing new."""
        self.failed = True
        self.aborted.set()

    @contextlib.asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A place among the operations that run at the same time; what waits for one is given up on abort."""
        async with self._slots:
            self.check_alive()
            self._busy += 1
            self._idle.clear()
            try:
                yield
            finally:
                self._busy -= 1
                if not self._busy:
                    self._idle.set()

    async def settled(self) -> None:
        """Wait until no operation is under way."""
        await self._idle.wait()

    # --- telling

    def emit(self, event: Event) -> None:
        """Give an event to whoever watches the run."""
        self._emit(event)

    def say(self, severity: Severity, message: str, urn: str = "", *, logged: bool = False) -> None:
        """A diagnostic. An error of the engine's makes the outcome not ok; one that a program logged does not."""
        diagnostic = Diagnostic(severity=severity, message=message, urn=urn)
        if severity == "error" and not logged:
            self.failed = True
        if severity != "debug":
            self.diagnostics.append(diagnostic)
        self.emit(Event(kind="diagnostic", diagnostic=diagnostic))

    def find(self, finding: Finding) -> None:
        """A policy's finding. A mandatory one makes the outcome not ok."""
        self.findings.append(finding)
        if finding.blocking:
            self.failed = True
        self.emit(Event(kind="finding", finding=finding))

    def begin(self, op: Op, old: State | None, new: State | None, diff: Diff = SAME) -> int:
        """A step begins; give its number for `done` and `broken`."""
        self.steps.append(describe(op, old, new, diff))
        if op not in (Op.SAME, Op.REPLACE):
            self.emit(Event(kind="step-start", step=self.steps[-1]))
        return len(self.steps) - 1

    def done(self, number: int, state: State | None = None, op: Op | None = None, diff: Diff | None = None) -> None:
        """The step has ended; `state` has its id and outputs."""
        step = self.steps[number]
        if op is not None:
            step = replace(step, op=op)
        if diff is not None:
            step = replace(step, detailed_diff=diff.detailed)
        if state is not None:
            step = replace(step, id=state.id, outputs=state.outputs, new_inputs=state.inputs)
        self.steps[number] = step
        self.emit(Event(kind="step-done", step=step))

    def broken(self, number: int, error: Exception) -> None:
        """The step failed: the run stops."""
        step = self.steps[number]
        self.emit(Event(kind="step-failed", step=step))
        self.say("error", f"{VERBS.get(step.op, step.op)} failed: {error}", step.urn)
        self.abort()

    def old_provider(self, reference: str) -> State | None:
        """A provider of the old state by its reference."""
        return self.old_providers.get(reference)


VERBS: Mapping[Op, str] = {
    Op.CREATE: "creating",
    Op.CREATE_REPLACEMENT: "creating",
    Op.UPDATE: "updating",
    Op.DELETE: "deleting",
    Op.DELETE_REPLACED: "deleting",
    Op.DISCARD: "discarding",
    Op.DISCARD_REPLACED: "discarding",
    Op.READ: "reading",
    Op.READ_REPLACEMENT: "reading",
    Op.REFRESH: "refreshing",
    Op.IMPORT: "importing",
    Op.IMPORT_REPLACEMENT: "importing",
}


def describe(op: Op, old: State | None, new: State | None, diff: Diff = SAME) -> Step:
    """A step as a person or a program sees it."""
    state = new if new is not None else old
    assert state is not None  # noqa: S101 - a step is about something
    return Step(
        op=op,
        urn=state.urn,
        type=state.type,
        name=state.name,
        parent=state.parent,
        provider=state.provider,
        custom=state.custom,
        protect=state.protect,
        id=state.id or (old.id if old is not None else ""),
        old_inputs=old.inputs if old is not None else None,
        new_inputs=new.inputs if new is not None else None,
        old_outputs=old.outputs if old is not None else None,
        outputs=None,
        detailed_diff=dict(diff.detailed),
        keys=diff.replace_keys,
        retain=state.retain_on_delete or state.external,
        source=state.source_position,
    )


def count(steps: Sequence[Step]) -> dict[str, int]:
    """Logical steps by operation."""
    counts: dict[str, int] = {}
    for step in steps:
        if step.op not in PHYSICAL:
            counts[str(step.op)] = counts.get(str(step.op), 0) + 1
    return counts
