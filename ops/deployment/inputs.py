"""What an engine is given: the program with its configuration, the policy packs, the passphrase."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from ops.errors import OpsError
from ops.exits import Exit
from ops.package.build import build
from ops.trust import PASSPHRASE_VARIABLE
from sandbox.engine import Pack, Program
from settings import Settings, StackFile, load_stack, read_stack_file

if TYPE_CHECKING:
    from pathlib import Path

    from ops.workspace import Workspace

PACKS = "policies"
PACK_FILE = "PulumiPolicy.yaml"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Everything that a run needs to know, read once and valid."""

    workspace: Workspace
    settings: Settings
    program: Program
    packs: tuple[Pack, ...]
    passphrase: str
    """Of the secrets in the state. In the sandbox it is empty unless the variable of Pulumi is set."""


def read_inputs(workspace: Workspace) -> Inputs:
    """Read and check the stack file, the project file and the packs.

    Raises:
        SettingsError: the stack file is not valid; every fault at once.
        OpsError: the project has no policy packs, or a secret that cannot be read here.
    """
    settings = load_stack(workspace.stack, workspace.project)
    build(workspace.project, settings)
    file = read_stack_file(workspace.stack_file)
    _refuse_secure(file)
    program = Program(
        directory=workspace.project,
        project=_project_name(workspace.project),
        stack=workspace.stack,
        config=file.pulumi_config(),
    )
    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "")
    return Inputs(
        workspace=workspace,
        settings=settings,
        program=program,
        packs=find_packs(workspace.project),
        passphrase=passphrase,
    )


def find_packs(project: Path) -> tuple[Pack, ...]:
    """The policy packs of a project: the folders of `policies/` that hold a `PulumiPolicy.yaml`.

    Raises:
        OpsError: there is none; a deployment that nothing judges is not offered.
    """
    folders = sorted(file.parent for file in (project / PACKS).glob(f"*/{PACK_FILE}"))
    if not folders:
        raise OpsError(
            f"{project / PACKS}: no policy pack",
            why=f"a pack is a folder with a {PACK_FILE}",
            fix="restore the folder from the repository",
            code=Exit.UNAVAILABLE,
        )
    return tuple(Pack(name=folder.name, directory=folder) for folder in folders)


def _project_name(project: Path) -> str:
    name = YAML(typ="safe", pure=True).load((project / "Pulumi.yaml").read_text())["name"]
    return str(name)


def _refuse_secure(file: StackFile) -> None:
    secured = [key for key, value in file.config.items() if isinstance(value, dict) and "secure" in value]
    if secured:
        raise OpsError(
            f"{file.source}: {', '.join(secured)}: an encrypted value",
            why="only the pulumi command and the key that it was encrypted with can read it",
            fix="give the sandbox a stack file of its own with a plain value, or use ENGINE=pulumi",
            code=Exit.USAGE,
        )
