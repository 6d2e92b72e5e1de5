"""Runs conformance cases on the sandbox engine and on the real one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.codec import from_json, plain
from sandbox.engine import urns
from sandbox.engine.engine import Engine
from sandbox.engine.model import Outcome, Pack, Program
from sandbox.engine.statefile import StateFile
from sandbox.engine.targets import Targets
from sandbox.engine.testing.agreement import differences
from sandbox.engine.testing.conformance import Case, Result, Turn, problems
from sandbox.engine.testing.host import TestHost
from sandbox.engine.testing.provider import World
from sandbox.engine.testing.sdk import write_pack, write_program

_MARKUP = re.compile(r"<\{%[a-z ]*%\}>")
PROJECT, STACK, PASSPHRASE = "test", "dev", "conformance"
_COMMANDS: dict[str, list[str]] = {
    "preview": ["preview"],
    "up": ["up", "--yes", "--skip-preview"],
    "destroy": ["destroy", "--yes", "--skip-preview"],
    "preview-destroy": ["destroy", "--preview-only"],
    "refresh": ["refresh", "--yes", "--skip-preview"],
    "preview-refresh": ["refresh", "--preview-only"],
}


def check(case: Case, directory: Path, *, real: bool = False) -> list[str]:
    """Run a case in an empty directory; give every difference from what it expects, with the turn's number."""
    runner = PulumiRunner(directory) if real else SandboxRunner(directory)
    found = []
    try:
        for number, turn in enumerate(case.turns, start=1):
            result = runner.run(turn)
            if real and case.own_words:
                turn = replace(turn, says="")  # noqa: PLW2901 - the same turn, less strict
            found += [f"turn {number}: {problem}" for problem in problems(turn, result)]
    finally:
        runner.close()
    return found


def compare(case: Case, directory: Path) -> list[str]:
    """Run a case on both engines side by side; give every difference between what they made, turn by turn."""
    ours, theirs = SandboxRunner(directory / "sandbox"), PulumiRunner(directory / "pulumi")
    found = []
    try:
        for number, turn in enumerate(case.turns, start=1):
            here, there = ours.run(turn), theirs.run(turn)
            found += [f"turn {number}: {difference}" for difference in differences(here, there)]
    finally:
        ours.close()
        theirs.close()
    return found


def pulumi_command() -> str | None:
    """The real CLI, if it is on the PATH."""
    return shutil.which("pulumi")


