"""A summary by region and layer, read from the URNs: the component types of a layout of regions and layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.engine import urns
from sandbox.engine.display.style import PLAIN, SIGNS, Style
from sandbox.engine.model import Op, Outcome, Step

_REGION_TYPE: Final = "holdfast:platform:Region"
_LAYER_PREFIX: Final = "holdfast:"
GLOBAL: Final = "global"
_ORDER: Final = (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.DISCARD, Op.IMPORT, Op.READ, Op.SAME)


@dataclass(frozen=True, order=True)
class Place:
    """Where a resource belongs."""

    region: str
    layer: str


def place_of(step: Step, steps: Mapping[str, Step]) -> Place:
    """Region: the name of the Region component above it, else `global`; layer: the innermost one's name."""
    region, above = GLOBAL, step.urn
    while above:
        if urns.type_of(above) == _REGION_TYPE:
            region = urns.name_of(above)
            break
        above = steps[above].parent if above in steps else ""
    layer = ""
    for type_ in reversed(urns.qualified_type(step.urn).split("$")):
        if type_.startswith(_LAYER_PREFIX):
            layer = type_.split(":")[1]
            break
    return Place(region, layer or "-")


def by_place(outcome: Outcome) -> dict[Place, Counter[str]]:
    """Custom resources by place and operation; components and providers are left out."""
    steps = {step.urn: step for step in outcome.steps}
    found: dict[Place, Counter[str]] = {}
    for step in outcome.steps:
        if step.logical and step.custom and not urns.is_provider(step.type):
            found.setdefault(place_of(step, steps), Counter())[str(step.op)] += 1
    return dict(sorted(found.items()))


def place_lines(outcome: Outcome, style: Style = PLAIN) -> list[str]:
    """A table with a row for each region and layer."""
    found = by_place(outcome)
    if not found:
        return []
    ops = [op for op in _ORDER if any(str(op) in counts for counts in found.values())]
    regions = max(len("Region"), *(len(place.region) for place in found))
    layers = max(len("Layer"), *(len(place.layer) for place in found))
    head = f"  {'Region':<{regions}}  {'Layer':<{layers}}  " + "  ".join(f"{op!s:>8}" for op in ops)
    lines = [style.paint(head.rstrip(), "bold")]
    previous = ""
    for place, counts in found.items():
        region = place.region if place.region != previous else ""
        previous = place.region
        cells = "  ".join(_cell(op, counts, style) for op in ops)
        lines.append(f"  {region:<{regions}}  {place.layer:<{layers}}  {cells}".rstrip())
    return lines


def _cell(op: Op, counts: Counter[str], style: Style) -> str:
    number = counts.get(str(op), 0)
    if not number:
        return " " * 8
    return style.of(op, f"{SIGNS[op].strip()}{number}".rjust(8))
