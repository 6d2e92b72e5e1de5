"""`holdfast drill`: run one, verify evidence, list scenarios, show the plan of the year."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ops import lock
from ops.deployment import cloud
from ops.drill import evidence as signing
from ops.drill import figures
from ops.drill.run import leave_nothing, run
from ops.drill.scenarios import BY_NAME, SCENARIOS, Objectives, Scenario
from ops.errors import OpsError
from ops.estate.access import open_estate
from ops.estate.services import addresses
from ops.exits import Exit
from ops.load.history import History
from ops.workspace import open_workspace

if TYPE_CHECKING:
    from ops.console import Output
    from ops.workspace import Workspace

QUARTERLY = timedelta(days=92)
"""Each scenario is due again after this long."""


def scenario(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        OpsError: there is none.
    """
    found = BY_NAME.get(name)
    if found is None:
        raise OpsError(f"scenario {name!r} does not exist", fix=f"choose one of {', '.join(BY_NAME)}", code=Exit.USAGE)
    return found


def drill(name: str, *, stack: str | None, yes: bool, output: Output) -> bool:
    """Run a scenario against the stack in the sandbox; says whether its objectives were met.

    Raises:
        OpsError: no such scenario, nothing runs, a pre-check does not hold, or declined.
    """
    chosen, workspace = scenario(name), open_workspace(stack)
    estate = open_estate(workspace)
    if not estate.sandboxed:
        raise OpsError(
            "drills run in the sandbox", why="this stack is in AWS", fix="use an experiment of AWS FIS there"
        )
    with lock.hold(workspace.lock):
        sandbox = cloud.running(workspace)
        output.say(f"{chosen.title}: {chosen.simulated}; it lasts {chosen.failure_seconds:g} s")
        output.confirm(f"Make {estate.topology.home_region} of {workspace.stack!r} fail now?", yes=yes)
        document, history = run(
            workspace, estate, sandbox, chosen, services=addresses(estate, workspace), say=output.say
        )
        leave_nothing(estate, sandbox)
        path = _keep(workspace, document, history)
    _tell(output, document)
    output.say(f"evidence: {path.relative_to(workspace.project)}")
    verdict = "ok: every objective met" if document["ok"] else "; ".join(document["failures"])
    output.say(verdict, style=None if document["ok"] else "red")
    output.result({"ok": document["ok"], "evidence": str(path), **document})
    return bool(document["ok"])


def verify(file: Path, *, stack: str | None, output: Output) -> None:
    """Check a signature, the history behind it, and every figure anew.

    Raises:
        OpsError: one of it does not hold.
    """
    workspace = open_workspace(stack)
    key = signing.signing_key(workspace).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    document = signing.verify(file, trusted=key)
    history = History.read(file.parent / document["history"]["file"])
    again = figures.compute(history, document["marks"], home=document["region"])
    if again != document["figures"]:
        raise OpsError(f"{file}: its figures do not follow from its history")
    told = document["scenario"]
    failed = figures.judge(document, Objectives(**told["objectives"]), leaves_home=told["leaves_home"])
    if (not failed and not document["stopped_because"]) != document["ok"]:
        raise OpsError(f"{file}: its verdict does not follow from its figures")
    output.say(f"ok: {document['id']} is signed by {base64.b64encode(key).decode()}, and its figures follow from it")
    output.result({"ok": True, "id": document["id"], "verdict": document["ok"]})


def listing(output: Output) -> None:
    """The scenarios, and the sources of those that were incidents."""
    output.table(["scenario", "what", "source"], [[one.name, one.title, one.source] for one in SCENARIOS])
    output.result([{"name": one.name, "title": one.title, "source": one.source} for one in SCENARIOS])


def schedule(*, stack: str | None, output: Output, today: date | None = None) -> bool:
    """When each scenario was last run and is due; says whether none is overdue."""
    workspace = open_workspace(stack)
    rows = due(workspace, today or datetime.now(UTC).date())
    output.table(["scenario", "last run", "met", "due", "overdue"], [list(row.values()) for row in rows])
    overdue = [row["scenario"] for row in rows if row["overdue"] == "yes"]
    output.result({"ok": not overdue, "scenarios": rows, "overdue": overdue})
    return not overdue


def due(workspace: Workspace, today: date) -> list[dict[str, Any]]:
    """The quarterly plan; a scenario that was never run is due now."""
    last: dict[str, tuple[date, bool]] = {}
    for path in sorted((workspace.evidence / "drills").glob("*.json")):
        document = json.loads(path.read_bytes())["evidence"]
        moment = datetime.fromisoformat(document["started"]).date()
        name = document["scenario"]["name"]
        if name not in last or moment >= last[name][0]:
            last[name] = (moment, document["ok"])
    rows = []
    for one in SCENARIOS:
        ran = last.get(one.name)
        wanted = ran[0] + QUARTERLY if ran else today
        rows.append(
            {
                "scenario": one.name,
                "last_run": ran[0].isoformat() if ran else "never",
                "met": "" if ran is None else "yes" if ran[1] else "no",
                "due": wanted.isoformat(),
                "overdue": "yes" if ran is None or wanted < today else "",
            }
        )
    return rows


def _keep(workspace: Workspace, document: dict[str, Any], history: History) -> Path:
    folder = workspace.evidence / "drills"
    folder.mkdir(parents=True, exist_ok=True)
    events = folder / f"{document['id']}.history.jsonl"
    history.write(events)
    document["history"] = {"file": events.name, "sha256": signing.digest(events), "attempts": len(history)}
    # Through JSON once, so that what is signed is exactly what a reader will see.
    plain = json.loads(json.dumps(document))
    path = folder / f"{document['id']}.json"
    path.write_text(json.dumps(signing.sign(plain, signing.signing_key(workspace)), indent=2) + "\n")
    return path


def _tell(output: Output, document: dict[str, Any]) -> None:
    found = document["figures"]
    rto = ", ".join(f"{name} {'-' if value is None else f'{value:.2f} s'}" for name, value in found["rto"].items())
    output.say(f"RTO: {rto}")
    risk = document["at_risk"]
    output.say(f"RPO: {len(risk['orders'])} orders at risk, the oldest {risk['oldest_seconds'] or 0:.2f} s old")
    rows = [
        [name, part["acknowledged"], part["acknowledged_per_second"], part["failed"], part["latency_ms"]["p99"],
         ", ".join(f"{region} {count}" for region, count in part["served_by"].items())]
        for name, part in found["phases"].items()
    ]  # fmt: skip
    output.table(["phase", "acknowledged", "per second", "refused", "p99 ms", "served by"], rows)
