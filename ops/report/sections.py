"""The sections of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsfacts.prices import warnings
from ops.cost.model import cents
from ops.html import Badge, Html, Series, badge, bars, facts, join, lines, note, section, stacked, table
from ops.report.gather import age
from ops.report.world import world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.report.gather import Gathered

DEAREST = 15
FAILED = 60
DRILLS = 12
"""Most rows of a table; how many there are beyond is said."""


STATES: Mapping[str, Badge] = {"passed": "good", "failed": "bad", "not applicable": "soft"}


def summary(found: Gathered) -> Html:
    """What a reader looks for first."""
    ready = found.readiness
    total = found.estimate.total.likely
    mandatory = len(found.policies.mandatory) if found.policies else None
    overdue = sum(1 for row in found.plan if row["overdue"])
    figures: dict[str, object] = {
        "home region": found.settings.home.name,
        "regions": len(found.settings.region_names),
        "readiness": _ready(found),
        "of the checklist": "nothing" if ready is None else f"{ready.score:.1%}",
        "mandatory findings": "unknown" if mandatory is None else badge(mandatory, "bad" if mandatory else "good"),
        "likely a month": f"{cents(total):,} USD",
        "budget": "none" if found.traffic.budget_usd is None else f"{found.traffic.budget_usd:,} USD",
        "drills overdue": badge(overdue, "bad" if overdue else "good"),
    }  # fmt: skip
    told = [] if found.deployed else [
        note("The stack is not deployed here: resources and costs are those that its stack file asks for, and "
             "readiness is not known.", kind="warn")
    ]  # fmt: skip
    return section("summary", "Summary", facts(figures), *told)


def places(found: Gathered) -> Html:
    """The map."""
    names = found.settings.region_names
    return section("map", "Regions and layers", world(names, names[0], found.resources, found.lag_ms))


def costs(found: Gathered) -> Html:
    """The estimate."""
    total = found.estimate.total
    by_region: dict[str, dict[str, float]] = {}
    for layer, regions in found.estimate.by_place().items():
        for region, usd in regions.items():
            by_region.setdefault(region, {})[layer] = float(cents(usd.likely))
    dearest = sorted(found.estimate.lines, key=lambda one: (-one.usd.likely, one.region, one.resource, one.what))
    rows = [
        [one.resource, one.region, one.what, float(cents(one.usd.low)), float(cents(one.usd.likely)),
         float(cents(one.usd.high)), "yes" if one.price.confirmed else "no"]
        for one in dearest[:DEAREST]
    ]  # fmt: skip
    budget = found.traffic.budget_usd
    figures: dict[str, object] = {
        "low": f"{cents(total.low):,} USD",
        "likely": f"{cents(total.likely):,} USD",
        "high": f"{cents(total.high):,} USD",
    }
    if budget:
        over = total.likely > budget
        figures["of the budget"] = badge(f"{total.likely / budget:.0%}", "bad" if over else "good")
    told = [
        note(line, kind="warn")
        for line in warnings((one.price for one in found.estimate.lines), today=found.made.date())
    ]
    told += [note(f"Not priced: {count} of {kind}", kind="warn") for kind, count in found.estimate.unpriced.items()]
    return section(
        "costs", "Costs", facts(figures), *told,
        stacked("Likely costs by region and layer", dict(sorted(by_region.items())), unit="USD a month", name="region"),
        table(_most("The dearest lines", len(dearest), DEAREST),
              ["resource", "region", "what", "low", "likely", "high (USD)", "price confirmed"], rows),
    )  # fmt: skip


def drills(found: Gathered) -> Html:
    """What was practised, and what is due."""
    today = found.made.date()
    rows = []
    for one in found.drills[:DRILLS]:
        figures = one.get("figures") or {}
        serving = (figures.get("rto") or {}).get("serving")
        rows.append(
            [
                (one.get("scenario") or {}).get("name", "unknown"), age(one.get("started"), today),
                badge("met", "good") if one.get("ok") else badge("not met", "bad"),
                "not measured" if serving is None else f"{serving:.2f} s",
                len(_listed((figures.get("at_risk") or {}).get("orders"))), len(_listed(figures.get("lost"))),
            ]
        )  # fmt: skip
    done = (
        table(
            _most("Drills", len(found.drills), DRILLS),
            ["scenario", "when", "objectives", "RTO", "at risk", "lost"],
            rows,
        )
        if rows
        else note("No drill was run.", kind="warn")
    )
    plan = [
        [
            row["scenario"],
            row["last_run"],
            row["due"],
            badge("overdue", "bad") if row["overdue"] else badge("no", "good"),
        ]
        for row in found.plan
    ]
    return section(
        "drills", "Drills", done, table("The quarterly plan", ["scenario", "last run", "due", "overdue"], plan)
    )


def readiness(found: Gathered) -> Html:
    """The checklist."""
    if found.readiness is None:
        return section("readiness", "Readiness", note("Not known: nothing is deployed.", kind="warn"))
    required = {one.line: one.required for one in found.readiness.findings}
    rows = []
    for line, state in found.readiness.lines().items():
        of = [one for one in found.readiness.findings if one.line == line and one.state != "not applicable"]
        rows.append(
            [
                line,
                "required" if required[line] else "recommended",
                badge(state, STATES[state]),
                f"{sum(one.state == 'passed' for one in of)} of {len(of)}",
            ]
        )
    failed = [one for one in found.readiness.findings if one.state == "failed"]
    pillars = {pillar: share * 100 for pillar, share in found.readiness.pillars().items()}
    parts = [
        bars("What is shown, by pillar", pillars, unit="%", name="pillar"),
        table("The checklist", ["line", "kind", "state", "subjects"], rows),
    ]
    if failed:
        caption = _most("What is not shown", len(failed), FAILED)
        told = [[one.id, one.reason, one.fix] for one in failed[:FAILED]]
        parts.append(table(caption, ["finding", "why", "what to do"], told))
    return section("readiness", "Readiness", *parts)


def lag(found: Gathered) -> Html:
    """Replication lag, and what clients saw when a region was lost."""
    parts: list[Html] = [note(f"Replication lag not known: {one}", kind="warn") for one in found.lag_unknown]
    if found.lag_today:
        series = [Series(name=pair, points=points) for pair, points in sorted(found.lag_today.items())]
        limit = found.settings.objectives.rpo_seconds * 1000
        title = "Replication lag of the last day, the largest of each quarter of an hour"
        parts.append(lines(title, series, x="hours", y="ms", limit=limit))
    parts += _proof(found) if found.proof else [note("Failover not measured: see holdfast prove.", kind="warn")]
    return section("lag", "Replication and failover", join(parts))


def _proof(found: Gathered) -> list[Html]:
    proof = found.proof or {}
    pairs = {f"{source} to {target}": ms for (source, target), ms in sorted(found.lag_ms.items())}
    serving = (proof.get("failover") or {}).get("seconds")
    told = f"Measured {age(proof.get('started'), found.made.date())} by the proof in the sandbox"
    parts = [
        note(f"{told}; writes flowed again {serving} s after the home region was lost." if serving else f"{told}.")
    ]
    if pairs:
        parts.append(bars("Replication lag, median", pairs, unit="ms", name="pair"))
    if found.served:
        series = [Series(name=region, points=points) for region, points in found.served.items()]
        parts.append(lines("Orders a second, by the region that served them", series, x="seconds", y="orders a second"))
    return parts


def _ready(found: Gathered) -> Html:
    if found.readiness is None:
        return badge("unknown", "warn")
    return badge("ready", "good") if found.readiness.ready else badge("not ready", "bad")


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _most(caption: str, count: int, shown: int) -> str:
    return f"{caption}; the first {shown} of {count}" if count > shown else caption
