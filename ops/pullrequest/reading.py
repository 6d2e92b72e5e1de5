"""From what a preview left (`holdfast preview --json`, or the pulumi command's event log) to what a comment tells."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ops.deployment import pulumi_events
from ops.errors import OpsError
from ops.exits import Exit
from ops.files import read_text
from ops.pullrequest import redact
from ops.pullrequest.model import IMPORTANCE, Change, CostChange, Judgement, Preview
from sandbox.engine import Op, Step, losses
from sandbox.engine.display.diff import changes as changed_properties

_REGION: Final = re.compile(r"(?:[a-z]{2}(?:-gov|-iso[a-z]?)?)-[a-z]+-\d(?=-|$)")
_SHORT: Final = 80
"""A longer value is cut in a diff; the log has all of it."""
_LINES: Final = 40
"""Lines of one document's diff that are shown."""


def read(path: Path, stack: str, cost: CostChange | None = None) -> Preview:
    """Read one stack's preview.

    Args:
        path: the document of `holdfast preview --json`, or the log of `pulumi preview --event-log`.
        stack: its name.
        cost: the difference that the change makes, where it is known.

    Raises:
        OpsError: the file is not there, or is neither of the two.
    """
    return parse(document(path), stack, cost)


def document(path: Path) -> Mapping[str, Any]:
    """The preview in a file, in the form of `holdfast preview --json`.

    Raises:
        OpsError: the file is not there, or holds no preview.
    """
    return _document(read_text(path, fix="write it with: holdfast preview --json > preview.json"), path)


def parse(preview: Mapping[str, Any], stack: str, cost: CostChange | None = None) -> Preview:
    """The preview that a document of `holdfast preview --json` holds."""
    steps = [_step(one) for one in preview["steps"]]
    lost = {step.urn for step in losses(steps)}
    counts = preview.get("counts") or {}
    return Preview(
        stack=stack,
        ok=bool(preview["ok"]),
        changes=tuple(_change(step, lost) for step in steps if step.logical and str(step.op) in IMPORTANCE),
        unchanged=int(counts.get("same", 0)),
        findings=tuple(_judgements(preview.get("findings") or ())),
        errors=tuple(
            redact.text(" ".join(str(one["message"]).split()))
            for one in preview.get("diagnostics") or ()
            if one.get("severity") == "error"
        ),
        cost=cost,
    )


def _document(content: str, path: Path) -> Mapping[str, Any]:
    try:
        whole = json.loads(content)
    except ValueError:
        whole = None
    if isinstance(whole, dict) and "steps" in whole:
        return whole
    if isinstance(whole, dict) and "error" in whole:
        told = whole["error"]
        message = " ".join(str(told.get(key, "")) for key in ("what", "why", "fix")) if isinstance(told, dict) else told
        return {"ok": False, "steps": [], "diagnostics": [{"severity": "error", "message": str(message)}]}
    lines = content.splitlines()
    try:
        first = json.loads(lines[0])
    except (ValueError, IndexError):
        first = None
    if isinstance(first, dict) and "sequence" in first:
        return pulumi_events.outcome(
            pulumi_events.read(lines), run="preview", ok=_ended_well(lines), outputs={}, seconds=0.0
        ).to_json()
    raise OpsError(
        f"{path}: is neither a preview's document nor an event log",
        why="it must be what `holdfast preview --json` or `pulumi preview --event-log FILE` wrote",
        fix="run the preview again and pass that file",
        code=Exit.USAGE,
    )


def _ended_well(lines: Iterable[str]) -> bool:
    """A log ends with a summary, unless the run died; an error in it is a failure."""
    ended = failed = False
    for line in lines:
        ended = ended or '"summaryEvent"' in line
        failed = failed or '"severity":"error"' in line.replace(" ", "")
    return ended and not failed


def _step(shown: Mapping[str, Any]) -> Step:
    provider = str(shown.get("provider") or "")
    return Step(
        op=Op(shown["op"]),
        urn=shown["urn"],
        type=shown["type"],
        name=shown["name"],
        parent=shown.get("parent") or "",
        provider=provider,
        custom=bool(provider),
        protect=bool(shown.get("protect")),
        id=shown.get("id") or "",
        old_inputs=shown.get("oldInputs"),
        new_inputs=shown.get("newInputs"),
        outputs=shown.get("outputs"),
        detailed_diff=shown.get("detailedDiff") or {},
        keys=tuple(shown.get("replaceKeys") or ()),
        retain=bool(shown.get("retain")),
    )


