"""What was changed behind the stack's back: every object read, nothing written."""

from __future__ import annotations

from typing import Any

from ops import lock
from ops.console import Output
from ops.deployment import show
from ops.deployment.inputs import read_inputs
from ops.deployment.pulumi_cli import PulumiCli
from ops.deployment.sandbox_runner import SandboxRunner
from ops.deployment.soundness import require_sound
from ops.workspace import Workspace
from sandbox.engine import Op


def drift(workspace: Workspace, output: Output, *, engine: str) -> dict[str, Any]:
    """Compare what stands with what the state says.

    Args:
        workspace: the stack.
        output: where to tell it.
        engine: `sandbox`, or `aws` for the pulumi command as it is signed in.

    Returns:
        The run as data; `ok` is false where something differs.

    Raises:
        OpsError: the state or the cloud cannot be read.
    """
    with lock.hold(workspace.lock):
        inputs = read_inputs(workspace)
        if engine == "sandbox":
            require_sound(workspace, inputs.passphrase)
        runner = PulumiCli(inputs) if engine == "aws" else SandboxRunner(inputs, empty=False)
        outcome = runner.preview_refresh()
        show.refuse_failure(outcome, "reading what stands", recorded=False)
        drifted = [step for step in outcome.steps if step.op in (Op.UPDATE, Op.DELETE, Op.CREATE, Op.REPLACE)]
        show.plan(output, outcome)
        output.say(f"{len(drifted)} resources differ from the state" if drifted else "nothing differs from the state")
        return outcome.to_json() | {"ok": not drifted, "stack": workspace.stack, "drifted": len(drifted)}
