"""Backups, their copies, restore tests and exports."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ops.cost.model import ZERO
from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource

DAYS = Decimal(365) / 12
"""Days of a month."""


def runs(expression: str) -> Decimal:
    """Runs a month of an AWS cron or rate expression, as far as days go: daily, weekly, monthly."""
    if expression.startswith("rate("):
        number, unit = expression[5:-1].split()
        hours = {"minute": Decimal(1) / 60, "hour": Decimal(1), "day": Decimal(24)}[unit.rstrip("s")]
        return DAYS * 24 / (Decimal(number) * hours)
    fields = expression.removeprefix("cron(").removesuffix(")").split()
    if len(fields) < 6:
        return DAYS
    day, month, weekday = fields[2], fields[3], fields[4]
    months = Decimal(1) if month == "*" else Decimal(len(month.split(","))) / 12
    if weekday not in ("*", "?"):
        return DAYS / 7 * len(weekday.split(",")) * months
    return (DAYS if day in ("*", "?") else Decimal(len(day.split(",")))) * months


def _stored(around: Surroundings) -> Decimal:
    """GB of all tables in one region: every backup holds all of them."""
    return sum((decimal(around.traffic.table(name).stored_gb) for name in around.tables), ZERO)


def _plan(plan: Resource, around: Surroundings) -> Iterator[Charge]:
    stored = _stored(around)
    for rule in plan.inputs.get("rules") or []:
        name, often = rule.get("ruleName", "rule"), runs(str(rule.get("schedule", "")))
        warm, cold = _kept(rule.get("lifecycle") or {}, often)
        yield Charge(f"{name}: kept", "backup.dynamodb.warm", stored * warm)
        yield Charge(f"{name}: kept cold", "backup.dynamodb.cold", stored * cold)
        for copy in rule.get("copyActions") or []:
            parts = str(copy.get("destinationVaultArn", "")).split(":")
            region = parts[3] if len(parts) > 3 else plan.region
            copied, frozen = _kept(copy.get("lifecycle") or {}, often)
            yield Charge(f"{name}: copying to {region}", "backup.copy", stored * often)
            yield Charge(f"{name}: copies kept", "backup.dynamodb.warm", stored * copied, region)
            yield Charge(f"{name}: copies kept cold", "backup.dynamodb.cold", stored * frozen, region)


def _kept(lifecycle: dict[str, Any], often: Decimal) -> tuple[Decimal, Decimal]:
    """How many recovery points are warm and cold at a time; a backup of DynamoDB is a full one."""
    end = lifecycle.get("deleteAfter") or 365
    turn = lifecycle.get("coldStorageAfter")
    a_day = often / DAYS
    return decimal(min(turn, end) if turn else end) * a_day, decimal(end - turn if turn else 0) * a_day


def _restores(selection: Resource, around: Surroundings) -> Iterator[Charge]:
    """A restore test restores every table that it selects."""
    plans = around.of("aws:backup/restoreTestingPlan:RestoreTestingPlan")
    often = runs(plans[0].text("scheduleExpression")) if plans else ZERO
    yield Charge("restore tests", "backup.dynamodb.restore", _stored(around) * often, selection.region)


def _schedule(schedule: Resource, around: Surroundings) -> Iterator[Charge]:
    target = schedule.block("target")
    exported = ZERO
    if "exportTableToPointInTime" in str(target.get("arn", "")):
        table = str(target.get("input", "")).rsplit(":table/", 1)[-1].split('"')[0]
        exported = decimal(around.traffic.table(table).stored_gb)
    often = runs(schedule.text("scheduleExpression"))
    yield Charge("invocations", "scheduler.invocation", often)
    yield Charge("exported", "dynamodb.export", exported * often)


PRICERS = {
    "aws:backup/plan:Plan": _plan,
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": _restores,
    "aws:scheduler/schedule:Schedule": _schedule,
}
