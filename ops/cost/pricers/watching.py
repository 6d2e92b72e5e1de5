"""Alarms, dashboards, logs, traces and canaries."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ops.cost.pricers.backup import runs
from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource

STORED_SHARE = Decimal("0.15")
"""Logs are stored compressed: about this share of what is ingested (CloudWatch pricing, examples)."""


def _alarm(alarm: Resource, _around: Surroundings) -> Iterator[Charge]:
    """A metric alarm is paid by the metrics that it reads, an expression reads those of its queries."""
    queries = alarm.inputs.get("metricQueries") or []
    read = sum(1 for query in queries if isinstance(query, dict) and query.get("metric"))
    yield Charge("metrics watched", "cloudwatch.alarm", Decimal(max(read, 1)))


def _composite(_alarm: Resource, _around: Surroundings) -> Iterator[Charge]:
    yield Charge("composite alarm", "cloudwatch.alarm.composite", Decimal(1))


def _dashboard(_dashboard: Resource, _around: Surroundings) -> Iterator[Charge]:
    yield Charge("dashboard", "cloudwatch.dashboard", Decimal(1))


def _logs(group: Resource, around: Surroundings) -> Iterator[Charge]:
    ingested = decimal(around.usage.log_gb)
    months = decimal(group.number("retentionInDays", 365)) * 12 / 365
    yield Charge("ingested", "cloudwatch.logs.ingested", ingested)
    yield Charge("stored", "cloudwatch.logs.stored", ingested * months * STORED_SHARE)


def _traces(rule: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("traces", "xray.trace", around.requests * decimal(rule.number("fixedRate")))


def _canary(canary: Resource, _around: Surroundings) -> Iterator[Charge]:
    expression = str(canary.block("schedule").get("expression") or "rate(5 minutes)")
    yield Charge("runs", "cloudwatch.canary.run", runs(expression))


PRICERS = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _composite,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/logGroup:LogGroup": _logs,
    "aws:xray/samplingRule:SamplingRule": _traces,
    "aws:synthetics/canary:Canary": _canary,
}
