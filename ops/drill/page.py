"""The page of a drill: what was done, what was measured, against which objectives; for who was not there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ops.html import Html, Series, badge, facts, join, lines, note, page, section, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.drill.events import EventLog

STEP_SECONDS = 0.25
"""Width of a step of the charts."""
MOST_ORDERS = 50
"""Orders at risk that the page names; the evidence names all."""


def render(evidence: Mapping[str, Any], log: EventLog, *, key: str) -> str:
    """The page, self-contained."""
    scenario, figures = evidence["scenario"], evidence["figures"]
    verdict = badge("met", "good") if evidence["ok"] else badge("not met", "bad")
    missed = [note(one, kind="bad") for one in evidence["failures"]]
    lead = join(
        [f"Stack {evidence['stack']}, region {evidence['region']}, {evidence['started']}, by {evidence['operator']}. "]
    )
    return page(
        f"Drill: {scenario['title']}",
        section("verdict", "Verdict", verdict, *missed, _facts(evidence)),
        section("done", "What was done", note(scenario["simulated"]), _incident(scenario)),
        section("recovery", "Recovery", _rto(figures), _risk(figures)),
        section("clients", "What clients saw", _phases(figures), *_charts(evidence, log)),
        section("proof", "Proof", note(
            f"Drawn from {evidence['history']['file']} (SHA-256 {evidence['history']['sha256']}), which the signed "
            f"evidence {evidence['id']}.json names; signed with {key}. "
            f"Check it with: holdfast drill verify {evidence['id']}.json"
        )),
        lead=lead,
    )  # fmt: skip


def _facts(evidence: Mapping[str, Any]) -> Html:
    figures, wanted = evidence["figures"], evidence["objectives"]
    return facts(
        {
            "RTO": f"{_seconds(figures['rto']['serving'])} (objective {wanted['rto_seconds']:g} s)",
            "RPO": f"{_seconds(figures['at_risk']['oldest_seconds'] or 0.0)} (objective {wanted['rpo_seconds']:g} s)",
            "Orders at risk": len(figures["at_risk"]["orders"]),
            "Errors": f"{figures['errors_share']:.1%} (objective {wanted['error_share']:.0%})",
            "p99": f"{figures['p99_ms']} ms (objective {wanted['p99_ms']:g} ms)",
            "Lost": len(figures["lost"]),
        }
    )


def _incident(scenario: Mapping[str, Any]) -> Html:
    if not scenario["source"]:
        return join([])
    moments = [[one["at"], one["what"]] for one in scenario["timeline"]]
    return join([table(f"As it happened: {scenario['source']}", ["when", "what"], moments)])


def _rto(figures: Mapping[str, Any]) -> Html:
    return table(
        "RTO by phase", ["phase", "seconds"], [[name, _seconds(value)] for name, value in figures["rto"].items()]
    )


def _risk(figures: Mapping[str, Any]) -> Html:
    orders = figures["at_risk"]["orders"]
    if not orders:
        return note("No order was at risk: another region had each that the failed one acknowledged.", kind="good")
    more = f"; the first {MOST_ORDERS} of {len(orders)}" if len(orders) > MOST_ORDERS else ""
    return table(f"Orders at risk when the region failed{more}", ["order"], [[one] for one in orders[:MOST_ORDERS]])


def _phases(figures: Mapping[str, Any]) -> Html:
    columns = ["phase", "acknowledged", "per second", "refused", "p50 ms", "p99 ms", "served by"]
    rows = [
        [name, part["acknowledged"], part["acknowledged_per_second"], part["failed"], part["latency_ms"]["p50"],
         part["latency_ms"]["p99"], ", ".join(f"{region} {count}" for region, count in part["served_by"].items())]
        for name, part in figures["phases"].items()
    ]  # fmt: skip
    return table("Before, during and after the failure", columns, rows)


def _charts(evidence: Mapping[str, Any], log: EventLog) -> list[Html]:
    """Orders a second by the region that served them, and the slowest answer of each step."""
    begin = log.marks["begin"]
    marks = {name: round(log.marks[at] - begin, 2) for name, at in (("failure", "fault"), ("healed", "heal"))}
    counts: dict[str, dict[int, int]] = {}
    slowest: dict[int, float] = {}
    for one in log.writes:
        step = math.floor((one.done - begin) / STEP_SECONDS)
        if step < 0:
            continue
        slowest[step] = max(slowest.get(step, 0.0), one.seconds * 1000)
        name = (one.region or "unknown") if one.acknowledged else "refused"
        counts.setdefault(name, {})[step] = counts.get(name, {}).get(step, 0) + 1
    last = max(slowest, default=0)
    served = [
        Series(name=name, points=[(step * STEP_SECONDS, found.get(step, 0) / STEP_SECONDS) for step in range(last + 1)])
        for name, found in sorted(counts.items())
    ]
    waits = [Series(name="slowest", points=[(step * STEP_SECONDS, slowest.get(step, 0.0)) for step in range(last + 1)])]
    limit = evidence["objectives"]["p99_ms"]
    return [
        lines("Orders a second, by who served them", served, x="seconds", y="orders a second", marks=marks),
        lines(
            "Slowest answer",
            waits,
            x="seconds",
            y="ms",
            marks=marks,
            limit=limit if max(slowest.values(), default=0) > limit / 4 else None,
        ),
    ]


def _seconds(value: float | None) -> str:
    return "did not happen" if value is None else f"{value:.2f} s"
