"""The figures of a run, as pure functions of its history."""

from __future__ import annotations

import bisect
import itertools
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ops.load.history import Attempt, History

WINDOW_SECONDS = 1.0
"""A service has resumed when it acknowledges the wanted rate over this long."""


def resumed(
    acknowledged: Sequence[float], since: float, *, rate: float, window: float = WINDOW_SECONDS
) -> float | None:
    """Seconds from `since` until writes flow again: to the first acknowledgement of a window that holds the rate.

    Stricter than the first acknowledgement alone, which one lucky write would satisfy.

    Args:
        acknowledged: times of acknowledgements, ascending.
        since: when the region was cut.
        rate: acknowledgements a second that count as flowing.
        window: seconds over which they must flow.

    Returns:
        The seconds, or None if they never did.
    """
    needed = max(1, math.ceil(rate * window))
    first = bisect.bisect_left(acknowledged, since)
    for index in range(first, len(acknowledged) - needed + 1):
        if acknowledged[index + needed - 1] - acknowledged[index] <= window:
            return acknowledged[index] - since
    return None


def longest_silence(acknowledged: Sequence[float], start: float, end: float) -> float:
    """Longest time in seconds within `[start, end]` in which nothing was acknowledged."""
    inside = [time for time in acknowledged if start <= time <= end]
    edges = [start, *inside, end]
    return max(after - before for before, after in itertools.pairwise(edges))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below or at which `share` (0 to 1) of the values lie (nearest rank); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(history: History, start: float, end: float) -> dict[str, Any]:
    """What happened in `[start, end)`: counts, rate, latencies in milliseconds, who served, which errors."""
    part = history.between(start, end)
    acknowledged = part.acknowledged()
    served: dict[str, int] = {}
    for attempt in acknowledged:
        name = attempt.region or "unknown"
        served[name] = served.get(name, 0) + 1
    failed: dict[str, int] = {}
    for attempt in part:
        if not attempt.acknowledged:
            failed[attempt.error] = failed.get(attempt.error, 0) + 1
    seconds = end - start
    return {
        "seconds": round(seconds, 3),
        "attempts": len(part),
        "acknowledged": len(acknowledged),
        "acknowledged_per_second": round(len(acknowledged) / seconds, 1) if seconds > 0 else 0.0,
        "failed": len(part) - len(acknowledged),
        "served_by": dict(sorted(served.items())),
        "errors": dict(sorted(failed.items())),
        "latency_ms": _latencies(acknowledged),
    }


def _latencies(attempts: Sequence[Attempt]) -> dict[str, float | None]:
    values = [attempt.seconds * 1000 for attempt in attempts]
    shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    found = {name: percentile(values, share) for name, share in shares.items()}
    return {name: None if value is None else round(value, 1) for name, value in found.items()}
