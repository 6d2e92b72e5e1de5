"""The deployment while a run changes it, written to the state file as often as is cheap.

The new states stand first, in the order in which their operations ended, then the old ones that were not
touched yet. An operation is on disk as pending before its provider is called; that it ended may reach the disk
a moment later, which a killed run makes good by doing it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping

from sandbox.engine.checkpoint import Deployment, Operation, OperationKind, resource_to_json
from sandbox.engine.resource import State
from sandbox.engine.statefile import StateFile, dump, now, serialize
from sandbox.engine.urns import reference_id, reference_urn

_IDLE_SECONDS = 0.05
"""How long an ended operation may wait for company before the file is written."""
_REST_SECONDS = 0.1
"""The longest rest between two writes."""


class Snapshot:
    """What is in the stack right now. With `file=None` (a preview) nothing is written."""

    def __init__(self, deployment: Deployment, file: StateFile | None) -> None:
        self._deployment = deployment
        self._file = file
        self._old = list(deployment.resources)
        self._new: list[State] = []
        self._gone: set[int] = set()
        self._operations: dict[int, Operation] = {id(op): op for op in deployment.operations}
        self._lines: dict[int, bytes] = {}
        self._renamed: dict[str, str] = {}
        self._wanted = 0
        self._written = 0
        self._changed = asyncio.Event()
        self._flushed = asyncio.Condition()
        self._urgent = asyncio.Event()
        self._closing = False
        self._writer: asyncio.Task[None] | None = None

    # --- what is there

    def resources(self) -> list[State]:
        """Every resource, dependencies first."""
        return [state for state in (*self._new, *self._old) if id(state) not in self._gone]

    def operations(self) -> list[Operation]:
        """The pending operations."""
        return list(self._operations.values())

    # --- changes

    async def begin(self, kind: OperationKind, state: State) -> Operation:
        """Record an operation as pending, on disk, before its provider is called."""
        operation = Operation(kind, state)
        self._operations[id(operation)] = operation
        await self.flush()
        return operation

    def end(self, operation: Operation | None) -> None:
        """The operation is over, well or not."""
        if operation is not None:
            self._operations.pop(id(operation), None)
            self._touch()

    def add(self, state: State) -> None:
        """A new state stands."""
        self._new.append(state)
        self._touch(state)

    def remove(self, state: State | None) -> None:
        """A state is no more: deleted, or followed by a newer one."""
        if state is not None:
            self._gone.add(id(state))
            self._touch()

    def changed(self, state: State) -> None:
        """A state's own fields changed (outputs, delete, pendingReplacement)."""
        self._touch(state)

    def rename(self, old_urn: str, new_urn: str) -> None:
        """From now on every reference to the old URN is written as the new one."""
        self._renamed[old_urn] = new_urn
        self._lines.clear()
        self._touch()

    def drop_operations(self, urn: str) -> None:
        """Forget interrupted creations of a URN: it was created again, which adopted what was there."""
        for key, operation in list(self._operations.items()):
            if operation.state.urn == urn and operation.kind == "creating":
                del self._operations[key]

    def _touch(self, state: State | None = None) -> None:
        if state is not None:
            self._lines.pop(id(state), None)
        self._wanted += 1
        self._changed.set()

    # --- writing

    def start(self) -> None:
        """Begin to write in the background."""
        if self._file is not None:
            self._writer = asyncio.create_task(self._write_forever())

    async def flush(self) -> None:
        """Wait until everything up to now is on disk; callers at the same moment share one write."""
        if self._file is None:
            return
        self._wanted += 1
        goal = self._wanted
        self._changed.set()
        self._urgent.set()
        async with self._flushed:
            while self._written < goal:
                if self._writer is None or self._writer.done():
                    if self._writer is not None:
                        await self._writer
                    return
                await self._flushed.wait()

    async def close(self) -> None:
        """Write what is left, and leave the file settled."""
        if self._writer is not None:
            # Not cancelled: a write that is under way in its thread must end before the last one begins.
            self._closing = True
            self._changed.set()
            self._urgent.set()
            await self._writer
        if self._file is not None:
            self._file.write(self.content())
            self._file.settle()

    async def _write_forever(self) -> None:
        assert self._file is not None  # noqa: S101 - start() sees to it
        try:
            while True:
                await self._changed.wait()
                if not self._urgent.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._urgent.wait(), _IDLE_SECONDS)
                if self._closing:
                    return
                self._changed.clear()
                self._urgent.clear()
                goal = self._wanted
                began = time.perf_counter()
                await asyncio.to_thread(self._file.write, self.content())
                async with self._flushed:
                    self._written = goal
                    self._flushed.notify_all()
                # A rest in proportion: what comes meanwhile shares the next write, and a large state costs no more
                # than a third of the time.
                await asyncio.sleep(min(_REST_SECONDS, 2 * (time.perf_counter() - began)))
        finally:
            async with self._flushed:
                self._flushed.notify_all()

    def content(self) -> bytes:
        """The state file as it should be now."""
        crypter = self._deployment.crypter
        lines = []
        for state in self.resources():
            line = self._lines.get(id(state))
            if line is None:
                line = dump(resource_to_json(self._with_new_names(state), crypter))
                self._lines[id(state)] = line
            lines.append(line)
        operations = b""
        if self._operations:
            operations = dump(
                [
                    {"resource": resource_to_json(self._with_new_names(op.state), crypter), "type": op.kind}
                    for op in self._operations.values()
                ]
            )
        manifest: Mapping[str, str] = {"time": now(), "magic": "", "version": ""}
        deployment = Deployment(crypter=crypter, manifest=manifest, extra=self._deployment.extra)
        return serialize(deployment, lines, operations)

    def _with_new_names(self, state: State) -> State:
        if not self._renamed and not state.aliases:
            return state
        renamed = state.copy()
        renamed.aliases = []  # all references carry the new name: the old one is of no more use
        renamed.parent = self._named(state.parent)
        renamed.dependencies = [self._named(urn) for urn in state.dependencies]
        renamed.property_dependencies = {
            key: [self._named(urn) for urn in several] for key, several in state.property_dependencies.items()
        }
        renamed.deleted_with = self._named(state.deleted_with)
        renamed.replace_with = [self._named(urn) for urn in state.replace_with]
        if state.provider:
            urn = self._named(reference_urn(state.provider))
            renamed.provider = f"{urn}::{reference_id(state.provider)}"
        return renamed

    def _named(self, urn: str) -> str:
        return self._renamed.get(urn, urn)
