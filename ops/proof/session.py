"""Running the proof against a stack in the sandbox: its faults, its words, its evidence."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from ops.edge.session import last_line as edge_line
from ops.errors import OpsError
from ops.proof.plan import Demands, Target
from ops.proof.run import Proof, prove

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.console import Output
    from ops.workspace import Workspace
    from sandbox.cloud import Sandbox

LEASE_SECONDS = 60.0
"""The cut ends by itself after this long, whatever becomes of the one who made it."""


class SandboxFaults:
    """Cuts a region off at its gateway."""

    title = "is cut off: its gateway swallows every request"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def cut(self, region: str) -> None:
        """Every request to the region's gateway hangs."""
        self._sandbox.fault(region, "blackhole", lease_seconds=LEASE_SECONDS)

    def heal(self, region: str) -> None:
        """They go through again."""
        self._sandbox.heal(region)


def run_proof(
    workspace: Workspace,
    target: Target,
    sandbox: Sandbox,
    output: Output,
    *,
    extra: Mapping[str, Any],
    timings: Mapping[str, float],
) -> dict[str, Any]:
    """Prove, write `evidence/up.json` and the history of the clients beside it, and say the last line.

    Raises:
        OpsError: the proof failed; the message says in what.
    """
    output.say(f"proof: orders through the services of {', '.join(target.services)}")
    own = target.breaker_reset_of_stack
    if own is not None and own != target.breaker_reset_seconds:
        output.say(
            f"  (for this proof a breaker is tried again after {target.breaker_reset_seconds:g} s; "
            f"the stack's own figure is {own:g} s)"
        )
    proof = asyncio.run(prove(target, SandboxFaults(sandbox), Demands(), output.say))
    path = _record(workspace, proof, {**extra, "seconds": dict(timings)})
    _tell(output, proof)
    if not proof.ok:
        raise OpsError(
            f"the proof failed: {len(proof.failures)} of its demands are not met",
            why="\n".join(proof.failures),
            fix=f"what was measured is in {path.relative_to(workspace.project)}",
        )
    return proof.evidence


def _record(workspace: Workspace, proof: Proof, extra: Mapping[str, Any]) -> Any:
    workspace.evidence.mkdir(parents=True, exist_ok=True)
    path = workspace.evidence / "up.json"
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps({**extra, "proof": proof.evidence}, indent=2) + "\n")
    temporary.replace(path)
    proof.history.write(workspace.evidence / "up.history.jsonl")
    return path


def _tell(output: Output, proof: Proof) -> None:
    rows = [
        [
            name,
            figures["counted"],
            figures["seconds"],
            figures["acknowledged_per_second"],
            figures["failed"],
            ", ".join(f"{region} {count}" for region, count in figures["served_by"].items()),
        ]
        for name, figures in proof.evidence["phases"].items()
    ]
    output.table(["phase", "acknowledged", "seconds", "per second", "refused", "served by"], rows)


def last_line(document: Mapping[str, Any]) -> str:
    """The line that ends a successful run."""
    proof = document["proof"]
    if "expected_dns_seconds" in proof:
        return edge_line(proof)
    if len(proof["regions"]) == 1:
        return (
            f"ok: 1 region serving, used again {proof['rejoined']['seconds']:.1f} s after a cut was healed, "
            f"{proof['lost']} acknowledged writes lost"
        )
    return (
        f"ok: {len(proof['regions'])} regions serving, failover {proof['failover']['seconds']:.1f} s, "
        f"{proof['lost']} acknowledged writes lost"
    )
