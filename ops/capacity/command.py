"""`holdfast capacity`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from awsfacts.prices import current, warnings
from ops.capacity.choices import WAYS, Choice, Facts, Verdict, choices, spread, verdict
from ops.capacity.load import Load, Place, average, peak, read_csv
from ops.capacity.patch import as_yaml, patch
from ops.capacity.quotas import Quotas
from ops.capacity.survivors import Row, limits_of, survivors
from ops.cost.model import cents
from ops.errors import OpsError
from ops.exits import Exit
from ops.files import require_writable, write_text
from ops.workspace import open_workspace
from settings import load_stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ops.capacity.hot_keys import HotKeys
    from ops.capacity.month import Month
    from ops.console import Output
    from ops.workspace import Workspace
    from settings import Settings
    from settings.data import TableSettings

ASSUMPTIONS = (
    "low and high are the quietest and the busiest day of the history over its mean day",
    "on demand is what was consumed",
    (
        "provisioned is autoscaling played on the history, within the bounds of the stack file where the table is "
        "provisioned, else between quiet hours and twice its peak; in the high estimate it gives capacity back only "
        "20 points below the target; where it would throttle more than 0.1 % of the units it is no choice"
    ),
    (
        "reserved is as many hundreds as were provisioned at all times, partly up front; never for replicated writes, "
        "nor for infrequent access"
    ),
    "a table has one mode in all regions and for all indexes; a change is worth it from a tenth of the bill",
    "when a region is lost, a survivor receives all its reads; writes reach every region already",
)


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything that the command tells."""

    stack: str
    loads: Mapping[Place, Load]
    choices: Sequence[Choice]
    verdicts: Sequence[Verdict]
    patch: Mapping[str, Any]
    survivors: Sequence[Row]
    shares: tuple[float, float]
    hot: HotKeys | None
    quotas: Quotas
    warnings: Sequence[str]

    @property
    def fits(self) -> bool:
        """Whether every survivor can take what a loss would bring."""
        return not any(row.short for row in self.survivors)

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "stack": self.stack,
            "assumptions": [
                *ASSUMPTIONS,
                self.quotas.told,
                f"low {self.shares[0]:.0%}, high {self.shares[1]:.0%} of the mean day",
            ],
            "tables": [one.to_dict() for one in self.verdicts],
            "places": [one.to_dict() for one in self.choices],
            "patch": {"holdfast:data": {"tables": dict(self.patch)}} if self.patch else {},
            "survivors": [row.to_dict() for row in self.survivors],
            "hot_keys": None if self.hot is None else [key.to_dict() for key in self.hot.keys],
            "hot_keys_unknown": None if self.hot is None else list(self.hot.unknown),
            "quotas": self.quotas.to_dict(),
            "quotas_unknown": list(self.quotas.unknown),
            "fits": self.fits,
            "warnings": list(self.warnings),
        }


def show(
    stack: str | None,
    output: Output,
    *,
    csv: Path | None,
    days: int,
    topology: Path | None,
    page: Path | None,
    month: Month | None = None,
) -> bool:
    """Analyse and tell; says whether every region can take the load of a lost one.

    With a month it is the monthly report: only that month counts, and the page is kept with the stack's evidence
    where no other place is named.

    Raises:
        OpsError: the page cannot be written, the history cannot be read, or the stack has no tables.
    """
    workspace = open_workspace(stack)
    if month is not None and page is None:
        page = workspace.evidence / f"capacity-{month.name}.html"
    if page is not None:
        require_writable(page)
    settings = load_stack(workspace.stack, workspace.project)
    found = _analyse(workspace, settings, csv=csv, days=days, topology=topology, month=month)
    _tell(found, output)
    if page is not None:
        from ops.capacity.page import document  # noqa: PLC0415 (only where a page is wanted)

        write_text(page, document(found, made=datetime.now(UTC), month=month.name if month else None))
        output.say(f"written: {page}")
    output.result(found.to_dict() | {"ok": found.fits, "month": month.name if month else None})
    return found.fits


def _analyse(
    workspace: Workspace,
    settings: Settings,
    *,
    csv: Path | None,
    days: int,
    topology: Path | None,
    month: Month | None,
) -> Analysis:
    tables = settings.data.tables if settings.data else {}
    if not tables:
        raise OpsError(
            f"stack {workspace.stack!r} has no tables", fix="name them in holdfast:data.tables", code=Exit.USAGE
        )
    physical = {table.name: table for table in tables.values()}
    hot, asked = None, Quotas()
    if csv is not None:
        loads = read_csv(csv) if month is None else month.cut(read_csv(csv))
    else:
        from ops.capacity.cloudwatch import history  # noqa: PLC0415 (boto3 is loaded only where it is asked for)
        from ops.capacity.hot_keys import hot_keys  # noqa: PLC0415
        from ops.capacity.quotas import quotas  # noqa: PLC0415
        from ops.estate.access import open_estate  # noqa: PLC0415

        estate = open_estate(workspace, topology=topology)
        until = datetime.now(UTC)
        if month is not None:
            days, until = month.window(until)
        loads = history(estate, {name: list(one.indexes) for name, one in physical.items()}, days=days, until=until)
        hot = hot_keys(estate, physical, until=until)
        asked = quotas(estate)
    return analyse(
        workspace.stack,
        loads,
        tables,
        replicated={one.name: bool(settings.replica_regions(logical)) for logical, one in tables.items()},
        hot=hot,
        quotas=asked,
    )


