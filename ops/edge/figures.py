"""The figures of an edge's proof, as pure functions of its histories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.load.measures import percentile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.edge.plan import EdgeDemands
    from ops.load.history import History


def left(history: History, home: str, since: float, until: float) -> dict[str, Any]:
    """How customers left a region that went at `since`: first success elsewhere, and what failed meanwhile."""
    part = list(history.between(since, until))
    elsewhere = [
        attempt.done for attempt in part if attempt.acknowledged and attempt.region != home and attempt.sent >= since
    ]
    failed = [attempt for attempt in part if not attempt.acknowledged]
    errors: dict[str, int] = {}
    for attempt in failed:
        errors[attempt.error] = errors.get(attempt.error, 0) + 1
    return {
        "first_success_elsewhere_seconds": round(min(elsewhere) - since, 2) if elsewhere else None,
        "requests": len(part),
        "failed": len(failed),
        "errors": dict(sorted(errors.items())),
    }


def returned(history: History, home: str, since: float, until: float) -> dict[str, Any]:
    """How customers came back to a region that was free at `since`."""
    part = list(history.between(since, until))
    again = [attempt.done for attempt in part if attempt.acknowledged and attempt.region == home]
    failed = sum(not attempt.acknowledged for attempt in part)
    errors: dict[str, int] = {}
    for attempt in part:
        if not attempt.acknowledged:
            errors[attempt.error] = errors.get(attempt.error, 0) + 1
    latencies = [1000 * (attempt.done - attempt.sent) for attempt in part if attempt.acknowledged]
    p99 = percentile(latencies, 0.99)
    return {
        "first_success_at_home_seconds": round(min(again) - since, 2) if again else None,
        "requests": len(part),
        "failed": failed,
        "errors": dict(sorted(errors.items())),
        "failed_percent": round(100 * failed / len(part), 2) if part else 0.0,
        "p99_ms": None if p99 is None else round(p99, 1),
    }


def expected_dns_seconds(interval: float, failures: int, ttl: int, pace: float) -> float:
    """Detection and time to live, at the sandbox's pace; an answer is kept for a whole second at least."""
    return interval * failures * pace + max(1, round(ttl * pace))


def failures_of(evidence: Mapping[str, Any], demands: EdgeDemands) -> list[str]:
    """What of the demands is not met, a sentence each; empty means that the proof holds."""
    found: list[str] = []
    bounds = {
        "dns": evidence["expected_dns_seconds"] + demands.dns_slack_seconds,
        "flag": evidence["flagged_after_seconds"] + demands.flag_seconds,
        "own": demands.own_seconds,
    }
    for way, bound in bounds.items():
        seconds = evidence["cut"][way]["first_success_elsewhere_seconds"]
        if seconds is None:
            found.append(f"the cut: customers who leave by {way} were never served elsewhere")
        elif seconds > bound:
            found.append(
                f"the cut: customers who leave by {way} were served elsewhere after {seconds} s, not {bound:g} s"
            )
    found += _back("the cut", evidence["healed"], demands)
    moved = evidence["evacuated"]["dns"]["first_success_elsewhere_seconds"]
    if moved is None:
        found.append("the evacuation: customers who follow DNS did not leave")
    if evidence["evacuated"]["dns"]["failed"]:
        found.append(f"the evacuation: {evidence['evacuated']['dns']['failed']} requests failed; a flag fails none")
    found += _back("the evacuation", evidence["readmitted"], demands)
    if evidence["lost"]:
        found.append(f"{evidence['lost']} acknowledged orders cannot be read")
    for name, result in evidence["refused"].items():
        if not result["ok"]:
            found.append(f"bad request {name!r}: {result['said']}")
    for region, result in evidence["journeys"].items():
        if not result["ok"]:
            found.append(f"the journey through {region} failed: {result['said']}")
    return found


def _back(what: str, figures: Mapping[str, Any], demands: EdgeDemands) -> list[str]:
    found = []
    dns = figures["dns"]
    if dns["first_success_at_home_seconds"] is None:
        found.append(f"after {what}: customers who follow DNS did not come back to the home region")
    for way, result in figures.items():
        if result["failed_percent"] > demands.failback_error_percent:
            found.append(f"after {what}: {result['failed_percent']} % of the requests of {way} failed on the way back")
    return found