class SandboxRunner:
    """One stack on the sandbox engine."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.world = World()
        self.host = TestHost(self.world)
        self.state = StateFile(directory / STACK / "state.json", PASSPHRASE)
        self.outcome: Outcome | None = None

    def run(self, turn: Turn) -> Result:
        """Run one turn."""
        program = self.directory / "program"
        if turn.body is not None:
            write_program(program, turn.body)
        for name, text in turn.files.items():
            path = program / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        packs = [
            Pack(
                name=name,
                directory=write_pack(self.directory / "packs" / name, text),
                config=turn.pack_config.get(name, {}),
            )
            for name, text in turn.packs.items()
        ]
        if turn.before is not None:
            turn.before(self.world)
        self.world.calls.clear()
        engine = Engine(
            Program(
                directory=program,
                project=PROJECT,
                stack=STACK,
                config=turn.config,
                secret_keys=turn.secret_keys,
            ),
            state=self.state,
            plugins=self.host,
            packs=packs,
            targets=Targets(include=[f"*::{name}" for name in turn.targets]),
        )
        self.outcome = outcome = _command(engine, turn)
        messages = [one.message for one in outcome.diagnostics]
        messages += [f"{one.level} {one.policy}: {one.message}" for one in outcome.findings]
        calls: dict[str, list[str]] = {}
        for call in self.world.calls:
            calls.setdefault(call.method, []).append(call.urn.rsplit("::", 1)[-1])
        return Result(
            ok=outcome.ok,
            steps=[(str(step.op), step.urn) for step in outcome.steps],
            messages=messages,
            outputs=outcome.to_json()["outputs"],
            deployment=self.state.export(show_secrets=True) if self.state.path.exists() else {},
            calls=calls,
        )

    def close(self) -> None:
        """Stop the provider."""
        self.host.close()


def _command(engine: Engine, turn: Turn) -> Outcome:
    if turn.command == "preview":
        return engine.preview()
    if turn.command == "up":
        return engine.up()
    if turn.command == "destroy":
        return engine.destroy(lift_protection=turn.lift_protection)
    if turn.command == "preview-destroy":
        return engine.preview_destroy(lift_protection=turn.lift_protection)
    return engine.refresh(preview=turn.command == "preview-refresh")


class PulumiRunner:
    """One stack on the real engine, with a backend in the directory and the test provider as a plugin."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.world_file = directory / "world.json"
        self._plugins = directory / "plugins"
        self._plugins.mkdir(parents=True)
        script = self._plugins / "pulumi-resource-test"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -u -m sandbox.engine.testing "$@"\n')
        script.chmod(0o755)
        (directory / "backend").mkdir()
        self._environment = {
            **os.environ,
            "PATH": f"{self._plugins}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PULUMI_BACKEND_URL": f"file://{directory / 'backend'}",
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
            "SANDBOX_TEST_WORLD": str(self.world_file),
        }
        self._made = False

    def run(self, turn: Turn) -> Result:
        """Run one turn."""
        program = self.directory / "program"
        if turn.body is not None:
            write_program(program, turn.body)
        for name, text in turn.files.items():
            path = program / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        if not self._made:
            self._pulumi(["stack", "init", STACK])
            self._made = True
        for key, value in turn.config.items():
            secret = ["--secret"] if key in turn.secret_keys else []
            self._pulumi(["config", "set", *secret, key, value])
        if turn.before is not None:
            world = World.load(self.world_file)
            turn.before(world)
            world.save(self.world_file)
        calls_before = len(World.load(self.world_file).calls)
        log = self.directory / "events.json"
        log.unlink(missing_ok=True)
        arguments = [*_COMMANDS[turn.command], "--non-interactive", "--event-log", str(log)]
        for name in turn.targets:
            arguments += ["--target", f"**::{name}"]
        for name, text in turn.packs.items():
            pack = write_pack(self.directory / "packs" / name, text)
            arguments += ["--policy-pack", str(pack)]
            configured = self.directory / f"{name}.json"
            configured.write_text(json.dumps(turn.pack_config.get(name, {})))
            arguments += ["--policy-pack-config", str(configured)]
        done = self._pulumi(arguments, check=False)
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        outputs = _stack_outputs(events)
        if not turn.command.startswith("preview"):
            outputs = json.loads(self._pulumi(["stack", "output", "--json"], check=False).stdout or "{}")
        deployment = self._pulumi(["stack", "export", "--show-secrets"]).stdout
        calls: dict[str, list[str]] = {}
        for call in World.load(self.world_file).calls[calls_before:]:
            calls.setdefault(call.method, []).append(call.urn.rsplit("::", 1)[-1])
        return Result(
            ok=done.returncode == 0,
            steps=list(_steps(events)),
            messages=[done.stdout, done.stderr, *_messages(events)],
            outputs=outputs,
            deployment=json.loads(deployment),
            calls=calls,
        )

    def _pulumi(self, arguments: list[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = pulumi_command()
        if command is None:
            raise FileNotFoundError("pulumi is not on the PATH")
        return subprocess.run(
            [command, *arguments],
            cwd=self.directory / "program",
            env=self._environment,
            check=check,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def close(self) -> None:
        """Nothing runs on."""


def _steps(events: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The steps as they begin; of a refresh what came of it, which is told as it ends."""
    found, refreshed = [], set()
    for event in events:
        begun = (event.get("resourcePreEvent") or {}).get("metadata")
        ended = (event.get("resOutputsEvent") or {}).get("metadata")
        if begun and begun["op"] == "refresh":
            refreshed.add(begun["urn"])
        elif begun:
            found.append((begun["op"], begun["urn"]))
        elif ended and ended["urn"] in refreshed:
            found.append((ended["op"], ended["urn"]))
    return found


def _stack_outputs(events: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The outputs that a preview would give the stack."""
    for event in reversed(events):
        metadata = (event.get("resOutputsEvent") or {}).get("metadata") or {}
        if metadata.get("type") == urns.STACK_TYPE:
            outputs: dict[str, Any] = plain(
                # Events leave out what is secret.
                from_json((metadata.get("new") or {}).get("outputs") or {}, reveal=lambda _: "hidden"),
                secret="[secret]",  # noqa: S106 - the mask, not a secret
                unknown="output<unknown>",
            )
            return outputs
    return {}


def _messages(events: list[Mapping[str, Any]]) -> list[str]:
    found = []
    for event in events:
        if "diagnosticEvent" in event:
            found.append(event["diagnosticEvent"]["message"])
        if "policyEvent" in event:
            policy = event["policyEvent"]
            # Markup for colours, and the policy's description before what it says of the resource.
            lines = [line for line in _MARKUP.sub("", policy["message"]).splitlines() if line.strip()]
            found += [f"{policy['enforcementLevel']} {policy['policyName']}: {line}" for line in lines]
    return found
