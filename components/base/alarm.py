"""An alarm as plain data, and how it is registered. Every series is checked against what services publish."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pulumi
import pulumi_aws as aws

from awsfacts import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.base.layer import Component
    from components.base.place import Place

PERIOD = 60
"""Seconds over which a measure is taken."""

Priority = Literal["p1", "p2", "p3", "p4"]
Runbook = Literal[
    "audit-late",
    "backup-failed",
    "cache",
    "capacity",
    "cluster",
    "index-throttling",
    "key-disabled",
    "kms-quota",
    "latency",
    "queue",
    "region-unwell",
    "replication-lag",
    "service-down",
    "service-errors",
    "system-errors",
    "throttling",
]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One metric with its dimensions; a dimension may only be known after deployment."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str = "Sum"

    def __post_init__(self) -> None:
        """Refuse a series that nobody publishes: an alarm on it could never fire."""
        reason = metrics.why_dead(self.namespace, self.name, self.dimensions)
        if reason is not None:
            raise ValueError(reason)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm: on one series, or on an expression over several, which stand in it as m0, m1 and so on."""

    name: str
    description: str
    priority: Priority
    series: Sequence[Series]
    above: float
    periods: int
    datapoints: int
    expression: str = ""
    missing: Literal["notBreaching", "breaching", "ignore"] = "notBreaching"
    runbook: Runbook
    """The page below docs/runbooks that says what to do."""
    means: Literal["region", "serving"] | None = None
    """`serving`: users of the region suffer. `region`: the region is unwell although they may not notice yet."""
    comparison: str = "GreaterThanThreshold"
    period: int = PERIOD
    tags: Mapping[str, str] = field(default_factory=dict)


def told(priority: Priority, description: str, runbook: Runbook) -> str:
    """The description of an alarm as its message shows it: how urgent, what happened, what to do."""
    return f"{priority.upper()}: {description}. Runbook: docs/runbooks/{runbook}.md"


def register(
    alarm: Alarm, owner: Component, place: Place, topics: Mapping[str, str], *, scope: str | None = None
) -> aws.cloudwatch.MetricAlarm:
    """Register an alarm. It tells the topic of its priority when it fires and when it is over.

    Args:
        alarm: what is watched.
        owner: the component that it belongs to.
        place: where the alarm stands.
        topics: topic of each priority.
        scope: what its resource is named after; the region, unless the stack has the alarm once.
    """
    topic = topics[alarm.priority]
    plain = alarm.series[0] if not alarm.expression else None
    percentile = plain is not None and plain.statistic.startswith("p")
    once = scope is not None
    return aws.cloudwatch.MetricAlarm(
        f"{scope or place.region}-alarm-{alarm.name}",
        name=place.name(alarm.name),
        alarm_description=told(alarm.priority, alarm.description, alarm.runbook),
        comparison_operator=alarm.comparison,
        threshold=alarm.above,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.datapoints,
        treat_missing_data=alarm.missing,
        namespace=plain.namespace if plain else None,
        metric_name=plain.name if plain else None,
        dimensions=dict(plain.dimensions) if plain else None,
        period=alarm.period if plain else None,
        statistic=plain.statistic if plain and not percentile else None,
        extended_statistic=plain.statistic if plain and percentile else None,
        metric_queries=None if plain else _queries(alarm),
        alarm_actions=[topic],
        ok_actions=[topic],
        tags={"Priority": alarm.priority.upper(), **alarm.tags},
        # An alarm is set and deleted by its name: under a new URN, the old one's deletion would take the new one.
        opts=owner.child(aliases=[f"{place.region}-alarm-{alarm.name}"] if once else None),
    )


def _queries(alarm: Alarm) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    result = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="result", expression=alarm.expression, label=alarm.name, return_data=True
    )
    inputs = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=f"m{number}",
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=series.namespace,
                metric_name=series.name,
                dimensions=dict(series.dimensions),
                stat=series.statistic,
                period=alarm.period,
            ),
        )
        for number, series in enumerate(alarm.series)
    ]
    return [result, *inputs]
