"""A run as it happens, a line for each thing worth a line."""

from __future__ import annotations

from sandbox.engine.display.style import PAST, PLAIN, SIGNS, Style
from sandbox.engine.model import Event, Op

_DOING = {
    Op.CREATE: "creating",
    Op.CREATE_REPLACEMENT: "creating replacement",
    Op.UPDATE: "updating",
    Op.DELETE: "deleting",
    Op.DELETE_REPLACED: "deleting original",
    Op.DISCARD: "discarding",
    Op.DISCARD_REPLACED: "discarding original",
    Op.READ: "reading",
    Op.IMPORT: "importing",
}


def progress_line(event: Event, style: Style = PLAIN, *, started: bool = False) -> str | None:
    """The line for an event, or None if it is not worth one. `started` also tells of beginnings."""
    if event.diagnostic is not None and event.diagnostic.severity in ("warning", "error"):
        color = "red" if event.diagnostic.severity == "error" else "yellow"
        return style.paint(f"{event.diagnostic.severity}: {event.diagnostic.message.splitlines()[0]}", color)
    step = event.step
    if step is None or step.op not in _DOING:
        return None
    sign = style.of(step.op, f"{SIGNS[step.op]:<2}")
    if event.kind == "step-start":
        return f" {sign} {step.type}  {step.name}  {_DOING[step.op]}" if started else None
    if event.kind == "step-failed":
        return f" {sign} {step.type}  {step.name}  " + style.paint("failed", "red")
    return f" {sign} {step.type}  {step.name}  {PAST[step.op]}"
