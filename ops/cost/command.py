"""`holdfast cost`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from awsfacts.prices import warnings
from ops.cost import difference, estimate, traffic_of
from ops.cost.model import Range, cents
from ops.cost.sources import before, recorded, wanted
from ops.workspace import open_workspace
from settings import load_stack

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ops.console import Output
    from ops.cost.actuals import Actuals
    from ops.cost.difference import Difference
    from ops.cost.model import Estimate, Traffic
    from ops.workspace import Workspace
    from settings import Settings


def show(
    stack: str | None,
    output: Output,
    *,
    state: Path | None = None,
    against: str | None = None,
    actual: bool = False,
    topology: Path | None = None,
    lines: int = 0,
) -> bool:
    """Estimate the stack and tell; says whether the likely estimate and the actual costs are within the budget.

    Args:
        stack: its name.
        output: where to tell.
        state: price this state or export instead of what the stack file asks for.
        against: a file or a commit to compare with.
        actual: also tell what was really spent.
        topology: of a stack in AWS, for `actual`.
        lines: how many of the dearest lines to tell.

    Raises:
        OpsError: a file, a commit or a service cannot be read.
    """
    workspace = open_workspace(stack)
    settings = load_stack(workspace.stack, workspace.project)
    traffic = traffic_of(settings)
    resources = recorded(state) if state else wanted(workspace)
    found = estimate(resources, traffic)
    document: dict[str, Any] = {"stack": workspace.stack, **found.to_dict(), "budget_usd": traffic.budget_usd}
    if against:
        change = difference(estimate(before(against, workspace), traffic), found)
        document["against"] = {"what": against, **change.to_dict()}
        _tell_difference(change, against, output)
    else:
        _tell(found, output, settings.region_names)
        _tell_lines(found, lines, output)
    within = _tell_budget(found, traffic, output)
    document["warnings"] = _warn(found, output)
    if actual:
        spent = _actuals(workspace, settings, topology)
        document["actuals"] = spent.to_dict()
        _tell_actuals(spent, output)
        within = within and not spent.over
    output.result(document | {"ok": within})
    return within


def _tell(found: Estimate, output: Output, regions: Sequence[str]) -> None:
    places = found.by_place()
    columns = list(dict.fromkeys([*regions, *sorted({place for row in places.values() for place in row})]))
    rows: list[list[object]] = []
    for layer, row in places.items():
        cells = [_usd(row.get(region, Range())) for region in columns]
        rows.append([layer, *cells, _usd(sum(row.values(), Range()))])
    sums = [_usd(sum((row[region] for row in places.values() if region in row), Range())) for region in columns]
    rows.append(["total", *sums, _usd(found.total)])
    output.table(["layer", *columns, "all"], rows, title="likely US dollars a month, by layer and region")
    total = found.total
    output.say(
        f"low {cents(total.low):,}, likely {cents(total.likely):,}, high {cents(total.high):,} US dollars a month, "
        "without tax, free tiers and discounts; the traffic is that of holdfast:cost.usage"
    )


def _tell_lines(found: Estimate, count: int, output: Output) -> None:
    dearest = sorted(found.lines, key=lambda line: (-line.usd.likely, line.region, line.resource, line.what))[:count]
    if dearest:
        rows = [
            [line.layer, line.region, line.resource, line.what, *_three(line.usd), "" if line.price.confirmed else "no"]
            for line in dearest
        ]
        output.table(["layer", "region", "resource", "what", "low", "likely", "high", "confirmed"], rows)


def _tell_difference(change: Difference, against: str, output: Output) -> None:
    rows: list[list[object]] = [[layer, region, *_three(usd)] for (layer, region), usd in change.places.items()]
    if rows:
        output.table(["layer", "region", "low", "likely", "high"], rows, title=f"difference to {against}")
    dearest = list(change.resources.items())[:10]
    for (_, region, name), usd in dearest:
        output.say(f"  {cents(usd.likely):+,} {name} ({region})")
    output.say(
        f"{cents(change.total.likely):+,} US dollars a month: {cents(change.before.likely):,} becomes "
        f"{cents(change.after.likely):,} (low {cents(change.total.low):+,}, high {cents(change.total.high):+,})"
    )


def _tell_budget(found: Estimate, traffic: Traffic, output: Output) -> bool:
    if traffic.budget_usd is None:
        output.say("no budget: the stack file has no holdfast:cost")
        return True
    share = found.total.likely / traffic.budget_usd
    output.say(f"likely {share:.0%} of the budget of {traffic.budget_usd:,}")
    if share > 1:
        output.warn(f"the likely estimate is {cents(found.total.likely - traffic.budget_usd):,} over the budget")
        output.say(
            f"  with {traffic.usage.low_percent} % of this traffic it is {cents(found.total.low):,}; state the traffic "
            "that you expect in holdfast:cost.usage, or what may be spent in holdfast:cost.monthly_usd"
        )
    return share <= 1


def _warn(found: Estimate, output: Output) -> list[str]:
    told = warnings((line.price for line in found.lines), today=_today())
    told += [f"not priced: {count} of {kind}" for kind, count in found.unpriced.items()]
    for line in told:
        output.warn(line)
    return told


def _actuals(workspace: Workspace, settings: Settings, topology: Path | None) -> Actuals:
    from ops.cost.actuals import actuals  # noqa: PLC0415 (boto3 is loaded only where it is asked for)
    from ops.estate.access import open_estate  # noqa: PLC0415

    return actuals(
        open_estate(workspace, topology=topology),
        account=settings.stack.account_id,
        stack=workspace.stack,
        prefix=settings.stack.name_prefix,
        today=_today(),
    )


def _tell_actuals(spent: Actuals, output: Output) -> None:
    output.say(f"actual costs of {spent.since} to {spent.until}: {cents(spent.total):,} US dollars")
    if spent.services:
        rows = [[name, float(cents(usd))] for name, usd in spent.services.items()]
        output.table(["service", "US dollars"], rows)
    else:
        output.say("  none known to Cost Explorer for the tag Stack")
    for one in spent.budgets:
        ahead = "no forecast" if one.forecast is None else f"forecast {cents(one.forecast):,}"
        output.say(f"budget {one.name}: {cents(one.spent):,} of {cents(one.limit):,}, {ahead}")
        if one.over:
            output.warn(f"budget {one.name} is exceeded or will be")
    if not spent.budgets:
        output.say("  no budget of this stack in the account")


def _usd(usd: Range) -> float:
    return float(cents(usd.likely))


def _three(usd: Range) -> list[object]:
    return [float(cents(usd.low)), float(cents(usd.likely)), float(cents(usd.high))]


def _today() -> date:
    return datetime.now(UTC).date()
