"""`holdfast drill`: run one, verify evidence, list scenarios, mend what a dead one left."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops import lock
from ops.deployment import cloud
from ops.drill import checks, evidence, experiment
from ops.drill.run import Order, Place, leave_nothing, run
from ops.drill.scenarios import BY_NAME, SCENARIOS
from ops.drill.stops import INTERRUPTED
from ops.errors import OpsError
from ops.estate.access import open_estate
from ops.estate.services import addresses
from ops.exits import Exit
from ops.load.cleanup import delete
from ops.signing.local import LocalSigner
from ops.workspace import open_workspace

if TYPE_CHECKING:
    from ops.console import Output
    from ops.drill.scenario import Scenario


def scenario(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        OpsError: there is none.
    """
    found = BY_NAME.get(name)
    if found is None:
        raise OpsError(f"scenario {name!r} does not exist", fix=f"choose one of {', '.join(BY_NAME)}", code=Exit.USAGE)
    return found


def drill(
    name: str,
    *,
    stack: str | None,
    topology: str | None,
    seconds: float | None,
    key: str | None,
    yes: bool,
    output: Output,
) -> Exit:
    """Run a scenario; the exit code says whether its objectives were met.

    Raises:
        OpsError: no such scenario, nothing runs, a pre-check does not hold, or declined.
    """
    chosen, workspace = scenario(name), open_workspace(stack)
    estate = open_estate(workspace, topology=None if topology is None else Path(topology))
    workspace.root.mkdir(parents=True, exist_ok=True)
    with lock.hold(workspace.lock):
        sandbox = cloud.running(workspace) if estate.sandboxed else None
        if not estate.sandboxed:
            experiment.check(estate, experiment.template_of(estate, chosen))
        signer = evidence.signer_of(estate, workspace, key)
        lasts = seconds or (chosen.failure_seconds if sandbox else None)
        ends = "it lasts as long as its experiment" if lasts is None else f"it lasts {lasts:g} s"
        output.say(f"{chosen.title}: {chosen.simulated if sandbox else chosen.experiment}; {ends}")
        output.confirm(f"Make {estate.topology.home_region} of {workspace.stack!r} fail now?", yes=yes)
        place = Place(workspace=workspace, estate=estate, sandbox=sandbox, services=addresses(estate, workspace))
        document, log = run(place, Order(scenario=chosen, seconds=lasts), output.say)
        kept = evidence.keep(workspace, document, log, signer)
        if sandbox is None:
            deleted = delete(estate, {attempt.customer for attempt in log.writes})
            output.say(f"{deleted} orders of the drill deleted")
        leave_nothing(estate, sandbox)
    _tell(output, document)
    output.say(f"evidence: {_short(kept.document, workspace.project)}; page: {kept.page.name}")
    verdict = "ok: every objective met" if document["ok"] else "; ".join(document["failures"])
    output.say(verdict, style=None if document["ok"] else "red")
    output.result({**document, "evidence": str(kept.document), "page": str(kept.page)})
    if document["stopped_because"] == INTERRUPTED:
        return Exit.INTERRUPTED
    return Exit.OK if document["ok"] else Exit.FAILED


def verify(file: Path, *, stack: str | None, key: str | None, output: Output) -> None:
    """Check a signature, the log behind it, and every figure anew.

    Args:
        file: the signed document.
        stack: the stack whose key must have signed it, where no key is named.
        key: a KMS key (ARN, id or alias), or a public key as the document writes it (base64 of DER).
        output: where the answer goes.

    Raises:
        OpsError: one of it does not hold.
    """
    trusted = _trusted(stack, key)
    found = evidence.verify(file, trusted=trusted)
    whose = "which is the key that was asked for" if trusted else "which nobody vouched for: name it with --key"
    output.say(f"ok: {found.content['id']} is signed with {found.key}, {whose}; its figures follow from its log")
    output.result(
        {
            "ok": True,
            "id": found.content["id"],
            "verdict": found.content["ok"],
            "key": found.key,
            "public_key": base64.b64encode(found.public).decode(),
            "trusted": trusted is not None,
        }
    )


def _trusted(stack: str | None, key: str | None) -> bytes | None:
    if key is None:
        path = evidence.local_key(open_workspace(stack))
        return LocalSigner(path).public() if path.exists() else None
    if not key.startswith(("arn:", "alias/", "mrk-")):
        try:
            return base64.b64decode(key, validate=True)
        except ValueError:
            raise OpsError(
                f"{key!r} is no key",
                fix="write the ARN of a KMS key, or a public key as the evidence writes it",
                code=Exit.USAGE,
            ) from None
    workspace = open_workspace(stack)
    return evidence.signer_of(open_estate(workspace), workspace, key).public()


def heal(*, stack: str | None, output: Output) -> None:
    """Mend what a drill left behind that died before it could.

    Raises:
        OpsError: a drill is at work.
    """
    workspace = open_workspace(stack)
    with lock.hold(workspace.lock):
        checks.mended(workspace.root, output.say)
    output.say("ok: no drill has left anything behind")
    output.result({"ok": True})


def listing(output: Output) -> None:
    """The scenarios, the experiments that they are in AWS, and the sources of those that were incidents."""
    rows = [
        [one.name, one.title, one.experiment or "sandbox only", f"docs/runbooks/{one.runbook}.md", one.source]
        for one in SCENARIOS
    ]
    output.table(["scenario", "what", "in AWS", "runbook", "source"], rows)
    output.result(
        [
            {
                "name": one.name,
                "title": one.title,
                "experiment": one.experiment,
                "runbook": one.runbook,
                "source": one.source,
            }
            for one in SCENARIOS
        ]
    )


def _short(path: Path, project: Path) -> Path:
    return path.relative_to(project) if path.is_relative_to(project) else path


def _tell(output: Output, document: dict[str, Any]) -> None:
    found = document["figures"]
    rto = ", ".join(f"{name} {'-' if value is None else f'{value:.2f} s'}" for name, value in found["rto"].items())
    output.say(f"RTO: {rto}")
    risk = found["at_risk"]
    output.say(f"RPO: {len(risk['orders'])} orders at risk, the oldest {risk['oldest_seconds'] or 0:.2f} s old")
    if found["reads"]:
        reads = found["reads"]
        output.say(f"reads: {reads['attempts']}, {reads['failed']} failed, p99 {reads['p99_ms']} ms")
    rows = [
        [name, part["acknowledged"], part["acknowledged_per_second"], part["failed"], part["latency_ms"]["p99"],
         ", ".join(f"{region} {count}" for region, count in part["served_by"].items())]
        for name, part in found["phases"].items()
    ]  # fmt: skip
    output.table(["phase", "acknowledged", "per second", "refused", "p99 ms", "served by"], rows)
