"""`holdfast up`: from a stack file to three serving regions, and the proof of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops import lock
from ops.deployment import cloud, incarnation, serving, show
from ops.deployment.inputs import Inputs, read_inputs
from ops.deployment.progress import Progress
from ops.deployment.removal import refuse_removals, standing_outputs
from ops.deployment.runner import make_runner, refuse_aws
from ops.deployment.soundness import require_sound
from ops.edge.serving import start as start_edge
from ops.edge.session import run_edge_proof
from ops.proof.session import run_proof
from sandbox.codec import plain

if TYPE_CHECKING:
    from ops.console import Output
    from ops.workspace import Workspace
    from sandbox.cloud import Sandbox
    from sandbox.engine import Outcome


@dataclass
class Timings:
    """Wall time of each part, in seconds."""

    parts: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.monotonic)

    def lap(self, name: str) -> None:
        """What ran since the last lap was `name`."""
        now = time.monotonic()
        self.parts[name] = round(now - self._last, 3)
        self._last = now


def up(
    workspace: Workspace, output: Output, *, engine: str, prove: bool = True, allow_replace: bool = False
) -> dict[str, Any]:
    """Bring a stack up in the sandbox and prove that it serves.

    Returns:
        What was done and measured; `evidence/up.json` holds the same.

    Raises:
        OpsError, SettingsError, EngineError, SandboxError: it did not come up, or the proof failed.
    """
    refuse_aws(engine, "deploy a change with: holdfast deploy --aws; bring a new stack up with: pulumi up")
    with lock.hold(workspace.lock):
        timings = Timings()
        inputs = read_inputs(workspace)
        require_sound(workspace, inputs.passphrase)
        runner = make_runner(engine, inputs)
        sandbox = _start(inputs, output)
        refuse_removals(inputs, standing_outputs(inputs))
        timings.lap("sandbox")
        preview = runner.preview()
        timings.lap("preview")
        show.refuse_preview(output, preview, allow_replace=allow_replace)
        output.say(f"preview: {preview.changes} changes, no mandatory finding")
        outcome = preview if _settled(preview) else _deploy(runner.up, output, preview, workspace.stack)
        timings.lap("deployment")
        show.standing(output, inputs, outcome)
        output.say(f"{outcome.changes} changes in {timings.parts['deployment']:.1f} s")
        topology = serving.write_topology(inputs, outcome.outputs, sandbox)
        target = serving.start_services(inputs, topology, sandbox)
        edge = None if inputs.settings.edge is None else start_edge(inputs, inputs.settings.edge, sandbox)
        timings.lap("services")
        for region, url in target.services.items():
            output.say(f"  orders service of {region}: {url}")
        if edge is not None:
            output.say(f"  API behind one name: {edge.url('api')} (resolver {edge.resolver[0]}:{edge.resolver[1]})")
        document: dict[str, Any] = {
            "ok": True,
            "stack": workspace.stack,
            "regions": list(topology.regions),
            "counts": dict(outcome.counts),
            "changes": outcome.changes,
            "services": target.services,
        }
        if prove and edge is not None:
            document["proof"] = run_edge_proof(workspace, edge, sandbox, output, extra=document)
            timings.lap("proof")
        elif prove:
            document["proof"] = run_proof(workspace, target, sandbox, output, extra=document, timings=timings.parts)
            timings.lap("proof")
        return document | {"seconds": timings.parts, "memory_mb": cloud.status(sandbox, workspace.stack).memory_mb}


def _start(inputs: Inputs, output: Output) -> Sandbox:
    """Start the cloud; where the state speaks of another one, say so and begin anew."""
    workspace = inputs.workspace
    sandbox = cloud.start(workspace, inputs.settings)
    if incarnation.is_lost(workspace, sandbox.incarnation):
        folder = incarnation.set_aside(workspace)
        output.warn(
            "the sandbox that this stack was built in is gone (it keeps its cloud in memory; a reboot or a stop "
            f"ends it): building it again. The old state is kept in {folder.relative_to(workspace.project)}"
        )
    incarnation.record(workspace, sandbox.incarnation)
    parts = ", ".join(sandbox.gateways)
    output.say(f"sandbox: running with {parts}")
    return sandbox


def _settled(preview: Outcome) -> bool:
    """Whether the preview has shown that there is nothing to do: then it is not run again to do it."""
    return preview.changes == 0 and plain(preview.outputs) == plain(preview.old_outputs)


def _deploy(run: Any, output: Output, preview: Outcome, stack: str) -> Outcome:
    with Progress(output, title=f"deploying {stack}", total=preview.changes) as progress:
        outcome: Outcome = run(progress)
    show.refuse_failure(outcome, f"deploying stack {stack!r}")
    return outcome
