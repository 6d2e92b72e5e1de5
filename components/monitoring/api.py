"""Alarms of an API and of the function behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.alarm import Alarm, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pulumi

    from settings.observer import EvacuationSettings

API = "AWS/ApiGateway"
RELEASE_ALARMS = ("orders-function-errors", "orders-api-errors", "orders-api-latency")
"""Alarms that stop a release, by the names below."""


def api_alarms(
    kind: str, api_name: str, api_id: pulumi.Output[str], stage: str, wanted: EvacuationSettings
) -> Iterator[Alarm]:
    """5xx and latency of the API: what customers of the region see."""
    rest = kind == "rest"
    dimensions: Mapping[str, pulumi.Input[str]] = (
        {"ApiName": api_name, "Stage": stage} if rest else {"ApiId": api_id, "Stage": stage}
    )
    yield Alarm(
        name="orders-api-errors",
        description=f"More than {wanted.error_percent:g} % of the API's answers are errors of ours",
        priority="p1",
        runbook="service-errors",
        means="serving",
        series=[
            Series(namespace=API, name="5XXError" if rest else "5xx", dimensions=dimensions),
            Series(namespace=API, name="Count", dimensions=dimensions),
        ],
        expression="IF(m1 > 0, 100 * FILL(m0, 0) / m1, 0)",
        above=wanted.error_percent,
        periods=wanted.periods,
        datapoints=wanted.periods,
    )
    yield Alarm(
        name="orders-api-latency",
        description=f"The API's slowest percent takes more than {wanted.latency_p99_ms} ms",
        priority="p2",
        runbook="latency",
        means="serving",
        series=[Series(namespace=API, name="Latency", dimensions=dimensions, statistic="p99")],
        above=wanted.latency_p99_ms,
        periods=wanted.periods,
        datapoints=wanted.periods,
    )


def function_alarms(function: str, queue: str) -> Iterator[Alarm]:
    """Errors, refusals for lack of concurrency, and events that could not be handled."""
    dimensions = {"FunctionName": function}
    yield Alarm(
        name="orders-function-errors",
        description=f"More than 1 % of the calls of {function} fail",
        priority="p1",
        runbook="service-errors",
        means="serving",
        series=[
            Series(namespace="AWS/Lambda", name="Errors", dimensions=dimensions),
            Series(namespace="AWS/Lambda", name="Invocations", dimensions=dimensions),
        ],
        expression="IF(m1 > 0, 100 * FILL(m0, 0) / m1, 0)",
        above=1,
        periods=3,
        datapoints=2,
    )
    yield Alarm(
        name="orders-function-throttles",
        description=f"{function} is refused requests: its reserved concurrency is used up",
        priority="p2",
        runbook="capacity",
        series=[Series(namespace="AWS/Lambda", name="Throttles", dimensions=dimensions)],
        above=0,
        periods=3,
        datapoints=2,
    )
    yield Alarm(
        name="orders-failed-events",
        description=f"Events that {function} could not handle wait in {queue}",
        priority="p3",
        runbook="queue",
        series=[
            Series(
                namespace="AWS/SQS",
                name="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": queue},
                statistic="Maximum",
            )
        ],
        above=0,
        periods=1,
        datapoints=1,
    )
