"""The pulumi command as its user has set it up: their backend, their credentials, their stack."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ops.deployment import pulumi_events
from ops.deployment.inputs import Inputs
from ops.deployment.pulumi_runner import INSTALL
from ops.errors import OpsError
from ops.exits import Exit
from sandbox.engine import Event, Outcome
from sandbox.engine.model import RunKind


class PulumiCli:
    """One stack in AWS. Its lock is the backend's, which the command takes."""

    def __init__(self, inputs: Inputs, *, targets: Sequence[str] = ()) -> None:
        found = shutil.which("pulumi")
        if found is None:
            raise OpsError("there is no `pulumi` on the PATH", fix=f"install it: {INSTALL}", code=Exit.UNAVAILABLE)
        self._command, self._inputs, self._targets = found, inputs, targets

    def preview(self) -> Outcome:
        """What an up would do."""
        return self._run("preview", ["preview"])

    def up(self, on_event: Callable[[Event], None]) -> Outcome:
        """Do it. What the preview's packs refused is refused again."""
        return self._run("up", ["up", "--yes", "--skip-preview"], on_event)

    def preview_refresh(self) -> Outcome:
        """What was changed behind the state's back."""
        return self._run("preview-refresh", ["refresh", "--preview-only"])

    def preview_destroy(self) -> Outcome:
        """A stack in AWS is taken down by `pulumi destroy` alone.

        Raises:
            OpsError: always.
        """
        raise OpsError("a stack in AWS is not destroyed here", fix="pulumi destroy", code=Exit.USAGE)

    def destroy(self, on_event: Callable[[Event], None]) -> Outcome:  # noqa: ARG002 (the protocol's signature)
        """A stack in AWS is taken down by `pulumi destroy` alone.

        Raises:
            OpsError: always.
        """
        return self.preview_destroy()

    def _run(self, run: RunKind, words: Sequence[str], on_event: Callable[[Event], None] | None = None) -> Outcome:
        judged = () if run == "preview-refresh" else self._inputs.packs
        packs = [word for pack in judged for word in ("--policy-pack", str(pack.directory))]
        targets = [word for target in self._targets for word in ("--target", target)]
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="holdfast-") as folder:
            log = Path(folder, "events.jsonl")
            done = subprocess.run(
                [self._command, *words, "--stack", self._inputs.workspace.stack, *packs, *targets,
                 "--non-interactive", "--event-log", str(log)],
                cwd=self._inputs.workspace.project,
                env={**os.environ, "PULUMI_DEBUG_COMMANDS": "true"},  # shows --event-log
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
            events = list(pulumi_events.read(log.read_text().splitlines())) if log.exists() else []
        for event in events:
            if on_event is not None:
                on_event(event)
        if done.returncode and not events:
            raise OpsError(f"pulumi {words[0]} failed ({done.returncode})", why=done.stderr.strip()[-4000:])
        return pulumi_events.outcome(
            events, run=run, ok=done.returncode == 0, outputs={}, seconds=time.monotonic() - started
        )
