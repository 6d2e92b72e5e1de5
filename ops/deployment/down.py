"""`holdfast down`: the plan, the protections that it lifts, the destruction, and nothing left running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops import lock
from ops.deployment import incarnation, protections, show
from ops.deployment.inputs import read_inputs
from ops.deployment.progress import Progress
from ops.deployment.runner import make_runner, refuse_aws, require_engine
from ops.deployment.soundness import require_sound
from sandbox.cloud import Sandbox

if TYPE_CHECKING:
    from ops.console import Output
    from ops.deployment.inputs import Inputs
    from ops.workspace import Workspace


def down(workspace: Workspace, output: Output, *, engine: str, yes: bool) -> dict[str, Any]:
    """Destroy a stack in its sandbox, and stop the sandbox.

    Raises:
        OpsError: declined, or something could not be destroyed; then the sandbox goes on running.
    """
    require_engine(engine)
    refuse_aws(engine, "take a stack in AWS down with: pulumi destroy")
    with lock.hold(workspace.lock):
        inputs = read_inputs(workspace)
        require_sound(workspace, inputs.passphrase)
        sandbox = Sandbox.attach(workspace.root)
        destroyed = 0
        lifted: list[dict[str, str]] = []
        if incarnation.is_lost(workspace, sandbox.incarnation if sandbox else None):
            folder = incarnation.set_aside(workspace)
            output.warn(
                "the sandbox that this stack was built in is gone, and everything in it; its state is kept in "
                f"{folder.relative_to(workspace.project)}"
            )
        elif sandbox is not None and incarnation.has_resources(workspace.state):
            destroyed, lifted = _destroy(inputs, sandbox, output, engine=engine, yes=yes)
        if sandbox is not None:
            sandbox.stop()
        workspace.topology.unlink(missing_ok=True)
        workspace.built_in.unlink(missing_ok=True)
        output.say(f"ok: {destroyed} resources destroyed, nothing of stack {workspace.stack!r} is left running")
        return {"ok": True, "stack": workspace.stack, "destroyed": destroyed, "protections_lifted": lifted}


def _destroy(
    inputs: Inputs, sandbox: Sandbox, output: Output, *, engine: str, yes: bool
) -> tuple[int, list[dict[str, str]]]:
    runner = make_runner(engine, inputs)
    plan = runner.preview_destroy()
    show.plan(output, plan)
    show.refuse_failure(plan, "planning the destruction", recorded=False)
    held = protections.of(plan.steps)
    if held:
        output.say(f"{len(held)} protections are lifted, in the sandbox only:")
        for protection in held:
            output.say(f"  {protection.name}: {protection.kind}")
    output.confirm(f"Destroy {plan.changes} resources of stack {inputs.workspace.stack!r}?", yes=yes)
    protections.lift(held, sandbox)
    with Progress(output, title=f"destroying {inputs.workspace.stack}", total=plan.changes) as progress:
        outcome = runner.destroy(progress)
    show.refuse_failure(outcome, f"destroying stack {inputs.workspace.stack!r}")
    return outcome.changes, [vars(protection) for protection in held]
