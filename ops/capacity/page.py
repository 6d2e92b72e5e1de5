"""The monthly report of capacity as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.capacity.load import average, peak
from ops.cost.model import cents
from ops.html import Html, Series, badge, facts, lines, note, page, section, stacked, table, tag

if TYPE_CHECKING:
    from datetime import datetime

    from ops.capacity.command import Analysis

CHARTS = 8
"""Tables with a chart of their own, the busiest first; the others stand in the tables."""


def document(found: Analysis, *, made: datetime, month: str | None = None) -> str:
    """The page; `made`, and the month that it is about, are told in its head."""
    from ops.capacity.command import ASSUMPTIONS  # noqa: PLC0415 (the command imports this page only when asked)

    saved = sum(float(one.saves) for one in found.verdicts if one.best != one.now)
    figures = facts(
        {
            "tables": len(found.verdicts),
            "changes worth making": sum(one.best != one.now for one in found.verdicts),
            "saved a month": f"{saved:,.2f} USD",
            "losing a region": badge("fits", "good") if found.fits else badge("does not fit", "bad"),
        }
    )
    return page(
        f"Capacity of {found.stack}{f' in {month}' if month else ''}",
        section("verdict", "Verdict", figures, *(note(line, kind="warn") for line in found.warnings), _verdicts(found)),
        section("load", "Load", *_charts(found)),
        section("loss", "When a region is lost", _survivors(found)),
        section("keys", "Hot keys", *_hot(found)),
        section(
            "assumptions", "Assumptions", tag("ul", *(tag("li", line) for line in (*ASSUMPTIONS, found.quotas.told)))
        ),
        lead=f"Made {made:%Y-%m-%d %H:%M} UTC by holdfast capacity.",
    )


def _verdicts(found: Analysis) -> Html:
    modes = {one.table: {mode: float(cents(usd.likely)) for mode, usd in one.usd.items()} for one in found.verdicts}
    best = table(
        "What each table should be",
        ["table", "now", "best", "saves a month (USD)", "throttled by autoscaling"],
        [[one.table, one.now, one.best, float(one.saves), f"{one.throttled:.2%}"] for one in found.verdicts],
    )
    columns = list(dict.fromkeys(mode for row in modes.values() for mode in row))
    rows = [[name, *(row.get(mode, "none") for mode in columns)] for name, row in modes.items()]
    return Html(best + table("Likely US dollars a month by mode", ["table", *columns], rows))


def _charts(found: Analysis) -> list[Html]:
    busiest: dict[str, float] = {}
    for place, load in found.loads.items():
        busiest[place.table] = busiest.get(place.table, 0.0) + average(load.read) + average(load.write)
    made = [
        stacked(
            "Consumed units a second, on average",
            {
                f"{place.table}{' ' + place.index if place.index else ''} {place.region}": {
                    "reads": average(load.read),
                    "writes": average(load.write),
                }
                for place, load in found.loads.items()
                if peak(load.read) or peak(load.write)
            },
            unit="units a second",
            name="table and region",
        )
    ]
    for name in sorted(busiest, key=lambda name: -busiest[name])[:CHARTS]:
        series = [
            Series(
                name=f"{place.region} {way}s",
                points=[(number * load.interval / 3600, units) for number, units in enumerate(load.way(way))],
            )
            for place, load in found.loads.items()
            if place.table == name and not place.index
            for way in ("read", "write")
        ]
        made.append(lines(name, series, x="hours", y="units a second"))
    return made


def _hot(found: Analysis) -> list[Html]:
    if found.hot is None:
        return [note("Not asked: the history came from a file.")]
    told = [note(f"Not known: {one}", kind="warn") for one in found.hot.unknown]
    rows = [[one.table, one.region, one.kind, one.key, f"{one.share:.1%}"] for one in found.hot.keys]
    listed = table("Keys of the last day", ["table", "region", "kind", "key", "share"], rows)
    return [*told, listed] if rows else told or [note("No key stands out.")]


def _survivors(found: Analysis) -> Html:
    rows = [
        [row.lost, row.place.region, row.place.table, row.place.index or "the table", row.way, row.needed,
         *(float(row.limits[name]) for name in ("warm throughput", "maximum", "quota")),
         badge(", ".join(row.short) or "fits", "bad" if row.short else "good"), float(cents(row.usd))]
        for row in found.survivors
        if row.needed
    ]  # fmt: skip
    columns = [
        "lost",
        "survivor",
        "table",
        "index",
        "way",
        "needed a second",
        "warm",
        "maximum",
        "quota",
        "short of",
        "USD once",
    ]
    return table("Each survivor under its own load and that of the lost region", columns, rows)
