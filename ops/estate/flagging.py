"""`holdfast evacuate` and `holdfast readmit`: show what is about to be said to every client, ask, say it."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.estate import control
from ops.estate.access import open_estate
from ops.workspace import open_workspace

if TYPE_CHECKING:
    from ops.console import Output


def change(
    region: str,
    *,
    evacuated: bool,
    reason: str,
    minutes: float | None,
    stack: str | None,
    topology: str | None,
    yes: bool,
    output: Output,
) -> None:
    """Change the flag of a region.

    Raises:
        OpsError: no such region, the last one in use, declined, or another operator was quicker.
    """
    estate = open_estate(open_workspace(stack), topology=None if topology is None else Path(topology))
    control.require_known(estate, [region])
    seen = control.read_flags(estate, patience=control.PATIENCE_SECONDS)
    now = time.time()
    standing = {name: control.newest(seen, name) for name in estate.regions}
    for name, flag in standing.items():
        output.say(f"{name}: {control.describe(flag, now)}")
    if evacuated:
        used = [name for name, flag in standing.items() if name != region and not (flag and flag.holds(now))]
        if not used:
            raise OpsError(
                f"{region} is the last region in use",
                why="with every region evacuated clients have nowhere to go",
                fix="readmit another region first: holdfast readmit REGION",
            )
        question = f"Tell every client of {estate.topology.stack!r} to leave {region}?"
    else:
        question = f"Tell every client of {estate.topology.stack!r} that {region} may be used again?"
    output.confirm(question, yes=yes)
    raised = control.raise_flag(estate, region, evacuated=evacuated, reason=reason, minutes=minutes)
    output.say(f"{region}: {control.describe(raised.flag)}; written in {raised.written_in}")
    for name, seconds in raised.arrived_seconds.items():
        output.say(f"  {name}: {'did not show it in time' if seconds is None else f'shows it after {seconds:.2f} s'}")
    silent = [name for name, flags in seen.items() if isinstance(flags, str)]
    for name in silent:
        output.warn(f"{name} did not answer; it learns of the flag when replication reaches it: {seen[name]}")
    output.result({"ok": True, **asdict(raised), "silent": silent})
