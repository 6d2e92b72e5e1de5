"""Where a stack's files are: the stack file of the project, and its local state under `.holdfast/<stack>/`."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError
from ops.exits import Exit

PROJECT_FILE = "Pulumi.yaml"
STACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The files of one stack. The paths are absolute; none but the project's own need to exist."""

    project: Path
    stack: str

    @property
    def stack_file(self) -> Path:
        """What is wanted."""
        return self.project / f"Pulumi.{self.stack}.yaml"

    @property
    def root(self) -> Path:
        """The folder of the stack's local state; providers find the sandbox by it (HOLDFAST_SANDBOX)."""
        return self.project / ".holdfast" / self.stack

    @property
    def state(self) -> Path:
        """The deployment, in the format that `pulumi stack import` reads."""
        return self.root / "state.json"

    @property
    def topology(self) -> Path:
        """What clients read (HOLDFAST_TOPOLOGY)."""
        return self.root / "topology.json"

    @property
    def evidence(self) -> Path:
        """What proofs and drills measured."""
        return self.root / "evidence"

    @property
    def history(self) -> Path:
        """Earlier states."""
        return self.root / "history"

    @property
    def logs(self) -> Path:
        """Logs of the sandbox, of its services, and of faults of this command."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """Held by the one command that may change the stack."""
        return self.root / "lock"

    @property
    def built_in(self) -> Path:
        """Names the incarnation of the sandbox that the state was made in."""
        return self.root / "incarnation"


def find_project(start: Path | None = None) -> Path:
    """The folder with `Pulumi.yaml`: this one or the nearest above.

    Raises:
        OpsError: there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise OpsError(
        f"{here}: no {PROJECT_FILE} here or in a folder above",
        fix="run holdfast inside the checkout of the stack's repository",
        code=Exit.USAGE,
    )


def open_workspace(stack: str | None, *, start: Path | None = None) -> Workspace:
    """The workspace of a stack: the one named, else of the environment variable STACK, else `prod`.

    Raises:
        OpsError: no project, or no such stack; the message names the known ones.
    """
    project = find_project(start)
    name = stack or os.environ.get("STACK") or "prod"
    workspace = Workspace(project=project, stack=name)
    if STACK_NAME.fullmatch(name) and workspace.stack_file.is_file():
        return workspace
    from settings import stacks  # noqa: PLC0415 (150 ms that only a wrong name costs)

    known = stacks(project)
    near = difflib.get_close_matches(name, known, n=1)
    raise OpsError(
        f"stack {name!r} does not exist: there is no Pulumi.{name}.yaml in {project}",
        why=f"known stacks: {', '.join(known) or 'none'}",
        fix=f"did you mean --stack {near[0]}?" if near else "name one of them with --stack or STACK=",
        code=Exit.USAGE,
    )
