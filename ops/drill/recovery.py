"""RTO by phase: detect, decide, route, warm, recover; computed from what clients saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops.load.history import Attempt, History

SLOW_MS = 250.0
"""An answer slower than this, and than four times the p99 before, tells a client that something is wrong."""
WARM_SHARE = 0.9
"""Of the rate before the failure: from here on the other region carries the load."""
WARM_WINDOW_SECONDS = 0.5


def phases(history: History, fault: float, heal: float, *, home: str, before: dict[str, Any]) -> dict[str, Any]:
    """Seconds of each phase; None for one that did not happen.

    Args:
        history: what writers saw.
        fault: when the failure began.
        heal: when it ended.
        home: the region that failed.
        before: the summary of the time before it.
    """
    ordered = sorted(history, key=lambda attempt: attempt.done)
    during = [attempt for attempt in ordered if fault <= attempt.done < heal]
    elsewhere = [one for one in during if one.acknowledged and one.region not in (None, home)]
    first = elsewhere[0] if elsewhere else None
    detected = _detected(during, first, before)
    back = next((one.done for one in ordered if one.acknowledged and one.region == home and one.done >= heal), None)
    return {
        "detect": _seconds(detected, fault),
        **_moved(elsewhere, fault, detected, before["acknowledged_per_second"] * WARM_SHARE),
        "recover": _seconds(back, heal),
        "serving": _seconds(None if first is None else first.done, fault),
    }


def _detected(during: list[Attempt], first: Attempt | None, before: dict[str, Any]) -> float | None:
    slow = max(SLOW_MS, 4 * (before["latency_ms"]["p99"] or 0.0)) / 1000
    sign = next((one.done for one in during if not one.acknowledged or one.seconds > slow), None)
    # Where an order went elsewhere before any error, nobody waited for one: that order is the first sign.
    moments = [moment for moment in (sign, None if first is None else first.done) if moment is not None]
    return min(moments, default=None)


def _moved(elsewhere: list[Attempt], fault: float, detected: float | None, rate: float) -> dict[str, float | None]:
    if not elsewhere or detected is None:
        return {"decide": None, "route": None, "warm": None}
    first = elsewhere[0]
    warm = _warm([one.done for one in elsewhere], rate)
    return {
        "decide": round(max(0.0, first.sent - detected), 3),
        "route": round(first.done - max(first.sent, detected, fault), 3),
        "warm": _seconds(warm, first.done),
    }


def _warm(times: list[float], rate: float) -> float | None:
    """When the rate is first held for a window."""
    needed = max(1, int(rate * WARM_WINDOW_SECONDS))
    for index in range(len(times) - needed + 1):
        if times[index + needed - 1] - times[index] <= WARM_WINDOW_SECONDS:
            return times[index]
    return None


def _seconds(moment: float | None, since: float) -> float | None:
    return None if moment is None else round(moment - since, 3)
