"""A violation drawn: a line per operation, so that the story can be read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.testing.checker.history import Op, Violation

WIDTH = 56
"""Characters of the time axis."""
AROUND = 6
"""Operations shown before and after those of the violation."""


def draw(violation: Violation, ops: Sequence[Op], *, width: int = WIDTH) -> str:
    """The operations on the violation's key around it, on one time axis; those that it names are marked."""
    mine = sorted((op for op in ops if op.key == violation.key), key=lambda op: op.start)
    named = {id(op) for op in violation.ops}
    places = [index for index, op in enumerate(mine) if id(op) in named]
    if places:
        mine = mine[max(0, places[0] - AROUND) : places[-1] + AROUND + 1]
    lines = [f"{violation.rule} on {violation.key}: {violation.message}"]
    if not mine:
        return lines[0]
    first = min(op.start for op in mine)
    last = max(op.end if op.end != math.inf else op.start for op in mine)
    span = max(last - first, 1e-9)
    lines.append(f"{'':34} {first:<.3f} s{'':{max(0, width - 16)}}{last:.3f} s")
    for op in mine:
        left = int((op.start - first) / span * (width - 1))
        open_end = op.end == math.inf or op.outcome == "unknown"
        right = width - 1 if op.end == math.inf else int((op.end - first) / span * (width - 1))
        bar = " " * left + "[" + "-" * max(0, right - left - 1) + ("…" if open_end else "]")
        mark = ">" if id(op) in named else " "
        version = "" if op.version is None else f" v{op.version}"
        what = f"{op.process} {op.kind} {op.value!r}{version}"
        where = f" {op.region}" if op.region else ""
        lines.append(f"{mark} {what[:32]:32} {bar:{width}} {op.outcome}{where}")
    return "\n".join(lines)
