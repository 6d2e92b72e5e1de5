"""The change of the stack file that a verdict asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.capacity.choices import WAYS, Verdict, provision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.capacity.load import Load, Place
    from settings.data import TableSettings

TARGET = 70
"""Share of the units that is meant to be used (reference orders setup: 70)."""


def patch(
    verdicts: Sequence[Verdict], loads: Mapping[Place, Load], tables: Mapping[str, TableSettings]
) -> dict[str, Any]:
    """Logical table → what is to stand under `holdfast:data.tables.<table>`; `provisioned: None` is on demand.

    The bounds of autoscaling hold for the table and each of its indexes in every region, so they fit the busiest.
    Ceilings are an on-demand table's: they go with the mode.
    """
    found: dict[str, Any] = {}
    names = {table.name: logical for logical, table in tables.items()}
    for one in verdicts:
        if one.best == one.now:
            continue
        name = names[one.table]
        if one.best == "on-demand":
            found[name] = {"provisioned": None}
        elif one.now == "on-demand":
            found[name] = {"provisioned": {way: _scaling(one.table, loads, way) for way in WAYS}}
            if tables[name].ceilings is not None:
                found[name]["ceilings"] = None
    return found


def _scaling(table: str, loads: Mapping[Place, Load], way: str) -> dict[str, int]:
    fits = [provision(load.way(way), TARGET) for place, load in loads.items() if place.table == table]
    return {
        "initial": max(fit.initial for fit in fits),
        "minimum": min(fit.minimum for fit in fits),
        "maximum": max(fit.maximum for fit in fits),
        "target_percent": TARGET,
    }


def as_yaml(change: Mapping[str, Any]) -> list[str]:
    """The lines to put into the stack file."""
    lines = ["holdfast:data:", "  tables:"]
    for table, entry in change.items():
        lines.append(f"    {table}:")
        if "ceilings" in entry:
            lines.append("      ceilings: null")
        scaling = entry["provisioned"]
        if scaling is None:
            lines.append("      provisioned: null")
            continue
        lines.append("      provisioned:")
        for way in WAYS:
            inside = ", ".join(f"{name}: {value}" for name, value in scaling[way].items())
            lines.append(f"        {way}: {{{inside}}}")
    return lines
