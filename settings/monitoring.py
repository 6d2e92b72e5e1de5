"""`holdfast:monitoring`: alarms, whom they tell, dashboards and traces."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings._base import Frozen, LogDays


class LimitSettings(Frozen):
    """When a measure becomes an alarm: above the threshold in some of the latest periods of 60 s."""

    above: float = Field(ge=0)
    """Threshold, in the unit that the name says."""
    periods: int = Field(3, ge=1)
    """Periods that are looked at."""
    datapoints: int = Field(2, ge=1)
    """Periods of these that must be above."""


class TableAlarmSettings(Frozen):
    """Alarms of every table (reference architecture: sums over 60 s, two of three periods)."""

    throttle_events: LimitSettings = LimitSettings(above=10)
    """Throttled reads, and apart from them throttled writes (reference architecture: 10)."""
    index_throttle_events: LimitSettings = LimitSettings(above=5, periods=2)
    """Throttled reads and writes of one index (reference orders setup: 5, twice 60 s)."""
    system_errors: LimitSettings = LimitSettings(above=5)
    """Errors of DynamoDB itself, over all operations (reference architecture: 5)."""
    latency_average_ms: LimitSettings = LimitSettings(above=100)
    """Average latency of the slowest operation (reference architecture: 100 ms)."""
    latency_p99_ms: LimitSettings = LimitSettings(above=100)
    """99th percentile of the latency of the slowest operation."""
    consumed_percent: LimitSettings = LimitSettings(above=80, periods=3, datapoints=3)
    """Share of provisioned capacity (reference orders setup: 80 %, three times 60 s)."""


class SubscriptionSettings(Frozen):
    """Whom a topic tells."""

    protocol: Literal["email", "https", "sms", "sqs", "lambda"]
    """How."""
    endpoint: str
    """Where: an address, a URL, a number or an ARN."""


class SubscriptionsSettings(Frozen):
    """Subscriptions by priority: P1 wakes somebody, P2 is for today, P3 for this week, P4 is to know."""

    p1: tuple[SubscriptionSettings, ...] = ()
    """P1: users are affected, or will be."""
    p2: tuple[SubscriptionSettings, ...] = ()
    """P2: a reserve is used up."""
    p3: tuple[SubscriptionSettings, ...] = ()
    """P3: an objective is missed."""
    p4: tuple[SubscriptionSettings, ...] = ()
    """P4: something happened."""


class MonitoringSettings(Frozen):
    """What is watched in every region."""

    tables: TableAlarmSettings = TableAlarmSettings()
    """Alarms of tables."""
    subscriptions: SubscriptionsSettings = SubscriptionsSettings()
    """Whom alarms tell."""
    log_retention_days: LogDays = 90
    """How long the application's logs are kept."""
    trace_percent: float = Field(10, ge=0, le=100)
    """Share of the requests that are traced (reference architecture: 10 %)."""
    replication_broken_ms: int = Field(180_000, gt=0)
    """Replication latency that means it is broken (CloudWatch user guide, "Recommended alarms": 180,000 ms)."""
