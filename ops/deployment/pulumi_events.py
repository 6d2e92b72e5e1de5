"""The event log of the pulumi command (`--event-log`, one JSON object a line) as an outcome of a run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sandbox.engine import Diagnostic, Event, Finding, Op, Outcome, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.engine.model import RunKind

_COLOUR = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
_KINDS = {"resourcePreEvent": "step-start", "resOutputsEvent": "step-done", "resOpFailedEvent": "step-failed"}


def read(lines: Iterable[str]) -> Iterator[Event]:
    """The events of a log; a last line that is still being written is left out."""
    for line in lines:
        try:
            document = json.loads(line)
        except ValueError:
            return
        event = _event(document)
        if event is not None:
            yield event


def outcome(events: Iterable[Event], *, run: RunKind, ok: bool, outputs: Mapping[str, Any], seconds: float) -> Outcome:
    """What the run did, from its events; a step is taken in its last form."""
    steps: dict[tuple[str, str], Step] = {}
    findings, diagnostics = [], []
    for event in events:
        if event.step is not None and event.kind != "step-failed":
            steps[event.step.urn, str(event.step.op)] = event.step
        if event.finding is not None:
            findings.append(event.finding)
        if event.diagnostic is not None:
            diagnostics.append(event.diagnostic)
    counts: dict[str, int] = {}
    for step in steps.values():
        if step.logical:
            counts[str(step.op)] = counts.get(str(step.op), 0) + 1
    return Outcome(
        run=run,
        ok=ok,
        steps=tuple(steps.values()),
        findings=tuple(findings),
        diagnostics=tuple(diagnostics),
        outputs=outputs,
        counts=counts,
        duration_seconds=seconds,
    )


def deletion(resource: Mapping[str, Any]) -> Step:
    """The step that deletes a resource of an exported deployment."""
    return Step(
        op=Op.DELETE,
        urn=resource["urn"],
        type=resource["type"],
        name=resource["urn"].split("::")[-1],
        parent=resource.get("parent") or "",
        provider=resource.get("provider") or "",
        custom=bool(resource.get("custom")),
        protect=bool(resource.get("protect")),
        id=resource.get("id") or "",
        old_inputs=resource.get("inputs"),
        old_outputs=resource.get("outputs"),
        retain=bool(resource.get("retainOnDelete")),
    )


def _event(document: Mapping[str, Any]) -> Event | None:
    for key, kind in _KINDS.items():
        if key in document:
            return Event(kind=kind, step=_step(document[key]["metadata"]))  # type: ignore[arg-type]
    if "policyEvent" in document:
        return Event(kind="finding", finding=_finding(document["policyEvent"]))
    if "diagnosticEvent" in document and not document["diagnosticEvent"].get("ephemeral"):
        return Event(kind="diagnostic", diagnostic=_diagnostic(document["diagnosticEvent"]))
    return None


def _step(metadata: Mapping[str, Any]) -> Step:
    old, new = metadata.get("old") or {}, metadata.get("new") or {}
    state = new or old
    diff = metadata.get("detailedDiff") or {}
    return Step(
        op=Op(metadata["op"]),
        urn=metadata["urn"],
        type=metadata["type"],
        name=metadata["urn"].split("::")[-1],
        parent=state.get("parent") or "",
        provider=metadata.get("provider") or "",
        custom=bool(state.get("custom")),
        protect=bool(state.get("protect")),
        id=state.get("id") or "",
        old_inputs=old.get("inputs"),
        new_inputs=new.get("inputs"),
        old_outputs=old.get("outputs"),
        outputs=new.get("outputs"),
        detailed_diff={path: change["diffKind"] for path, change in diff.items()},
        keys=tuple(metadata.get("keys") or ()),
    )


def _finding(event: Mapping[str, Any]) -> Finding:
    level = event["enforcementLevel"]
    return Finding(
        pack=event["policyPackName"],
        policy=event["policyName"],
        level="advisory" if level == "warning" else level,
        severity=event.get("severity") or "",
        urn=event.get("resourceUrn") or "",
        message=_COLOUR.sub("", event["message"]).strip(),
    )


def _diagnostic(event: Mapping[str, Any]) -> Diagnostic:
    severity = event["severity"].removesuffix("#err")
    return Diagnostic(severity=severity, message=_COLOUR.sub("", event["message"]).rstrip(), urn=event.get("urn") or "")
