"""The figures of a drill, computed from the history of its clients and the drill's own moments alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.load.measures import longest_silence, percentile, summary

if TYPE_CHECKING:
    from ops.drill.scenarios import Objectives
    from ops.load.history import History

SLOW_MS = 250.0
"""An answer slower than this, and than four times the p99 before, tells a client that something is wrong."""
WARM_SHARE = 0.9
"""Of the rate before the failure: from here on the other region carries the load."""
WARM_WINDOW_SECONDS = 0.5


def compute(history: History, marks: dict[str, float], *, home: str) -> dict[str, Any]:
    """All figures.

    Args:
        history: what the clients saw.
        marks: `begin` (load starts), `fault`, `heal`, `end`, on the history's clock.
        home: the region that was made to fail.

    Returns:
        `phases` (before, during, after: counts, rates, latencies, errors), `rto` by phase in seconds (None where it
        did not happen), `errors_share`, `p99_ms` and `longest_silence_seconds` during the failure.
    """
    begin, fault, heal, end = (marks[name] for name in ("begin", "fault", "heal", "end"))
    phases = {
        name: summary(history, start, stop)
        for name, start, stop in (("before", begin, fault), ("during", fault, heal), ("after", heal, end))
    }
    during = history.between(fault, heal)
    acknowledged = sorted(attempt.done for attempt in during.acknowledged())
    attempts = len(during)
    return {
        "phases": phases,
        "rto": _recovery(history, marks, home=home, baseline=phases["before"]),
        "errors_share": round((attempts - len(acknowledged)) / attempts, 4) if attempts else 1.0,
        "p99_ms": phases["during"]["latency_ms"]["p99"],
        "longest_silence_seconds": round(longest_silence(acknowledged, fault, heal), 3),
    }


def _recovery(
    history: History, marks: dict[str, float], *, home: str, baseline: dict[str, Any]
) -> dict[str, float | None]:
    """RTO by phase: detect, decide, route, warm, recover; and from the failure to serving in all."""
    fault, heal = marks["fault"], marks["heal"]
    slow = max(SLOW_MS, 4 * (baseline["latency_ms"]["p99"] or 0.0)) / 1000
    ordered = sorted(history, key=lambda attempt: attempt.done)
    signs = [
        attempt for attempt in ordered if attempt.done >= fault and (not attempt.acknowledged or attempt.seconds > slow)
    ]
    signs = [attempt for attempt in signs if attempt.done < heal]
    elsewhere = [
        attempt
        for attempt in ordered
        if attempt.acknowledged and attempt.region not in (None, home) and fault <= attempt.done < heal
    ]
    first = elsewhere[0] if elsewhere else None
    detected = signs[0].done if signs else None
    if first is not None and (detected is None or first.done < detected):
        # The first sign was an order that went elsewhere: nobody waited for an error.
        detected = first.done
    back = [attempt.done for attempt in ordered if attempt.acknowledged and attempt.region == home]
    back = [done for done in back if done >= heal]
    warm = _warm([attempt.done for attempt in elsewhere], baseline["acknowledged_per_second"] * WARM_SHARE)
    total = None if first is None else first.done - fault
    return {
        "detect": _seconds(detected, fault),
        "decide": None if first is None or detected is None else round(max(0.0, first.sent - detected), 3),
        "route": None if first is None else round(first.done - max(first.sent, detected or first.sent, fault), 3),
        "warm": None if first is None or warm is None else round(warm - first.done, 3),
        "recover": _seconds(back[0] if back else None, heal),
        "serving": None if total is None else round(total, 3),
    }


def _warm(times: list[float], rate: float) -> float | None:
    """When the acknowledgements of a short window first held the rate."""
    needed = max(1, int(rate * WARM_WINDOW_SECONDS))
    for index in range(len(times) - needed + 1):
        if times[index + needed - 1] - times[index] <= WARM_WINDOW_SECONDS:
            return times[index]
    return None


def _seconds(moment: float | None, since: float) -> float | None:
    return None if moment is None else round(moment - since, 3)


def judge(evidence: dict[str, Any], objectives: Objectives, *, leaves_home: bool) -> list[str]:
    """Which objectives the drill did not meet, a sentence each."""
    figures, failed = evidence["figures"], []
    serving = figures["rto"]["serving"]
    if leaves_home:
        if serving is None:
            failed.append("no other region served while the home region was gone")
        elif serving > objectives.rto_seconds:
            failed.append(f"RTO {serving:.1f} s, objective {objectives.rto_seconds:g} s")
        if figures["rto"]["recover"] is None:
            failed.append("the home region was not used again after it was healed")
    age = evidence["at_risk"]["oldest_seconds"]
    if age is not None and age > objectives.rpo_seconds:
        failed.append(f"RPO {age:.2f} s, objective {objectives.rpo_seconds:g} s")
    if figures["errors_share"] > objectives.error_share:
        failed.append(f"{figures['errors_share']:.0%} of attempts failed, objective {objectives.error_share:.0%}")
    p99 = figures["p99_ms"]
    if p99 is None or p99 > objectives.p99_ms:
        failed.append(f"p99 {p99} ms during the failure, objective {objectives.p99_ms:g} ms")
    lost = evidence["lost"]
    if lost:
        failed.append(f"{len(lost)} acknowledged orders were lost, such as {lost[0]}")
    return failed


def latency(history: History, share: float) -> float | None:
    """A percentile of the latencies of acknowledged orders, in milliseconds."""
    value = percentile([attempt.seconds for attempt in history.acknowledged()], share)
    return None if value is None else value * 1000
