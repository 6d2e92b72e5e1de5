"""The plan of the year: each scenario is due again a quarter after it was last run."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ops.drill.scenarios import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path

    from ops.console import Output
    from ops.workspace import Workspace

QUARTERLY = timedelta(days=92)
"""Each scenario is due again after this long."""


def schedule(workspace: Workspace, output: Output, *, today: date | None = None) -> bool:
    """Show when each scenario was last run and is due; says whether none is overdue."""
    rows = due(workspace.evidence / "drills", today or datetime.now(UTC).date())
    output.table(["scenario", "last run", "met", "due", "overdue"], [list(row.values()) for row in rows])
    overdue = [row["scenario"] for row in rows if row["overdue"] == "yes"]
    output.result({"ok": not overdue, "scenarios": rows, "overdue": overdue})
    return not overdue


def due(folder: Path, today: date) -> list[dict[str, Any]]:
    """The quarterly plan by the evidence in a folder; a scenario that was never run is due now."""
    last = _last(folder)
    rows = []
    for one in SCENARIOS:
        ran = last.get(one.name)
        wanted = ran[0] + QUARTERLY if ran else today
        rows.append(
            {
                "scenario": one.name,
                "last_run": ran[0].isoformat() if ran else "never",
                "met": "" if ran is None else "yes" if ran[1] else "no",
                "due": wanted.isoformat(),
                "overdue": "yes" if ran is None or wanted < today else "",
            }
        )
    return rows


def _last(folder: Path) -> dict[str, tuple[date, bool]]:
    """Scenario → when it was last run, and whether its objectives were met. What is no evidence is passed over."""
    found: dict[str, tuple[date, bool]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            document = json.loads(path.read_bytes())["evidence"]
            name, moment = document["scenario"]["name"], datetime.fromisoformat(document["started"]).date()
            met = bool(document["ok"])
        except (ValueError, KeyError, TypeError):
            continue
        if name not in found or moment >= found[name][0]:
            found[name] = (moment, met)
    return found
