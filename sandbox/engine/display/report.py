"""The whole of an outcome: what is dangerous first, then the tree, findings, diagnostics, outputs and counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sandbox.codec import same, unwrap_secrets
from sandbox.engine import urns
from sandbox.engine.display.diff import diff_lines
from sandbox.engine.display.style import PLAIN, SIGNS, TITLES, Style
from sandbox.engine.display.tree import tree_lines
from sandbox.engine.display.values import short
from sandbox.engine.model import Finding, Op, Outcome, Step
from sandbox.engine.stateful import losses

_FIX: Final = "Fix: "
_NAMED: Final = 5
"""How many resources a group of findings names."""
_VERBS: Final[Mapping[Op, tuple[str, str]]] = {
    Op.IMPORT: ("import", "imported"),
    Op.CREATE: ("create", "created"),
    Op.UPDATE: ("update", "updated"),
    Op.REPLACE: ("replace", "replaced"),
    Op.DELETE: ("delete", "deleted"),
    Op.DISCARD: ("discard", "discarded"),
}


def report(
    outcome: Outcome, style: Style = PLAIN, *, diff: bool = False, sames: bool = False, verbose: bool = False
) -> list[str]:
    """All lines of an outcome.

    `diff` shows every property instead of the tree, `sames` also what does not change, `verbose` every finding
    by itself.
    """
    sections = [
        [style.paint(TITLES[outcome.run], "bold")],
        list(_losses(outcome, style)),
        diff_lines(outcome, style) if diff else tree_lines(outcome, style, sames=sames),
        list(_diagnostics(outcome, style)),
        list(_outputs(outcome, style)),
        list(_findings(outcome.findings, style, verbose=verbose)),
        list(_counts(outcome, style)),
    ]
    lines: list[str] = []
    for section in sections:
        if section:
            lines += [*section, ""]
    return lines[:-1]


def lines(outcome: Outcome, *, color: bool = False, width: int = 100) -> list[str]:
    """The same, for a caller that knows of its terminal no more than colour and width."""
    return report(outcome, Style(color=color, width=width))


def _losses(outcome: Outcome, style: Style) -> Iterator[str]:
    """What holds data and would be lost, before everything else."""
    found = losses(outcome.steps)
    if not found:
        return
    done = not outcome.run.startswith("preview")
    verb = "were" if done else "would be"
    noun = "resource" if len(found) == 1 else "resources"
    yield style.paint(
        f"DATA LOSS: {len(found)} {noun} that hold{'s' if len(found) == 1 else ''} data {verb} lost", "red"
    )
    for step in found:
        yield style.paint(f"  {SIGNS[step.op]:<2} {step.type}  {step.name}{_why(step)}", "red")


def _why(step: Step) -> str:
    protected = ", protected" if step.protect else ""
    if step.op is Op.DELETE:
        return f"  (deleted{protected})"
    keys = ", ".join(step.keys) or ", ".join(
        path for path, kind in step.detailed_diff.items() if kind.endswith("-replace")
    )
    return f"  (replaced{f' for {keys}' if keys else ''}{protected})"


def _findings(findings: Sequence[Finding], style: Style, *, verbose: bool) -> Iterator[str]:
    """Advice by policy, with the fix once; what blocks comes last, a resource a line."""
    if not findings:
        return
    yield style.paint("Policies:", "bold")
    grouped: dict[tuple[str, str, bool], list[Finding]] = {}
    for finding in findings:
        if not finding.blocking:
            grouped.setdefault((finding.pack, finding.policy, finding.remediated), []).append(finding)
    for several in grouped.values():
        if verbose or len(several) == 1:
            for finding in several:
                yield from _finding(finding, style)
        else:
            yield from _group(several, style)
    for finding in findings:
        if finding.blocking:
            yield from _finding(finding, style)


def _finding(finding: Finding, style: Style) -> Iterator[str]:
    where = f"({urns.type_of(finding.urn)}: {urns.name_of(finding.urn)})" if urns.is_valid(finding.urn) else ""
    yield f"  {_mark(finding, style)}  {finding.pack}/{finding.policy}  {where}".rstrip()
    yield from (f"      {line}" for line in finding.message.splitlines())


def _group(several: Sequence[Finding], style: Style) -> Iterator[str]:
    first = several[0]
    names = list(dict.fromkeys(urns.name_of(one.urn) for one in several if urns.is_valid(one.urn)))
    yield f"  {_mark(first, style)}  {first.pack}/{first.policy}  ({len(several)} resources)"
    _, _, fix = first.message.partition(_FIX)
    yield f"      {_FIX}{fix}" if fix else f"      {first.message.splitlines()[0]}"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    yield f"      {', '.join(names[:_NAMED])}{more}"


def _mark(finding: Finding, style: Style) -> str:
    level = "remediated" if finding.remediated else finding.level
    severity = f" {finding.severity}" if finding.severity else ""
    return style.paint(f"[{level}]{severity}", "red" if finding.blocking else "yellow")


def _diagnostics(outcome: Outcome, style: Style) -> Iterator[str]:
    shown = [one for one in outcome.diagnostics if one.message.strip()]
    if not shown:
        return
    yield style.paint("Diagnostics:", "bold")
    by_urn: dict[str, list[str]] = {}
    for one in shown:
        color = {"error": "red", "warning": "yellow"}.get(one.severity)
        prefix = style.paint(f"{one.severity}: ", color) if color else ""
        first, *rest = one.message.strip().splitlines()
        by_urn.setdefault(one.urn, []).extend([f"    {prefix}{first}", *(f"    {line}" for line in rest)])
    for urn, lines in by_urn.items():
        yield f"  {urns.type_of(urn)} ({urns.name_of(urn)}):" if urns.is_valid(urn) else "  the stack:"
        yield from lines


def _outputs(outcome: Outcome, style: Style) -> Iterator[str]:
    old, new = outcome.old_outputs, outcome.outputs
    if outcome.run in ("destroy", "preview-destroy"):
        new = {}
    if not old and not new:
        return
    lines = list(_output_lines(old, new, style, outcome.run))
    if lines:
        yield style.paint("Outputs:", "bold")
        yield from lines


def _output_lines(old: Mapping[str, Any], new: Mapping[str, Any], style: Style, run: str) -> Iterator[str]:
    limit = style.width
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield style.of(Op.DELETE, f"  - {key}: {short(old[key], limit)}")
        elif key not in old:
            yield style.of(Op.CREATE, f"  + {key}: {short(new[key], limit)}")
        elif not same(unwrap_secrets(old[key]), unwrap_secrets(new[key])):
            yield style.of(Op.UPDATE, f"  ~ {key}: {short(old[key], limit)} => {short(new[key], limit)}")
        elif not run.startswith("preview"):
            yield f"    {key}: {short(new[key], limit)}"


def _counts(outcome: Outcome, style: Style) -> Iterator[str]:
    preview = outcome.run.startswith("preview")
    counts = outcome.counts
    changed = [(op, counts[str(op)]) for op in _VERBS if counts.get(str(op))]
    yield style.paint("Resources:", "bold")
    for op, number in changed:
        verb = f"to {_VERBS[op][0]}" if preview else _VERBS[op][1]
        yield style.of(op, f"    {SIGNS[op].strip()} {number} {verb}")
    total = sum(number for _, number in changed)
    unchanged = counts.get("same", 0) + counts.get("read", 0) + counts.get("refresh", 0)
    tail = f"{unchanged} unchanged" if unchanged else ""
    if len(changed) > 1 or (changed and unchanged):
        tail = f"{total} change{'s' if total != 1 else ''}. {tail}".strip()
    if tail or not changed:
        yield f"    {tail or '0 changes'}"
    if not preview:
        yield ""
        yield f"Duration: {_duration(outcome.duration_seconds)}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f}s"
    return f"{int(seconds // 60)}m{int(seconds % 60)}s"
