"""`holdfast prove` on a stack that stands in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.topology import Topology
from ops.deployment import cloud, serving
from ops.deployment.inputs import read_inputs
from ops.edge.serving import start as start_edge
from ops.edge.session import run_edge_proof
from ops.errors import OpsError
from ops.exits import Exit
from ops.proof.session import run_proof

if TYPE_CHECKING:
    from ops.console import Output
    from ops.workspace import Workspace


def prove(workspace: Workspace, output: Output) -> dict[str, Any]:
    """Prove a stack that is up.

    Raises:
        OpsError: nothing runs, nothing is deployed, or the proof failed.
    """
    inputs = read_inputs(workspace)
    sandbox = cloud.running(workspace)
    if not workspace.topology.exists():
        raise OpsError(
            f"stack {workspace.stack!r} is not deployed in its sandbox",
            fix=f"bring it up: holdfast up --stack {workspace.stack}",
            code=Exit.UNAVAILABLE,
        )
    target = serving.start_services(inputs, Topology.from_file(workspace.topology), sandbox)
    document: dict[str, Any] = {"ok": True, "stack": workspace.stack, "services": target.services}
    if inputs.settings.edge is not None:
        edge = start_edge(inputs, inputs.settings.edge, sandbox)
        return document | {"proof": run_edge_proof(workspace, edge, sandbox, output, extra=document)}
    return document | {"proof": run_proof(workspace, target, sandbox, output, extra=document, timings={})}
