"""Where the resources of an estimate come from: the stack file, an export, or the repository at another moment."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.cost.resources import Resource, from_state, from_steps
from ops.errors import OpsError
from ops.exits import Exit
from ops.files import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.workspace import Workspace


def wanted(workspace: Workspace) -> list[Resource]:
    """What the stack file asks for, as a preview against nothing; nothing need run.

    Raises:
        OpsError: the program fails.
    """
    from ops.deployment import show  # noqa: PLC0415 (an estimate of an export needs no engine)
    from ops.deployment.inputs import read_inputs  # noqa: PLC0415
    from ops.deployment.runner import make_runner  # noqa: PLC0415

    inputs = replace(read_inputs(workspace), packs=())
    outcome = make_runner("sandbox", inputs, empty=True).preview()
    show.refuse_failure(outcome, "the preview", recorded=False)
    return from_steps(step.to_json() for step in outcome.steps)


def recorded(path: Path) -> list[Resource]:
    """What a state, an export of `pulumi stack export`, or the output of `preview --json` holds.

    Raises:
        OpsError: there is no such file, or it is none of these.
    """
    fix = "make one: pulumi stack export > before.json, or holdfast preview --json > before.json"
    document = read_json(path, fix=fix)
    if isinstance(document, dict):
        if isinstance(document.get("steps"), list):
            return from_steps(document["steps"])
        inside = document.get("deployment", document)
        if isinstance(inside, dict) and isinstance(inside.get("resources"), list):
            return from_state(document)
    raise OpsError(
        f"{path}: neither a state nor an export nor the output of a preview",
        fix=fix,
        code=Exit.USAGE,
    )


def before(text: str, workspace: Workspace) -> list[Resource]:
    """What `--against` names: a file as `recorded` reads it, or a commit of this repository.

    Raises:
        OpsError: it is neither, or the program of that commit fails.
    """
    if Path(text).is_file():
        return recorded(Path(text))
    with _checkout(text, workspace.project) as folder:
        return from_steps(_preview(folder, workspace.stack, text))


@contextlib.contextmanager
def _checkout(commit: str, project: Path) -> Iterator[Path]:
    """The repository at a commit, in a folder of its own that is gone afterwards; nothing is left in the repository."""
    root = _git(project, "rev-parse", "--show-toplevel")
    found = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
    if root is None or found is None:
        raise OpsError(
            f"--against {commit}: neither a file nor a commit of this repository",
            fix="name a state, an export, or something that git knows, such as main or HEAD~1",
            code=Exit.USAGE,
        )
    top = root.decode().strip()
    with tempfile.TemporaryDirectory(prefix="holdfast-") as name:
        archive = _git(Path(top), "archive", "--format=tar", found.decode().strip())
        if archive is None:
            raise OpsError(f"git cannot read {commit}", fix="see: git archive", code=Exit.UNAVAILABLE)
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(name, filter=_inside)  # noqa: S202 (the filter keeps what stays in the folder)
        yield Path(name) / project.resolve().relative_to(Path(top).resolve())


def _inside(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """What stays in the folder; a link that leads out of it is no part of a program."""
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None


def _git(project: Path, *words: str) -> bytes | None:
    try:
        done = subprocess.run(["git", "-C", str(project), *words], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _preview(folder: Path, stack: str, commit: str) -> list[dict[str, Any]]:
    """The preview of another checkout, by its own program and its own command."""
    path = os.pathsep.join([str(folder), str(folder / "runtime"), str(folder / "policies")])
    done = subprocess.run(
        [sys.executable, "-c", "from ops.cli import main; main()", "preview", "--stack", stack, "--json"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        steps: list[dict[str, Any]] = json.loads(done.stdout)["steps"]
    except (ValueError, KeyError, TypeError):
        last = done.stderr.strip().splitlines()[-3:]
        raise OpsError(f"the preview of {stack} at {commit} failed", why="\n".join(last), code=Exit.FAILED) from None
    return steps
