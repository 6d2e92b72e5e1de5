"""The proof against a stack in AWS: bounded, by evacuating the home region, and leaving no order behind.

Nothing is broken: the home region is flagged, as an operator would flag it, and clients go elsewhere. What the proof
of the sandbox shows beyond that (that clients leave a region that says nothing) is for drills.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.estate import control
from ops.estate.health import examine
from ops.estate.services import addresses
from ops.exits import Exit
from ops.load.cleanup import TABLE, delete
from ops.proof.plan import Demands, Target
from ops.proof.run import prove

if TYPE_CHECKING:
    from ops.console import Output
    from ops.estate.access import Estate
    from ops.workspace import Workspace

EVACUATION_MINUTES = 5.0
"""The flag ends by itself after this long, whatever becomes of who raised it."""
RTO_SECONDS = 120.0
"""Writes flow again by then, where the stack's topology has no objective of its own."""
PACE = 100.0
"""Orders a second: the load of the proof on a stack that serves others."""
REASON = "holdfast prove"


class Evacuation:
    """Makes clients leave a region by its flag."""

    title = "is evacuated: its flag tells every client to leave"

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def cut(self, region: str) -> None:
        """Raise the flag, for a few minutes."""
        control.raise_flag(
            self._estate, region, evacuated=True, reason=REASON, minutes=EVACUATION_MINUTES, wait_seconds=0.0
        )

    def heal(self, region: str) -> None:
        """Lower it."""
        control.raise_flag(self._estate, region, evacuated=False, reason=REASON, wait_seconds=0.0)


def demands_of(estate: Estate) -> Demands:
    """What is demanded of a stack that serves others: the same counts, its own RTO, a bounded rate."""
    objectives = estate.topology.objectives
    return Demands(
        failover_seconds=float(objectives.get("rto_seconds", RTO_SECONDS)), clients=8, pace=PACE, phase_seconds=60.0
    )


def prove_real(workspace: Workspace, estate: Estate, output: Output, *, yes: bool) -> dict[str, Any]:
    """Prove, delete what was written, and keep the evidence.

    Raises:
        OpsError: the stack is not well, declined, or the proof failed.
    """
    services = addresses(estate, workspace)
    _check(estate, services)
    demands, home = demands_of(estate), estate.topology.home_region
    output.say(
        f"proof of {estate.topology.stack!r}: about {3 * demands.acknowledged} orders at {demands.pace:g} a second, "
        f"deleted afterwards; {home} is evacuated meanwhile, for {EVACUATION_MINUTES:g} minutes at most"
    )
    output.confirm(f"Write orders into {estate.topology.stack!r} and evacuate {home} now?", yes=yes)
    target = Target(stack=estate.topology.stack, home=home, services=services, breaker_reset_seconds=0.0)
    proof = asyncio.run(prove(target, Evacuation(estate), demands, output.say))
    deleted = delete(estate, proof.customers)
    output.say(f"{deleted} orders of the proof deleted")
    workspace.evidence.mkdir(parents=True, exist_ok=True)
    path = workspace.evidence / f"prove-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}.json"
    document = {"ok": proof.ok, "stack": estate.topology.stack, "by": control.operator(), "proof": proof.evidence}
    path.write_text(json.dumps({**document, "deleted": deleted}, indent=2) + "\n")
    proof.history.write(path.with_suffix(".history.jsonl"))
    if not proof.ok:
        raise OpsError(
            f"the proof failed: {len(proof.failures)} of its demands are not met",
            why="\n".join(proof.failures),
            fix=f"what was measured is in {path}",
        )
    return document


def _check(estate: Estate, services: dict[str, str]) -> None:
    missing = [name for name in estate.regions if name not in services]
    if missing:
        raise OpsError(
            f"no address of the orders service is known in {', '.join(missing)}",
            fix='say where they are: HOLDFAST_SERVICES=\'{"us-east-1": "https://…", …}\'',
            code=Exit.USAGE,
        )
    if TABLE not in estate.topology.home.tables:
        raise OpsError(
            f"stack {estate.topology.stack!r} has no table {TABLE!r}",
            why="the proof writes orders",
            fix="prove a stack that carries the orders service",
            code=Exit.USAGE,
        )
    if len(estate.regions) == 1:
        raise OpsError("a stack of one region has nowhere to go", fix="prove a stack of several", code=Exit.USAGE)
    sick = [health for health in examine(estate, services) if not health.healthy]
    if sick:
        raise OpsError(
            "the stack is not well, and an evacuation would make it worse",
            why="\n".join(f"{one.region}: {'; '.join(one.faults) or one.evacuation}" for one in sick),
            fix="see holdfast status, and begin when all regions are well",
        )
