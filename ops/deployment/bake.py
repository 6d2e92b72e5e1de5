"""Watching a change stand: alarms that were quiet before it and are not any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from ops.errors import OpsError
from ops.estate.access import Estate
from ops.estate.reach import reason

Ringing = Mapping[str, frozenset[str]]
"""Region → names of the alarms in ALARM. A region that cannot be asked rings by itself."""


def ringing(estate: Estate) -> Ringing:
    """The alarms that ring now, in every region of the stack."""
    with ThreadPoolExecutor(max_workers=len(estate.regions)) as pool:
        return dict(zip(estate.regions, pool.map(lambda region: _region(estate, region), estate.regions), strict=True))


def _region(estate: Estate, region: str) -> frozenset[str]:
    try:
        pages = estate.client("cloudwatch", region).get_paginator("describe_alarms").paginate(StateValue="ALARM")
        return frozenset(
            str(alarm["AlarmName"])
            for page in pages
            for alarm in (*page.get("MetricAlarms", []), *page.get("CompositeAlarms", []))
        )
    except Exception as error:  # noqa: BLE001 (a region that cannot be asked must not pass for a quiet one)
        return frozenset({f"unreachable: {reason(error)}"})


def bake(
    look: Callable[[], Ringing],
    before: Ringing,
    *,
    seconds: float,
    interval: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[float]:
    """Look until the time is over; gives the seconds left after each look.

    Args:
        look: what rings now.
        before: what rang before the change; it is not the change's fault.
        seconds: how long.
        interval: between two looks, in seconds.
        clock: seconds.
        sleep: how to wait.

    Raises:
        OpsError: an alarm rings that was quiet before.
    """
    ends = clock() + seconds
    while True:
        new = {
            region: sorted(names - before.get(region, frozenset()))
            for region, names in look().items()
            if names - before.get(region, frozenset())
        }
        if new:
            raise OpsError(
                "an alarm rings that was quiet before the change",
                why="\n".join(f"{region}: {', '.join(names)}" for region, names in new.items()),
                fix="the rest of the regions were left as they were; deploy the commit before this one to go back",
            )
        left = ends - clock()
        yield max(0.0, left)
        if left <= 0:
            return
        sleep(min(interval, left))
