"""What a report tells, collected from the stack file, the state and the evidence. What is not known says why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from holdfast_policies import exemptions
from holdfast_policies.deployment import judge_deployment
from ops.cost import estimate, from_state, traffic_of
from ops.cost.sources import wanted
from ops.drill.schedule import due
from ops.readiness.command import assessment_of, export
from ops.trust import refuse_damaged
from settings import load_stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from holdfast_policies.deployment import Report
    from ops.cost import Estimate, Resource, Traffic
    from ops.readiness.checklist import Assessment
    from ops.workspace import Workspace
    from settings import Settings


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Everything that the page shows."""

    stack: str
    made: datetime
    settings: Settings
    resources: Sequence[Resource]
    deployed: bool
    """Whether the resources are those of a state; otherwise they are what the stack file asks for."""
    traffic: Traffic
    estimate: Estimate
    readiness: Assessment | None
    policies: Report | None
    drills: Sequence[Mapping[str, Any]]
    """Evidence of drills, the latest first."""
    plan: Sequence[Mapping[str, Any]]
    """The quarterly plan: scenario, last run, due."""
    proof: Mapping[str, Any] | None
    served: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """Region → (second of the last proof, orders a second that it acknowledged)."""
    lag_ms: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """(from, to) → median replication lag of the last proof."""
    lag_today: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """Pair of regions → (hour, ms) of the last day, where a running stack was named."""
    lag_unknown: Sequence[str] = ()


def gather(workspace: Workspace, *, state: Path | None, made: datetime, topology: Path | None = None) -> Gathered:
    """Read everything.

    Args:
        workspace: the stack.
        state: an export; the state of the sandbox where it is None.
        made: now.
        topology: of a running stack in AWS, which is asked for its replication lag.

    Raises:
        StateCorrupted: the state cannot be trusted.
        OpsError: the export is none, or the program fails.
    """
    settings = load_stack(workspace.stack, workspace.project)
    traffic = traffic_of(settings)
    path = state or workspace.state
    if state is None:
        # A damaged one is refused, and not taken for a stack that is not up.
        refuse_damaged(path)
    document = _read(path) if state is None else export(path)
    resources = from_state(document)
    deployed = bool(resources)
    proof = _read(workspace.evidence / "up.json").get("proof") or None
    lag_today, lag_unknown = _running(workspace, settings, topology, made) if topology else ({}, [])
    return Gathered(
        stack=workspace.stack,
        made=made,
        settings=settings,
        resources=resources if deployed else (resources := wanted(workspace)),
        deployed=deployed,
        traffic=traffic,
        estimate=estimate(resources, traffic),
        readiness=assessment_of(workspace, state, today=made.date()) if deployed else None,
        policies=_judged(workspace, document) if deployed else None,
        drills=_drills(workspace.evidence / "drills"),
        plan=due(workspace.evidence / "drills", made.date()),
        proof=proof,
        served=_served(workspace.evidence / "up.history.jsonl"),
        lag_ms=_lag(proof),
        lag_today=lag_today,
        lag_unknown=lag_unknown,
    )


def _running(
    workspace: Workspace, settings: Settings, topology: Path, made: datetime
) -> tuple[dict[str, list[tuple[float, float]]], list[str]]:
    from ops.estate.access import open_estate  # noqa: PLC0415 (boto3 is loaded only where a stack is asked)
    from ops.report.lag import measured  # noqa: PLC0415

    tables = settings.data.tables if settings.data else {}
    shared = [one.name for logical, one in tables.items() if settings.replica_regions(logical)]
    if not shared:
        return {}, ["no table is replicated"]
    return measured(open_estate(workspace, topology=topology), shared[0], until=made)


def _judged(workspace: Workspace, document: Mapping[str, Any]) -> Report:
    return judge_deployment(document, exemptions=exemptions.load(exemptions.find(workspace.stack, "")))


def _drills(folder: Path) -> list[Mapping[str, Any]]:
    found = [document for path in folder.glob("*.json") if (document := _read(path).get("evidence"))]
    return sorted(found, key=lambda one: str(one.get("started")), reverse=True)


def _served(path: Path) -> dict[str, list[tuple[float, float]]]:
    """Acknowledged orders of each second by the region that served them."""
    counts: dict[str, dict[int, int]] = {}
    begin: float | None = None
    last = 0
    try:
        for line in path.read_text().splitlines():
            one = json.loads(line)
            begin = one["done"] if begin is None else begin
            last = max(last, int(one["done"] - begin))
            if one["status"] in (200, 201) and one.get("region"):
                second = int(one["done"] - begin)
                counts.setdefault(one["region"], {})[second] = counts.get(one["region"], {}).get(second, 0) + 1
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {
        region: [(float(second), float(found.get(second, 0))) for second in range(last + 1)]
        for region, found in sorted(counts.items())
    }


def _lag(proof: Mapping[str, Any] | None) -> dict[tuple[str, str], float]:
    pairs = ((proof or {}).get("lag") or {}).get("pairs") or []
    return {(one["from"], one["to"]): float(one["median_ms"]) for one in pairs if one.get("median_ms") is not None}


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def age(started: object, today: date) -> str:
    """How long ago something was, in days."""
    try:
        days = (today - datetime.fromisoformat(str(started)).date()).days
    except ValueError:
        return "unknown"
    return "today" if days == 0 else f"{days} days ago"