def place(step: Step) -> tuple[str, str]:
    """Region and layer: the name says the one, the chain of component types the other."""
    chain = step.urn.split("::")[2].split("$") if step.urn.count("::") >= 3 else []
    layer = next((one.split(":")[1] for one in reversed(chain) if one.startswith("holdfast:")), "-")
    named = _REGION.match(step.name)
    if named is None and any(one == "holdfast:platform:Region" for one in chain):
        named = _REGION.match(step.provider.split("::")[-2] if step.provider.count("::") >= 3 else "")
    return (named.group() if named else "global", layer)


def _change(step: Step, lost: set[str]) -> Change:
    region, layer = place(step)
    rows = changed_properties(step) if step.op in (Op.UPDATE, Op.REPLACE) else []
    touched: dict[str, str] = {}
    for path, kind, _, _ in rows:
        top = re.split(r"[.\[]", path, maxsplit=1)[0]
        sign = {"add": "+", "delete": "-"}.get(kind.removesuffix("-replace"), "~")
        touched[top] = sign if touched.get(top, sign) == sign else "~"
    forcing = step.keys or tuple(path for path, kind, _, _ in rows if kind.endswith("-replace"))
    return Change(
        op=str(step.op),
        type=step.type,
        name=step.name,
        region=region,
        layer=layer,
        touched=tuple(f"{sign}{name}" for name, sign in touched.items()),
        forcing=tuple(dict.fromkeys(forcing)),
        holds_data=step.urn in lost,
        diff=tuple(line for row in rows for line in _diff(*row)),
    )


def _diff(path: str, kind: str, before: Any, after: Any) -> Iterator[str]:
    """The lines of one property; a JSON document inside a string is compared line by line."""
    before, after = redact.value(path, before), redact.value(path, after)
    mark = "  # forces replacement" if kind.endswith("-replace") else ""
    old, new = _pretty(before), _pretty(after)
    if len(old) > 1 or len(new) > 1:
        yield f"  {path}:{mark}"
        lines = [line for line in difflib.unified_diff(old, new, lineterm="", n=1) if line[:3] not in ("---", "+++")]
        yield from lines[:_LINES]
        if len(lines) > _LINES:
            yield f"  … {len(lines) - _LINES} more lines of {path}"
        return
    if not kind.startswith("add"):
        yield f"- {path}: {old[0]}{mark}"
    if not kind.startswith("delete"):
        yield f"+ {path}: {new[0]}{mark}"


def _pretty(found: Any) -> list[str]:
    if isinstance(found, str) and found[:1] in "{[":
        with contextlib.suppress(ValueError):  # it only looked like a document
            found = redact.value("", json.loads(found))
    if isinstance(found, dict | list) and found:
        return [_cut(line) for line in json.dumps(found, indent=1, sort_keys=True, default=str).splitlines()]
    return [_cut(json.dumps(found, default=str))]


def _cut(line: str) -> str:
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"


def _name(finding: Mapping[str, Any]) -> str:
    return str(finding.get("urn", "")).split("::")[-1]


def _judgements(findings: Iterable[Mapping[str, Any]]) -> Iterator[Judgement]:
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for finding in findings:
        level = "remediated" if finding.get("remediated") else str(finding["level"])
        grouped.setdefault((level, f"{finding['pack']}/{finding['policy']}"), []).append(finding)
    order = {"mandatory": 0, "remediated": 1, "advisory": 2}
    for (level, policy), found in sorted(grouped.items(), key=lambda item: (order.get(item[0][0], 3), item[0][1])):
        # By name: resources are judged in the order of their registration, which no two runs have in common.
        several = sorted(found, key=_name)
        message = str(several[0]["message"])
        if len(several) > 1 and "Fix: " in message:
            message = f"Fix: {message.partition('Fix: ')[2]}"
        names = dict.fromkeys(map(_name, several))
        yield Judgement(
            level=level,
            policy=policy,
            message=redact.text(" ".join(message.split())),
            resources=tuple(name for name in names if name),
        )
