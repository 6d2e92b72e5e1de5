"""Every change in full, as `pulumi preview --diff` shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.codec import Secret
from sandbox.engine import paths
from sandbox.engine.diffs import compare
from sandbox.engine.display.style import PLAIN, SIGNS, Style
from sandbox.engine.display.values import SECRET, dig, short
from sandbox.engine.model import Op, Outcome, Step

_QUIET = frozenset({Op.SAME, Op.REFRESH})
_KIND_OPS = {"add": Op.CREATE, "delete": Op.DELETE, "update": Op.UPDATE}


def diff_lines(outcome: Outcome, style: Style = PLAIN) -> list[str]:
    """All steps that change something, with their properties."""
    lines: list[str] = []
    for step in outcome.steps:
        if step.op not in _QUIET:
            lines.extend(step_lines(step, style))
    return lines


def step_lines(step: Step, style: Style = PLAIN) -> Iterator[str]:
    """One step: a head line, where it is, and its properties or how they differ."""
    sign = SIGNS[step.op]
    protected = " [protected]" if step.protect else ""
    yield style.of(step.op, f"{sign:<2} {step.type}: ({step.op}){protected}")
    if step.id and step.op is not Op.CREATE:
        yield f"       [id={step.id}]"
    yield f"       [urn={step.urn}]"
    if step.provider:
        yield f"       [provider={step.provider}]"
    if step.op in (Op.CREATE, Op.CREATE_REPLACEMENT, Op.IMPORT):
        yield from _properties(step.new_inputs or {}, step.op, style)
    elif step.op in (Op.DELETE, Op.DELETE_REPLACED, Op.DISCARD, Op.DISCARD_REPLACED):
        yield from _properties(step.old_inputs or {}, step.op, style)
    else:
        yield from _changes(step, style)


def _properties(properties: Mapping[str, Any], op: Op, style: Style) -> Iterator[str]:
    shown = [key for key in properties if not key.startswith("__")]
    width = max((len(key) for key in shown), default=0)
    for key in sorted(shown):
        yield from _value(f"{key:<{width}}", properties[key], 4, style, op)


def _value(key: str, value: Any, indent: int, style: Style, op: Op) -> Iterator[str]:
    margin, sign = " " * indent, SIGNS[op][:1]
    if isinstance(value, Secret):
        yield style.of(op, f"{margin}{sign} {key}: {SECRET}")
    elif isinstance(value, dict) and value:
        yield style.of(op, f"{margin}{sign} {key}: {{")
        width = max(len(inner) for inner in value)
        for inner in sorted(value):
            yield from _value(f"{inner:<{width}}", value[inner], indent + 4, style, op)
        yield style.of(op, f"{margin}  }}")
    elif isinstance(value, list) and value:
        yield style.of(op, f"{margin}{sign} {key}: [")
        for index, item in enumerate(value):
            yield from _value(f"[{index}]", item, indent + 4, style, op)
        yield style.of(op, f"{margin}  ]")
    else:
        yield style.of(op, f"{margin}{sign} {key}: {short(value)}")


def _changes(step: Step, style: Style) -> Iterator[str]:
    for path, kind, before, after in changes(step):
        forced = kind.endswith("-replace")
        op = _KIND_OPS[kind.removesuffix("-replace")]
        sign = SIGNS[op]
        mark = style.paint(" (forces replacement)", "red") if forced else ""
        if op is Op.CREATE:
            yield style.of(op, f"     {sign} {path}: {short(after)}") + mark
        elif op is Op.DELETE:
            yield style.of(op, f"     {sign} {path}: {short(before)}") + mark
        else:
            yield style.of(op, f"     {sign} {path}: {short(before)} => {short(after)}") + mark


def changes(step: Step) -> list[tuple[str, str, Any, Any]]:
    """Path, kind, old and new value of every property that differs: as the provider says, else by comparing inputs.

    In a refresh the old value is what the state had and the new one what the cloud has.
    """
    old, new = step.old_inputs or {}, step.new_inputs or {}
    detailed = dict(step.detailed_diff)
    if not detailed:
        detailed = dict(compare(old, new).detailed)
        for key in step.keys:
            detailed[key] = f"{detailed.get(key, 'update').removesuffix('-replace')}-replace"
    rows = []
    for text, kind in sorted(detailed.items()):
        try:
            path = paths.parse(text)
        except ValueError:
            path = (text,)
        before, after = dig(old, path), dig(new, path)
        if before is None:
            before = dig(step.old_outputs or {}, path)
        if after is None and step.outputs:
            after = dig(step.outputs, path)
        rows.append((text, kind, before, after))
    return rows
