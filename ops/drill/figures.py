"""The figures of a drill, computed from its raw log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.drill import recovery
from ops.load.measures import longest_silence, percentile, summary

if TYPE_CHECKING:
    from ops.drill.events import EventLog
    from ops.load.history import Attempt

RISK_WINDOW_SECONDS = 5.0
"""Orders that the failed region acknowledged this long before its failure are looked for in the others."""


def compute(log: EventLog, *, home: str) -> dict[str, Any]:
    """All figures.

    Returns:
        `phases` (before, during, after: counts, rates, latencies, errors), `rto` by phase in seconds (None where it
        did not happen), `errors_share`, `p99_ms` and `longest_silence_seconds` during the failure, `reads` where
        clients read, `at_risk` (RPO: the orders, and the age of the oldest when the region failed), `acknowledged` in
        all, and `lost`: acknowledged orders that are missing or altered in any region afterwards.
    """
    begin, fault, heal, end = (log.marks[name] for name in ("begin", "fault", "heal", "end"))
    parts = {
        name: summary(log.writes, start, stop)
        for name, start, stop in (("before", begin, fault), ("during", fault, heal), ("after", heal, end))
    }
    during = log.writes.between(fault, heal)
    acknowledged = sorted(attempt.done for attempt in during.acknowledged())
    return {
        "phases": parts,
        "rto": recovery.phases(log.writes, fault, heal, home=home, before=parts["before"]),
        "errors_share": round((len(during) - len(acknowledged)) / len(during), 4) if len(during) else 1.0,
        "p99_ms": parts["during"]["latency_ms"]["p99"],
        "longest_silence_seconds": round(longest_silence(acknowledged, fault, heal), 3),
        "reads": _reads(log, fault, heal),
        "at_risk": _at_risk(log, fault, home),
        "acknowledged": len(log.writes.acknowledged()),
        "lost": sorted({one for look in log.looks if look.purpose == "rest" for one in (*look.missing, *look.altered)}),
    }


def exposed(log: EventLog, fault: float, home: str) -> list[Attempt]:
    """The orders that may be at risk: those that the failed region acknowledged last."""
    return [
        one
        for one in log.writes.acknowledged()
        if one.region == home and fault - RISK_WINDOW_SECONDS <= one.done <= fault
    ]


def _at_risk(log: EventLog, fault: float, home: str) -> dict[str, Any]:
    """What is in no other region that answered: an order that one other has is not lost with its region."""
    answered = [set(look.missing) for look in log.looks if look.purpose == "risk" and not look.fault]
    gone = set.intersection(*answered) if answered else set()
    found = [one for one in exposed(log, fault, home) if one.order_id in gone]
    oldest = max((fault - one.done for one in found), default=None)
    return {
        "orders": sorted(str(one.order_id) for one in found),
        "oldest_seconds": None if oldest is None else round(oldest, 3),
    }


def _reads(log: EventLog, fault: float, heal: float) -> dict[str, Any] | None:
    during = list(log.reads.between(fault, heal))
    if not during:
        return None
    answered = [one.seconds * 1000 for one in during if one.acknowledged]
    p99 = percentile(answered, 0.99)
    return {
        "attempts": len(during),
        "failed": len(during) - len(answered),
        "p99_ms": None if p99 is None else round(p99, 1),
    }
