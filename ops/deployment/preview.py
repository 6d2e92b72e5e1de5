"""`holdfast preview`: what an up would change, judged by the policy packs. Nothing need run, nothing is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.deployment import incarnation, show
from ops.deployment.inputs import read_inputs
from ops.deployment.removal import refuse_removals, standing_outputs
from ops.deployment.runner import make_runner
from ops.deployment.soundness import require_sound
from sandbox.cloud import Sandbox

if TYPE_CHECKING:
    from ops.console import Output
    from ops.workspace import Workspace


def preview(
    workspace: Workspace, output: Output, *, engine: str, allow_replace: bool = False, diff: bool = False
) -> dict[str, Any]:
    """Show the steps, their diffs and the findings.

    Args:
        workspace: the stack.
        output: where to show it.
        engine: `sandbox` or `pulumi`.
        allow_replace: the loss of what holds data is no fault.
        diff: every property instead of the tree.

    Returns:
        The run as data; `ok` is false on a mandatory finding, on data that would be lost, or on a failure.
    """
    inputs = read_inputs(workspace)
    require_sound(workspace, inputs.passphrase)
    sandbox = Sandbox.attach(workspace.root)
    lost = engine != "aws" and incarnation.is_lost(workspace, sandbox.incarnation if sandbox else None)
    if lost:
        output.warn("the sandbox that this stack was built in is gone: an up would build it again, as shown here")
    if not lost:
        refuse_removals(inputs, standing_outputs(inputs))
    outcome = make_runner(engine, inputs, empty=lost).preview()
    show.plan(output, outcome, diff=diff)
    show.standing(output, inputs, outcome)
    blocking = sum(finding.blocking for finding in outcome.findings)
    if blocking:
        output.say(f"{blocking} mandatory findings: an up would be refused", style="red")
    losses = show.lost_data(outcome)
    if losses and not allow_replace:
        output.say(
            "what holds data would be lost: an up is refused without --allow-replace (ALLOW_REPLACE=1)", style="red"
        )
    return outcome.to_json() | {
        "ok": outcome.ok and not blocking and (allow_replace or not losses),
        "stack": workspace.stack,
        "sandbox_lost": lost,
        "losses": losses,
    }
