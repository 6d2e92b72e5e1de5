"""Each alarm that the program makes has a runbook, and each runbook an alarm, a scenario, or a runbook before it."""

from __future__ import annotations

import re
from pathlib import Path

from ops.drill.scenarios import SCENARIOS

FOLDER = Path(__file__).parents[4] / "docs" / "runbooks"
AFTERWARDS = {"failback": "region-loss", "restore": "backup-failed"}
"""Pages for what comes after: opened from another page, or from the index."""
EVENTS = {"key-disabled"}
"""Pages of what an event tells rather than an alarm; practised by a scenario."""


def named(recorded) -> set[str]:
    found = set()
    for kind in ("metricAlarm:MetricAlarm", "compositeAlarm:CompositeAlarm"):
        for alarm in recorded.of(kind):
            description = alarm.inputs["alarmDescription"]
            page = re.search(r"docs/runbooks/([a-z-]+)\.md", description)
            assert page, f"{description}: names no runbook"
            found.add(page.group(1))
    return found


def test_each_alarm_has_a_runbook_and_each_runbook_an_alarm_or_scenario(prod):
    pages = {path.stem for path in FOLDER.glob("*.md") if path.stem != "README"}
    alarms = named(prod)
    assert alarms <= pages, f"no page: {sorted(alarms - pages)}"
    practised = {one.runbook for one in SCENARIOS}
    assert practised <= pages
    for page, before in AFTERWARDS.items():
        assert page in pages
        assert before in pages
    left = pages - alarms - practised - AFTERWARDS.keys() - EVENTS
    # Provisioned tables have alarms of their own; `prod` is on demand, so they are named in the code alone.
    code = "\n".join(path.read_text() for path in (FOLDER.parents[1] / "components" / "monitoring").glob("*.py"))
    assert not [page for page in left if f'runbook="{page}"' not in code]
