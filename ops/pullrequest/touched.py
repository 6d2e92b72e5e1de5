"""Which stacks a change may change: the ones to preview."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from ops.errors import OpsError
from ops.exits import Exit
from settings import stacks

_OWN = re.compile(r"(?:Pulumi|exemptions)\.(?P<stack>[A-Za-z0-9_-]+)\.yaml")
_PROGRAM = (
    "__main__.py",
    "Pulumi.yaml",
    "awsfacts/",
    "components/",
    "settings/",
    "policies/",
    "services/",
    "requirements/",
)
"""What every stack is made of. The sandbox, the command, tests and pages change no stack."""


def touched(files: Iterable[str], known: Iterable[str]) -> list[str]:
    """The stacks that a change of these files may change, in the order in which they are known."""
    known = list(known)
    named: set[str] = set()
    for file in files:
        if file.startswith(_PROGRAM):
            return known
        found = _OWN.fullmatch(file)
        if found:
            named.add(found["stack"])
    return [stack for stack in known if stack in named]


def changed_files(project: Path, base: str) -> list[str]:
    """The files that differ between this commit and where it left `base`.

    Raises:
        OpsError: git does not know the base.
    """
    done = subprocess.run(
        ["git", "diff", "--name-only", f"{base}...HEAD"], cwd=project, capture_output=True, text=True, check=False
    )
    if done.returncode:
        if "not a git repository" in done.stderr.lower():
            # git says its whole usage there.
            raise OpsError(
                f"{project}: is no repository of git's, so no change can be told",
                fix="run it inside a clone of the stack's repository",
                code=Exit.USAGE,
            )
        raise OpsError(
            f"git cannot compare with {base!r}",
            why=done.stderr.strip(),
            fix=f"fetch it first, with its history: git fetch origin {base.removeprefix('origin/')}",
            code=Exit.USAGE,
        )
    return done.stdout.splitlines()


def stacks_of(project: Path, base: str) -> list[str]:
    """The stacks of the project that this commit may change, against `base`."""
    return touched(changed_files(project, base), stacks(project))
