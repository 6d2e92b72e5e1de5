"""The resources of a run as a tree, as `pulumi preview` shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sandbox.engine.display.diff import changes
from sandbox.engine.display.style import PAST, PLAIN, SIGNS, Style
from sandbox.engine.model import Op, Outcome, Step
from sandbox.engine.stateful import STATEFUL

_HIDDEN = frozenset({Op.SAME, Op.REFRESH})


def tree_lines(outcome: Outcome, style: Style = PLAIN, *, sames: bool = False) -> list[str]:
    """What changes, each under its parent. Unchanged resources are there only as parents, or all with `sames`."""
    steps = {step.urn: step for step in outcome.steps if step.logical}
    shown = {urn for urn, step in steps.items() if sames or step.op not in _HIDDEN}
    for urn in list(shown):
        above = steps[urn].parent
        while above in steps and above not in shown:
            shown.add(above)
            above = steps[above].parent
    if not shown:
        return []
    children: dict[str, list[Step]] = defaultdict(list)
    for step in steps.values():
        if step.urn in shown:
            children[step.parent if step.parent in shown else ""].append(step)
    rows = list(_rows(children, "", ""))
    return _table(rows, outcome, style)


def _rows(children: dict[str, list[Step]], parent: str, margin: str) -> Iterator[tuple[str, Step]]:
    below = sorted(children[parent], key=lambda step: (step.custom, step.type, step.name))
    for index, step in enumerate(below):
        last = index == len(below) - 1
        branch = "" if not parent else "└─ " if last else "├─ "
        yield margin + branch + step.type, step
        deeper = margin + ("" if not parent else "   " if last else "│  ")
        yield from _rows(children, step.urn, deeper)


def _table(rows: list[tuple[str, Step]], outcome: Outcome, style: Style) -> list[str]:
    preview = outcome.run.startswith("preview")
    types = max(len("Type"), *(len(text) for text, _ in rows))
    names = max(len("Name"), *(len(step.name) for _, step in rows))
    words = {step.urn: _word(step, preview=preview) for _, step in rows}
    plans = max(len("Status"), *(len(word) for word in words.values()))
    heading = "Plan" if preview else "Status"
    lines = [style.paint(f"     {'Type':<{types}}  {'Name':<{names}}  {heading:<{plans}}  Info".rstrip(), "bold")]
    for text, step in rows:
        sign = style.of(step.op, f"{SIGNS[step.op]:<2}")
        word = style.of(step.op, f"{words[step.urn]:<{plans}}")
        lines.append(f" {sign}  {text:<{types}}  {step.name:<{names}}  {word}  {_info(step, outcome, style)}".rstrip())
    return lines


def _word(step: Step, *, preview: bool) -> str:
    if step.op in _HIDDEN:
        return ""
    word = str(step.op) if preview else PAST[step.op]
    return f"{word} [retain]" if step.retain and step.op is Op.DELETE else word


def _info(step: Step, outcome: Outcome, style: Style) -> str:
    parts = []
    if step.op in (Op.UPDATE, Op.REPLACE):
        named: dict[str, str] = {}
        for path, kind, _, _ in changes(step):
            key = path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
            sign = {"add": "+", "delete": "-"}.get(kind.removesuffix("-replace"), "~")
            named[key] = "~" if key in named and named[key] != sign else sign
        if named:
            parts.append("[diff: " + ",".join(f"{sign}{key}" for key, sign in named.items()) + "]")
    if step.protect and step.op is not Op.SAME:
        parts.append("[protected]")
    if step.type in STATEFUL and step.op in (Op.REPLACE, Op.DELETE) and not step.retain:
        parts.append(style.paint("holds data", "red"))
    errors = sum(one.urn == step.urn and one.severity == "error" for one in outcome.diagnostics)
    warnings = sum(one.urn == step.urn and one.severity == "warning" for one in outcome.diagnostics)
    if errors:
        parts.append(style.paint(f"{errors} error{'s'[: errors - 1]}", "red"))
    if warnings:
        parts.append(style.paint(f"{warnings} warning{'s'[: warnings - 1]}", "yellow"))
    return "; ".join(parts)
