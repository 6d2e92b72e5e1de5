"""Runs under the engine of the sandbox, which needs no pulumi command."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.engine import Engine, Event, StateFile
from sandbox.provider.host import LocalHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.deployment.inputs import Inputs
    from sandbox.engine import Outcome
    from sandbox.engine.targets import Targets


def _quiet(_: Event) -> None:
    """Nobody watches a preview."""


class SandboxRunner:
    """One engine per run: provider instances and packs live no longer than the run they serve."""

    def __init__(self, inputs: Inputs, *, empty: bool, targets: Targets | None = None) -> None:
        self._inputs = inputs
        self._empty = empty
        self._targets = targets

    def preview(self) -> Outcome:
        """What an up would do."""
        with self._engine(_quiet) as engine:
            return engine.preview()

    def up(self, on_event: Callable[[Event], None]) -> Outcome:
        """Do it."""
        with self._engine(on_event) as engine:
            return engine.up()

    def preview_refresh(self) -> Outcome:
        """What was changed behind the state's back."""
        with self._engine(_quiet) as engine:
            return engine.refresh(preview=True)

    def preview_destroy(self) -> Outcome:
        """What a destroy would do."""
        with self._engine(_quiet) as engine:
            return engine.preview_destroy(lift_protection=True)

    def destroy(self, on_event: Callable[[Event], None]) -> Outcome:
        """Destroy everything."""
        with self._engine(on_event) as engine:
            return engine.destroy(lift_protection=True)

    @contextlib.contextmanager
    def _engine(self, on_event: Callable[[Event], None]) -> Iterator[Engine]:
        inputs, root = self._inputs, self._inputs.workspace.root
        with contextlib.ExitStack() as stack:
            path = inputs.workspace.state
            if self._empty:
                path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-"))) / path.name
            os.environ["HOLDFAST_SANDBOX"] = str(root)
            host = LocalHost(root)
            stack.callback(host.close)
            yield Engine(
                inputs.program,
                state=StateFile(path, inputs.passphrase),
                plugins=host,
                packs=inputs.packs,
                on_event=on_event,
                passphrase=inputs.passphrase,
                targets=self._targets,
            )
