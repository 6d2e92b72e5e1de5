"""The stack file of the bootstrap program: written once, changed by hand afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ops.errors import OpsError
from ops.exits import Exit
from ops.workspace import STACK_NAME, Workspace
from settings import read_stack_file
from settings.bootstrap import KEY, BootstrapSettings, parse_bootstrap

FOLDER = "bootstrap"
"""Where the program is, in the project."""
STACK = "account"
"""Its stack: one an account."""


def open_bootstrap(project: Path, stack: str) -> Workspace:
    """The workspace of the bootstrap program.

    Raises:
        OpsError: the project has none.
    """
    folder = project / FOLDER
    if not (folder / "Pulumi.yaml").is_file():
        raise OpsError(
            f"{folder}: there is no bootstrap program",
            fix="restore the folder from the repository",
            code=Exit.UNAVAILABLE,
        )
    if not STACK_NAME.fullmatch(stack):
        raise OpsError(
            f"--stack {stack!r} cannot name a bootstrap", fix="write letters, digits and hyphens", code=Exit.USAGE
        )
    return Workspace(project=folder, stack=stack)


def write(workspace: Workspace, given: Mapping[str, Any]) -> bool:
    """Write the stack file where there is none, or change what was given in the one that is there.

    Returns:
        Whether the file is another than before.

    Raises:
        SettingsError: what it would hold is not valid; nothing is written.
    """
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    path = workspace.stack_file
    document: Any = yaml.load(path.read_text()) if path.is_file() else None
    document = document or {"config": {"pulumi:disable-default-providers": ["*"]}}
    values = document.setdefault("config", {}).setdefault(KEY, {})
    changed = {key: value for key, value in given.items() if value is not None and values.get(key) != value}
    if not changed:
        return False
    values.update(changed)
    parse_bootstrap({KEY: dict(values)}, path.name)
    with path.open("w") as file:
        yaml.dump(document, file)
    return True


def exemptions(workspace: Workspace) -> dict[str, str]:
    """Where the packs, which are another project's, find what this one is allowed to leave undone."""
    return {"HOLDFAST_EXEMPTIONS": str(workspace.project / f"exemptions.{workspace.stack}.yaml")}


def pair(word: str) -> tuple[str, str]:
    """`prod=holdfast`: an environment and the name prefix of its stack.

    Raises:
        OpsError: it is no such pair.
    """
    environment, _, prefix = word.partition("=")
    if not prefix:
        raise OpsError(
            f"--environment {word!r} is no STACK=PREFIX",
            fix="write STACK=PREFIX, such as prod=holdfast",
            code=Exit.USAGE,
        )
    return environment, prefix


def read(workspace: Workspace) -> BootstrapSettings:
    """The settings of the bootstrap program.

    Raises:
        SettingsError: they are not valid.
        OpsError: there is no stack file yet.
    """
    if not workspace.stack_file.is_file():
        raise OpsError(
            f"{workspace.stack_file}: there is no such file",
            fix="say what it shall hold: "
            "holdfast bootstrap --account 111122223333 --repository owner/name --environment prod=holdfast",
            code=Exit.USAGE,
        )
    return parse_bootstrap(read_stack_file(workspace.stack_file).config, workspace.stack_file.name)
