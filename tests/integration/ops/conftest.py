"""A project of its own for each test: the program, its packs and its stack files, with no local state."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from ops.cli import main; main()"]


@dataclass(frozen=True)
class Project:
    """A copy of the project, and the command in it."""

    folder: Path

    def run(self, *words: str, timeout: float = 240, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words],
            cwd=self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "started.log").open("ab")
        return subprocess.Popen(
            [*COMMAND, *words],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
        kept.pop("STACK", None)
        kept.pop("ENGINE", None)
        return kept | {"PYTHONPATH": str(ROOT)} | more

    def root(self, stack: str = "prod") -> Path:
        return self.folder / ".holdfast" / stack

    def state(self, stack: str = "prod") -> dict:
        document = json.loads((self.root(stack) / "state.json").read_text())
        return document.get("deployment", document)

    def processes(self) -> list[psutil.Process]:
        """Whatever still runs for this project."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and str(self.folder) in " ".join([process.cwd(), *process.cmdline()]):
                    found.append(process)
            except psutil.Error:
                continue
        return found


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("__main__.py", "Pulumi.yaml", "Pulumi.prod.yaml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("policies", "settings", "components", "services"):
        (folder / name).symlink_to(ROOT / name)
    made = Project(folder)
    yield made
    made.run("sandbox", "stop")
    for process in made.processes():
        process.kill()
