"""The sandbox of a stack: started with the stack's own regions, account and ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.exits import Exit
from sandbox.cloud import Sandbox
from sandbox.cloud.document import PROTOCOL

if TYPE_CHECKING:
    from ops.workspace import Workspace
    from settings import Settings


def start(workspace: Workspace, settings: Settings) -> Sandbox:
    """Start the sandbox, or find the one that runs.

    Raises:
        PortInUse: a port that the stack file configures is taken.
        SandboxError: it does not come up.
    """
    return Sandbox.start(
        workspace.root,
        regions=settings.deployed_regions,
        account_id=settings.stack.account_id,
        ports=dict(settings.sandbox.ports) or None,
    )


def running(workspace: Workspace) -> Sandbox:
    """The running sandbox.

    Raises:
        OpsError: nothing runs, or what runs was started by another release.
    """
    sandbox = Sandbox.attach(workspace.root)
    if sandbox is not None and sandbox.document.protocol != PROTOCOL:
        raise OpsError(
            f"the sandbox of stack {workspace.stack!r} was started by another release of this program",
            why=f"it speaks version {sandbox.document.protocol} of its admin API, this release {PROTOCOL}",
            fix=f"stop it, and bring it up again: holdfast sandbox stop --stack {workspace.stack}",
            code=Exit.UNAVAILABLE,
        )
    if sandbox is None:
        raise OpsError(
            f"the sandbox of stack {workspace.stack!r} is not running",
            fix=f"bring it up: holdfast up --stack {workspace.stack}",
            code=Exit.UNAVAILABLE,
        )
    return sandbox
