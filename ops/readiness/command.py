"""`holdfast readiness`."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.capacity.month import Month
from ops.errors import OpsError
from ops.exits import Exit
from ops.files import read_json
from ops.readiness.checklist import Assessment, Evidence, assess
from ops.readiness.deployed import Deployed
from ops.trust import refuse_damaged
from ops.workspace import open_workspace
from settings import load_stack

if TYPE_CHECKING:
    from ops.console import Output
    from ops.workspace import Workspace
    from settings import Settings


def show(stack: str | None, state: Path | None, output: Output, *, today: date | None = None) -> bool:
    """Judge the stack and tell; says whether no required line fails.

    Raises:
        OpsError: there is no state, or it is not one.
    """
    workspace = open_workspace(stack)
    found = assessment_of(workspace, state, today=today or datetime.now(UTC).date())
    _tell(found, output)
    output.result(
        {
            "ok": found.ready,
            "stack": workspace.stack,
            "score": found.score,
            "lines": found.lines(),
            "pillars": found.pillars(),
            "findings": [finding.to_dict() for finding in found.findings],
        }
    )
    return found.ready


def assessment_of(workspace: Workspace, state: Path | None, *, today: date) -> Assessment:
    """The checklist of a stack by its stack file, a state and its evidence.

    Raises:
        OpsError: there is no state, or it is not one.
    """
    settings = load_stack(workspace.stack, workspace.project)
    deployed = Deployed(resources=_resources(workspace, state), home=settings.home.name)
    return assess(settings, deployed, _evidence(workspace, settings), today=today)


def _resources(workspace: Workspace, state: Path | None) -> list[dict[str, Any]]:
    path = state or workspace.state
    if state is None:
        if not path.exists():
            raise OpsError(
                f"{path}: not there",
                fix=f"bring the stack up (holdfast up --stack {workspace.stack}), or name an export with --state",
                code=Exit.UNAVAILABLE,
            )
        refuse_damaged(path)
    return list(export(path)["deployment"].get("resources") or [])


def export(path: Path) -> dict[str, Any]:
    """The state, or the export of a stack, in a file.

    Raises:
        OpsError: it is not there, or is neither.
    """
    fix = "make one: pulumi stack export > state.json"
    document = read_json(path, fix=fix)
    if not (isinstance(document, dict) and isinstance(document.get("deployment"), dict)):
        raise OpsError(f"{path}: neither a state nor an export of a stack", fix=fix, code=Exit.USAGE)
    return document


def _evidence(workspace: Workspace, settings: Settings) -> Evidence:
    """What was shown and when; what cannot be read was not shown."""
    found: Evidence = {}
    for path in (workspace.evidence / "drills").glob("*.json"):
        try:
            document = _read(path).get("evidence") or {}
            started = str(document["started"])
            if document.get("ok"):
                _note(found, f"drill:{document['scenario']['name']}", started)
            if document["scenario"]["name"] == "region-loss":
                _objectives(found, document.get("figures") or {}, started, settings)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
    for path in (workspace.evidence / "restores").glob("*.json"):
        with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError):
            if (document := _read(path)).get("ok") is True:
                _note(found, "restore", str(document["started"]))
    for path in workspace.evidence.glob("capacity-*.html"):
        with contextlib.suppress(OpsError):
            month = Month.read(path.stem.removeprefix("capacity-"))
            _note(found, "capacity-report", month.end.isoformat())
    proof = _read(workspace.evidence / "up.json").get("proof") or {}
    if proof.get("ok"):
        _note(found, "proof", proof["started"])
    return found


def _objectives(found: Evidence, figures: dict[str, Any], started: str, settings: Settings) -> None:
    """Which objectives the loss of a region met: no later than the RTO, nothing at risk that is older than the RPO."""
    serving = (figures.get("rto") or {}).get("serving")
    at_risk = figures.get("at_risk") or {}
    if serving is not None and serving <= settings.objectives.rto_seconds:
        _note(found, "objective:rto", started)
    if "oldest_seconds" in at_risk and (at_risk["oldest_seconds"] or 0.0) <= settings.objectives.rpo_seconds:
        _note(found, "objective:rpo", started)


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return document


def _note(found: Evidence, name: str, started: str) -> None:
    day = datetime.fromisoformat(started).date()
    found[name] = max(day, found.get(name, day))


def _tell(found: Assessment, output: Output) -> None:
    required = {finding.line: finding.required for finding in found.findings}
    rows = []
    for line, state in found.lines().items():
        of = [finding for finding in found.findings if finding.line == line and finding.state != "not applicable"]
        passed = sum(finding.state == "passed" for finding in of)
        rows.append([line, "required" if required[line] else "recommended", state, f"{passed} of {len(of)}"])
    output.table(["line", "", "state", "subjects"], rows)
    for finding in found.findings:
        if finding.state == "failed":
            output.warn(f"{finding.id}: {finding.reason}; {finding.fix}")
    rows = [[pillar, f"{share:.1%}"] for pillar, share in found.pillars().items()]
    output.table(["pillar", "shown"], rows)
    output.say(f"{'ready' if found.ready else 'not ready'}: {found.score:.1%} of what applies is shown")
