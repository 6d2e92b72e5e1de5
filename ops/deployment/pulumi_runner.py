"""Runs under the pulumi command, with a local backend: the same program, packs and provider plugins.

The command is kept away from everything that is not the sandbox's: its state is in a folder of the stack, it reads a
copy of the stack file (with a passphrase it rewrites what it reads), the stand-ins are on the PATH only for it, and
it downloads no plugin.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.deployment import pulumi_events
from ops.errors import OpsError
from ops.exits import Exit
from ops.trust import PASSPHRASE_VARIABLE
from sandbox.engine import Op, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.deployment.inputs import Inputs
    from sandbox.engine import Event
    from sandbox.engine.model import RunKind

INSTALL = "https://www.pulumi.com/docs/install/"
PLUGINS = Path("sandbox", "provider", "bin")
_FOLLOW_SECONDS = 0.1


class PulumiRunner:
    """One stack of a local backend under `.holdfast/<stack>/pulumi/`."""

    def __init__(self, inputs: Inputs, *, empty: bool) -> None:
        found = shutil.which("pulumi")
        if found is None:
            raise OpsError(
                "ENGINE=pulumi: there is no `pulumi` on the PATH",
                fix=f"install it ({INSTALL}), or leave ENGINE out: the sandbox has an engine of its own",
                code=Exit.UNAVAILABLE,
            )
        self._command = found
        self._inputs = inputs
        workspace = inputs.workspace
        self._project = workspace.project
        self._folder = workspace.root / ("pulumi-preview" if empty else "pulumi")
        if empty:
            shutil.rmtree(self._folder, ignore_errors=True)
        # A project folder of its own for `stack init`, which writes the stack file beside Pulumi.yaml.
        self._shim = self._folder / "project"
        self._config = self._shim / workspace.stack_file.name
        self._log = self._folder / "events.jsonl"

    def preview(self) -> Outcome:
        """What an up would do."""
        return self._run("preview", ["preview", "--diff", *self._packs()], lambda _: None)

    def up(self, on_event: Callable[[Event], None]) -> Outcome:
        """Do it, and export the state to where the sandbox's engine keeps it."""
        outcome = self._run("up", ["up", "--yes", "--skip-preview", *self._packs()], on_event)
        self._export()
        return outcome

    def preview_destroy(self) -> Outcome:
        """What a destroy would do: delete all that the state records, the protected too.

        `pulumi destroy --preview-only` stops at the first protected resource, so the plan is read from the state.
        """
        self._ensure_stack()
        started = time.monotonic()
        exported = json.loads(self._check(["stack", "export", "--stack", self._stack], cwd=self._shim))
        resources = exported["deployment"].get("resources") or []
        steps = tuple(pulumi_events.deletion(resource) for resource in reversed(resources))
        return Outcome(
            run="preview-destroy",
            ok=True,
            steps=steps,
            counts={str(Op.DELETE): len(steps)},
            duration_seconds=time.monotonic() - started,
        )

    def destroy(self, on_event: Callable[[Event], None]) -> Outcome:
        """Lift every protection, and destroy everything."""
        self._ensure_stack()
        self._check(["state", "unprotect", "--all", "--yes", "--stack", self._stack], cwd=self._shim)
        outcome = self._run("destroy", ["destroy", "--yes", "--skip-preview"], on_event)
        self._export()
        return outcome

    @property
    def _stack(self) -> str:
        program = self._inputs.program
        return f"{program.organization}/{program.project}/{program.stack}"

    def _packs(self) -> list[str]:
        return [word for pack in self._inputs.packs for word in ("--policy-pack", str(pack.directory))]

    def environment(self) -> dict[str, str]:
        """What the command is given."""
        path = os.pathsep.join(
            [str(self._project / PLUGINS), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        )
        return {
            **os.environ,
            "PATH": path,
            "PULUMI_BACKEND_URL": (self._folder / "backend").as_uri(),
            PASSPHRASE_VARIABLE: self._inputs.passphrase,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
            "HOLDFAST_SANDBOX": str(self._inputs.workspace.root),
        }

    def _ensure_stack(self) -> None:
        (self._folder / "backend").mkdir(parents=True, exist_ok=True)
        self._shim.mkdir(parents=True, exist_ok=True)
        salt = _salt(self._config)
        shutil.copyfile(self._project / "Pulumi.yaml", self._shim / "Pulumi.yaml")
        text = self._inputs.workspace.stack_file.read_text()
        self._config.write_text(f"encryptionsalt: {salt}\n{text}" if salt else text)
        if salt is None:
            self._check(["stack", "init", self._stack, "--secrets-provider", "passphrase"], cwd=self._shim)

    def _run(self, run: RunKind, words: Sequence[str], on_event: Callable[[Event], None]) -> Outcome:
        self._ensure_stack()
        self._log.unlink(missing_ok=True)
        arguments = [
            self._command, *words, "--stack", self._stack, "--config-file", str(self._config),
            "--non-interactive", "--event-log", str(self._log),
        ]  # fmt: skip
        started = time.monotonic()
        with (self._folder / f"{run}.log").open("w+") as text:
            process = subprocess.Popen(
                arguments, cwd=self._project, env=self.environment(), stdout=text, stderr=subprocess.STDOUT, text=True
            )
            follower = threading.Thread(target=self._follow, args=(process, on_event), daemon=True)
            follower.start()
            code = process.wait()
            follower.join()
            text.seek(0)
            said = text.read()
        events = list(self._events())
        if code != 0 and not events:
            raise OpsError(f"pulumi {words[0]} failed (exit code {code})", why=said.strip()[-4000:])
        outputs = self._outputs() if run == "up" and code == 0 else {}
        return pulumi_events.outcome(events, run=run, ok=code == 0, outputs=outputs, seconds=time.monotonic() - started)

    def _events(self) -> list[Event]:
        if not self._log.exists():
            return []
        with self._log.open(encoding="utf-8") as file:
            return list(pulumi_events.read(file))

    def _follow(self, process: subprocess.Popen[str], on_event: Callable[[Event], None]) -> None:
        """Hand the events on while the command runs."""
        seen = 0
        running = True
        while running:
            running = process.poll() is None
            events = self._events()
            for event in events[seen:]:
                on_event(event)
            seen = len(events)
            if running:
                time.sleep(_FOLLOW_SECONDS)

    def _outputs(self) -> dict[str, Any]:
        text = self._check(["stack", "output", "--json", "--stack", self._stack], cwd=self._shim)
        outputs: dict[str, Any] = json.loads(text)
        return outputs

    def _export(self) -> None:
        """Write state.json, so that everything that reads a stack's state finds it in one place."""
        state = self._inputs.workspace.state
        temporary = state.with_suffix(".new")
        self._check(["stack", "export", "--stack", self._stack, "--file", str(temporary)], cwd=self._shim)
        state.with_name("state.json.sha256").unlink(missing_ok=True)
        temporary.replace(state)

    def _check(self, words: Sequence[str], *, cwd: Path) -> str:
        done = subprocess.run(
            [self._command, *words, "--non-interactive"],
            cwd=cwd, env=self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise OpsError(f"pulumi {' '.join(words[:2])} failed", why=(done.stderr or done.stdout).strip()[-4000:])
        return done.stdout


def _salt(config: Path) -> str | None:
    """The salt that the command wrote into its copy of the stack file."""
    if not config.exists():
        return None
    for line in config.read_text().splitlines():
        if line.startswith("encryptionsalt:"):
            return line.partition(":")[2].strip()
    return None
