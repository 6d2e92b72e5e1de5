"""A fresh clone in which the pages are typed, with an environment of its own over the packages that are installed here."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.cloud import Sandbox

ROOT = Path(__file__).parents[3]
BLOCK_SECONDS = 400


class Clone:
    """A clone of the committed tree. Its `.venv` finds the installed packages, and installs the project's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        venv = folder / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
        packages = sysconfig.get_path("purelib")
        own = next(venv.glob("lib/python*/site-packages"))
        (own / "reused.pth").write_text(f"{packages}\n")
        self._install(Path(packages), own, venv)
        (venv / ".installed").touch()

    def _install(self, packages: Path, own: Path, venv: Path) -> None:
        """What `make install` does last: the project itself, from this clone."""
        uv = Path(sysconfig.get_path("scripts")) / "uv"
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", venv / "bin" / "python", "--no-deps", "--no-build-isolation",
             *(word for part in (".", "runtime", "policies") for word in ("-e", part))],
            cwd=self.folder, check=True, env=self.environment,
        )  # fmt: skip
        assert not (own / "pulumi").exists()
        assert (packages / "pulumi").exists()

    @property
    def environment(self) -> dict[str, str]:
        """A newcomer's: nothing that this run's own environment says of the project."""
        strange = ("VIRTUAL_ENV", "PYTHON", "HOLDFAST", "PYTEST", "STACK", "ENGINE", "MAKE", "MFLAGS", "PULUMI", "AWS")
        return {name: value for name, value in os.environ.items() if not name.startswith(strange)}

    def type(self, commands: str, *, answers: str = "") -> str:
        """Type the commands at a terminal and give what it shows; each command must end well."""
        shell = shlex.join(["bash", "-ec", commands])
        done = subprocess.run(
            ["script", "--quiet", "--return", "--echo", "never", "--command", shell, "/dev/null"],
            cwd=self.folder, env={**self.environment, "TERM": "dumb", "COLUMNS": "200"}, input=answers,
            capture_output=True, text=True, check=False, timeout=BLOCK_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, f"{commands}\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
        return done.stdout

    def running(self) -> list[str]:
        """The stacks whose sandbox runs."""
        folders = sorted((self.folder / ".holdfast").glob("*/"))
        return [folder.name for folder in folders if Sandbox.attach(folder) is not None]

    def stop(self) -> None:
        """End whatever a failed run left behind."""
        for name in self.running():
            sandbox = Sandbox.attach(self.folder / ".holdfast" / name)
            if sandbox is not None:
                sandbox.stop()


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    if shutil.which("script") is None:
        pytest.skip("script is missing: apt-get install bsdutils")
    made = Clone(tmp_path / "holdfast")
    yield made
    made.stop()