def analyse(
    stack: str,
    loads: Mapping[Place, Load],
    tables: Mapping[str, TableSettings],
    *,
    replicated: Mapping[str, bool],
    hot: HotKeys | None = None,
    quotas: Quotas | None = None,
) -> Analysis:
    """Compare the modes of every table that has a history.

    Args:
        stack: its name.
        loads: what was consumed.
        tables: logical name → settings.
        replicated: physical name → whether it is a global table.
        hot: the hottest keys, where they were asked for.
        quotas: of the account; AWS's defaults where nobody was asked.

    Raises:
        OpsError: the history speaks of tables that the stack does not have.
    """
    book = current()
    physical = {table.name: table for table in tables.values()}
    strangers = sorted({place.table for place in loads} - physical.keys())
    if strangers:
        raise OpsError(
            f"the history speaks of tables that {stack!r} does not have: {', '.join(strangers)}",
            why=f"its tables are {', '.join(sorted(physical))}",
            fix="use the physical names",
            code=Exit.USAGE,
        )
    facts = {name: _facts(table, replicated=replicated[name]) for name, table in physical.items()}
    shares = spread(loads)
    found = [one for place, load in loads.items() for one in choices(place, load, facts[place.table], book, shares)]
    verdicts = [
        verdict(
            name,
            "provisioned" if physical[name].provisioned else "on-demand",
            [one for one in found if one.place.table == name],
        )
        for name in sorted({place.table for place in loads})
    ]
    asked = quotas or Quotas()
    limits = {name: limits_of(table) for name, table in physical.items()}
    return Analysis(
        stack=stack,
        loads=loads,
        choices=found,
        verdicts=verdicts,
        patch=patch(verdicts, loads, tables),
        survivors=list(survivors(loads, limits, book, asked)),
        shares=shares,
        hot=hot,
        quotas=asked,
        warnings=warnings(_prices(loads, facts), today=datetime.now(UTC).date()),
    )


def _facts(table: TableSettings, *, replicated: bool) -> Facts:
    scaling = table.provisioned
    return Facts(
        replicated=replicated,
        infrequent=table.table_class != "STANDARD",
        target_percent=scaling.read.target_percent if scaling else 70,
        cooldown_seconds=scaling.read.cooldown_seconds if scaling else 60,
        bounds={
            "read": (scaling.read.minimum, scaling.read.maximum),
            "write": (scaling.write.minimum, scaling.write.maximum),
        }
        if scaling
        else {},
    )


def _prices(loads: Mapping[Place, Load], facts: Mapping[str, Facts]) -> list[Any]:
    book = current()
    found = []
    for place in loads:
        for mode in ("on-demand", "provisioned"):
            write = "replicated-write" if facts[place.table].replicated and not place.index else "write"
            found += [book.price(facts[place.table].key(f"{mode}.{way}"), place.region) for way in ("read", write)]
    return found


def _tell(found: Analysis, output: Output) -> None:
    rows: list[list[object]] = [
        [place.table, place.index, place.region, *(round(one, 1) for one in _figures(load))]
        for place, load in found.loads.items()
    ]
    output.table(
        ["table", "index", "region", "reads/s", "peak", "writes/s", "peak"], rows, title="consumed units a second"
    )
    output.table(
        ["table", "index", "region", "mode", "low", "likely", "high", "throttled"],
        [
            [one.place.table, one.place.index, one.place.region, one.mode, *(float(cents(usd)) for usd in
             (one.usd.low, one.usd.likely, one.usd.high)), f"{one.throttled:.2%}"]
            for one in found.choices
        ],
        title="US dollars a month",
    )  # fmt: skip
    for one in found.verdicts:
        bill = ", ".join(f"{mode} {cents(usd.likely):,}" for mode, usd in one.usd.items())
        verb = f"keep {one.now}" if one.best == one.now else f"change to {one.best}, {one.saves:,} a month less"
        output.say(f"{one.table}: {bill}: {verb}")
    if found.patch:
        output.say("the change of the stack file:", style="bold")
        for line in as_yaml(found.patch):
            output.say(f"  {line}")
    _tell_survivors(found, output)
    if found.hot is not None:
        _tell_hot(found.hot, output)
    for line in found.quotas.unknown:
        output.warn(f"quota unknown: {line}")
    for line in (
        *ASSUMPTIONS,
        found.quotas.told,
        f"low is {found.shares[0]:.0%} and high {found.shares[1]:.0%} of the mean day",
    ):
        output.say(f"- {line}")
    for line in found.warnings:
        output.warn(line)


def _figures(load: Load) -> list[float]:
    return [figure(load.way(way)) for way in WAYS for figure in (average, peak)]


def _tell_survivors(found: Analysis, output: Output) -> None:
    rows: list[list[object]] = [
        [row.lost, row.place.region, row.place.table, row.place.index, row.way, round(row.needed, 1),
         *(row.limits[name] for name in ("warm throughput", "maximum", "quota")), float(cents(row.usd)),
         ", ".join(row.short) or "fits"]
        for row in found.survivors
        if row.needed
    ]  # fmt: skip
    if rows:
        columns = [
            "lost",
            "survivor",
            "table",
            "index",
            "way",
            "needed/s",
            "warm",
            "maximum",
            "quota",
            "USD once",
            "short of",
        ]
        output.table(columns, rows, title="when a region is lost")
    for row in found.survivors:
        for name, units in row.short.items():
            output.warn(
                f"{row.place.table}{'/' + row.place.index if row.place.index else ''} in {row.place.region}: without "
                f"{row.lost} it is {units:,.0f} {row.way} units a second short of its {name}"
            )


def _tell_hot(hot: HotKeys, output: Output) -> None:
    if hot.keys:
        rows = [[one.table, one.region, one.kind, one.key, f"{one.share:.1%}"] for one in hot.keys]
        output.table(["table", "region", "", "key", "share"], rows, title="keys of the last day")
    for line in hot.unknown:
        output.warn(f"hot keys unknown: {line}")
