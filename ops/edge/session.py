"""Running an edge's proof against its sandbox: its faults, its flags, its words, its evidence."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ops.edge.plan import EdgeDemands
from ops.edge.proof import prove, table
from ops.errors import OpsError
from ops.estate import control
from ops.estate.access import open_estate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ops.console import Output
    from ops.edge.serving import EdgeTarget
    from ops.workspace import Workspace
    from sandbox.cloud import Sandbox

SETTLE_SECONDS = 30.0
POLL_SECONDS = 0.2
LEASE_SECONDS = 180.0
"""A cut ends by itself after this long, whatever becomes of the one who made it."""


class SandboxWorld:
    """Faults at the gateways, flags in the control table."""

    def __init__(self, workspace: Workspace, sandbox: Sandbox, target: EdgeTarget) -> None:
        self._workspace, self._sandbox, self._target = workspace, sandbox, target
        self._cloudwatch = alarms_client(sandbox, target.observer)

    def alarm(self, region: str, ringing: bool) -> None:  # noqa: FBT001 - a state, as CloudWatch has it
        """Set the state of the observer's alarm: moto evaluates no alarm, so that whoever runs the journeys does."""
        state = "ALARM" if ringing else "OK"
        name = self._target.alarms.get(region)
        if name is not None:
            self._cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="journeys of the sandbox")

    def settle(self) -> None:
        """End the alarms of an earlier run, and wait until names lead to every region.

        Raises:
            OpsError: a region stays unwell.
        """
        for region in self._target.regions:
            self.alarm(region, False)
        end = time.monotonic() + SETTLE_SECONDS + self._target.interval_seconds * self._target.failures
        sick = list(self._target.regions)
        while sick:
            checks = self._sandbox.names()["checks"]
            sick = [region for region in self._target.regions if not checks[f"joined-{region}"]["healthy"]]
            if sick and time.monotonic() > end:
                said = {name: check["last"] for name, check in checks.items() if not check["healthy"]}
                raise OpsError(
                    f"health checks find {', '.join(sick)} unwell",
                    why=", ".join(f"{name}: {last or 'no answer yet'}" for name, last in said.items()),
                    fix="readmit it (holdfast readmit REGION), or end its faults (holdfast sandbox heal)",
                )
            time.sleep(POLL_SECONDS)

    def cut(self, region: str) -> None:
        """Every request to the region hangs: its API's and its tables'."""
        self._sandbox.fault(region, "blackhole", lease_seconds=LEASE_SECONDS)

    def heal(self, region: str) -> None:
        """They go through again."""
        self._sandbox.heal(region)

    def flag(self, region: str, *, evacuated: bool) -> float:
        """Write the region's flag, as `holdfast evacuate` does; says when it was written."""
        estate = open_estate(self._workspace, topology=None)
        raised = control.raise_flag(estate, region, evacuated=evacuated, reason="proof", wait_seconds=0.0)
        return time.monotonic() - (time.time() - raised.flag.at)


def alarms_client(sandbox: Sandbox, region: str) -> Any:
    """CloudWatch of a region of the sandbox."""
    import boto3  # noqa: PLC0415 - a third of a second that only a proof costs

    found = sandbox.environment(region)
    return boto3.client(
        "cloudwatch",
        region_name=region,
        endpoint_url=sandbox.gateways[region],
        aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
    )


def demands_of(target: EdgeTarget) -> EdgeDemands:
    """The bounds of the proof on this stack."""
    plain = EdgeDemands()
    return replace(plain, own_seconds=plain.own_seconds + plain.homed_seconds) if target.homed else plain


def run_edge_proof(
    workspace: Workspace,
    target: EdgeTarget,
    sandbox: Sandbox,
    output: Output,
    *,
    extra: Mapping[str, Any],
    demands: EdgeDemands | None = None,
) -> dict[str, Any]:
    """Prove, write `evidence/edge.json`, and say the figures.

    Raises:
        OpsError: the proof failed; the message says in what.
    """
    output.say(f"proof: orders through api.{target.zone} (resolver 127.0.0.1:{target.resolver[1]})")
    if target.pace != 1:
        output.say(
            f"  (a second of Route 53 is {target.pace:g} s here: checks every "
            f"{target.interval_seconds * target.pace:g} s; HOLDFAST_DNS_PACE=1 is the real pace)"
        )
    world = SandboxWorld(workspace, sandbox, target)
    world.settle()
    proof = asyncio.run(prove(target, world, demands or demands_of(target), output.say))
    functions = {region: sandbox.edge_figures(region) for region in target.regions}
    evidence = {**proof.evidence, "functions": functions}
    path = _record(workspace, {**extra, "proof": evidence})
    output.table(*table(proof.evidence))
    refused = proof.evidence["refused"]
    output.say(
        f"{sum(result['ok'] for result in refused.values())} of {len(refused)} bad requests refused, nothing written"
    )
    if not proof.ok:
        raise OpsError(
            f"the proof of the edge failed: {len(proof.failures)} of its demands are not met",
            why="\n".join(proof.failures),
            fix=f"what was measured is in {path.relative_to(workspace.project)}",
        )
    return evidence


def _record(workspace: Workspace, document: Mapping[str, Any]) -> Path:
    workspace.evidence.mkdir(parents=True, exist_ok=True)
    path = workspace.evidence / "edge.json"
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(document, indent=2) + "\n")
    temporary.replace(path)
    return path


def last_line(proof: Mapping[str, Any]) -> str:
    """The line that ends a successful run."""
    cut = proof["cut"]
    seconds = ", ".join(
        f"{cut[name]['first_success_elsewhere_seconds']:.1f} s by {how}"
        for name, how in (("dns", "DNS"), ("flag", "the flag"), ("own", "the client's own routing"))
    )
    regions = len(proof["journeys"])
    return f"ok: {regions} regions behind one name, left in {seconds}; {proof['lost']} acknowledged writes lost"
