"""What stands in each region once a run is done, by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine import Op
from sandbox.engine.display import Place, by_place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.engine import Outcome

GLOBAL = "global"
_GONE = frozenset({str(Op.DELETE), str(Op.DISCARD)})


def table(outcome: Outcome, regions: Iterable[str]) -> tuple[list[str], list[list[object]]]:
    """Columns and rows: layers by region, with how many resources stand in each after the run."""
    counts = {
        place: sum(number for op, number in found.items() if op not in _GONE)
        for place, found in by_place(outcome).items()
    }
    columns = [*regions, GLOBAL]
    rows: list[list[object]] = []
    for layer in sorted({place.layer for place in counts}):
        cells = [counts.get(Place(region, layer), 0) for region in columns]
        rows.append([layer, *cells, sum(cells)])
    totals = [sum(count for place, count in counts.items() if place.region == region) for region in columns]
    return ["layer", *columns, "all"], [*rows, ["total", *totals, sum(totals)]]
