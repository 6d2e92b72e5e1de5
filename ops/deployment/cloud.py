"""The sandbox of a stack: started with the stack's own regions, account and ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.exits import Exit
from sandbox.cloud import Sandbox
from sandbox.cloud.document import PROTOCOL

if TYPE_CHECKING:
    from ops.workspace import Workspace
    from sandbox.cloud import SandboxStatus
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
        spoken = f"it speaks version {sandbox.document.protocol} of its admin API, this release {PROTOCOL}"
        raise _of_another_release(workspace.stack, spoken)
    if sandbox is None:
        raise OpsError(
            f"the sandbox of stack {workspace.stack!r} is not running",
            fix=f"bring it up: holdfast up --stack {workspace.stack}",
            code=Exit.UNAVAILABLE,
        )
    return sandbox


def require_region(sandbox: Sandbox, region: str) -> None:
    """Stop where the sandbox has no such region.

    Raises:
        OpsError: naming those that it has.
    """
    if region not in sandbox.gateways:
        raise OpsError(
            f"the sandbox has no region {region!r}", fix=f"write one of {', '.join(sandbox.gateways)}", code=Exit.USAGE
        )


def status(sandbox: Sandbox, stack: str) -> SandboxStatus:
    """What a running sandbox says of itself.

    Raises:
        OpsError: it was started by another release, which says it in another form.
    """
    try:
        return sandbox.status()
    except (TypeError, KeyError) as error:
        raise _of_another_release(stack, f"its answer is of another form: {error}") from None


def _of_another_release(stack: str, why: str) -> OpsError:
    return OpsError(
        f"the sandbox of stack {stack!r} was started by another release of this program",
        why=why,
        fix=f"stop it, and bring it up again: holdfast sandbox stop --stack {stack}",
        code=Exit.UNAVAILABLE,
    )
