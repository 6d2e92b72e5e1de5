"""Where a resource belongs: its region and its layer, read from the components above it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.engine import Step

GLOBAL = "global"
REGION_TYPE = "holdfast:platform:Region"
PROJECT_TYPE = "holdfast:"
_GONE = frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})


def type_chain(urn: str) -> list[str]:
    """The types in a URN, outermost first, the resource's own last."""
    return urn.split("::")[2].split("$")


def layer(urn: str) -> str:
    """The layer of a resource: the second token of its innermost `holdfast:<layer>:` type."""
    for name in reversed(type_chain(urn)):
        if name.startswith(PROJECT_TYPE):
            return name.split(":")[1]
    return "stack"


def region(urn: str, parents: Mapping[str, str]) -> str:
    """The region of a resource: the name of the Region component above it, else `global`."""
    current = urn
    while current:
        if type_chain(current)[-1] == REGION_TYPE:
            return current.split("::")[3]
        current = parents.get(current, "")
    return GLOBAL


def table(steps: Sequence[Step], regions: Iterable[str]) -> tuple[list[str], list[list[object]]]:
    """Columns and rows of regions by layer: how many resources stand in each once the steps are done.

    Components and providers are not counted: what stands in a cloud is.
    """
    parents = {step.urn: step.parent for step in steps}
    counts: Counter[tuple[str, str]] = Counter()
    for step in steps:
        if step.custom and str(step.op) not in _GONE and not step.type.startswith("pulumi:"):
            counts[layer(step.urn), region(step.urn, parents)] += 1
    columns = [*regions, GLOBAL]
    layers = sorted({name for name, _ in counts})
    rows: list[list[object]] = [
        [name, *(counts[name, column] for column in columns), sum(counts[name, column] for column in columns)]
        for name in layers
    ]
    total: list[object] = ["total", *(sum(counts[name, column] for name in layers) for column in columns)]
    total.append(sum(counts.values()))
    return ["layer", *columns, "all"], [*rows, total]
