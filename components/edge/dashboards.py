"""The dashboard of operators: what customers feel, then the parts; its own region before the others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.edge.journeys import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.base.place import Place

_COLUMNS = 3
_WIDTH = 24
_HEIGHT = 6
_API = "AWS/ApiGateway"
Metric = list[Any]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What is shown of one region; ids may be known only after deployment."""

    region: str
    api: Mapping[str, str]
    """Dimensions of the API's metrics."""
    rest: bool
    function: str
    tables: Sequence[str]
    receivers: Mapping[str, Sequence[str]]
    """Table → regions to which it replicates."""
    checks: Mapping[str, str]
    """Kind of health check → its id."""
    canaries: Mapping[str, str]
    """Region that looks → name of its canary that looks at this one."""


def body(watched: Sequence[Watched], first: str) -> str:
    """The dashboard's body; `first` is shown before the others: after a failover it is where customers are."""
    order = sorted(watched, key=lambda item: item.region != first)
    widgets = [_text(order)]
    widgets += [_journeys(order), _checks(order), _errors(order)]
    for item in order:
        widgets += _region(item)
    return json.dumps({"widgets": _placed(widgets)})


def _text(order: Sequence[Watched]) -> dict[str, Any]:
    regions = " · ".join(item.region for item in order)
    said = (
        f"**Regions: {regions}.** First row: what customers feel. A region whose journeys fail from the observer while "
        "another's pass is left: `holdfast evacuate REGION`. Where all fail, roll the application back."
    )
    return {"type": "text", "width": _WIDTH, "height": 2, "properties": {"markdown": said}}


def _journeys(order: Sequence[Watched]) -> dict[str, Any]:
    metrics = [
        [
            METRICS,
            "SuccessPercent",
            "CanaryName",
            name,
            {"region": place, "stat": "Average", "label": f"{place} → {item.region}"},
        ]
        for item in order
        for place, name in item.canaries.items()
    ]
    return _widget("User impact: journeys that succeed (%)", metrics, order[0].region)


def _checks(order: Sequence[Watched]) -> dict[str, Any]:
    # Route 53 publishes in us-east-1 only.
    metrics = [
        [
            "AWS/Route53",
            "HealthCheckStatus",
            "HealthCheckId",
            check,
            {"region": "us-east-1", "stat": "Minimum", "label": f"{item.region} {kind}"},
        ]
        for item in order
        for kind, check in item.checks.items()
    ]
    return _widget("Health checks (1 is well)", metrics, order[0].region)


def _errors(order: Sequence[Watched]) -> dict[str, Any]:
    metrics: list[Metric] = []
    for number, item in enumerate(order):
        metrics += [
            [*_api(item, "5XXError", "5xx"), {**_at(item), "id": f"e{number}", "visible": False}],
            [*_api(item, "Count", "Count"), {**_at(item), "id": f"n{number}", "visible": False}],
            [{"expression": f"100*FILL(e{number},0)/n{number}", "label": item.region, "region": item.region}],
        ]
    return _widget("User impact: answers of 5xx (%)", metrics, order[0].region)


def _region(item: Watched) -> list[dict[str, Any]]:
    region = item.region
    function = ["FunctionName", item.function]
    per_table = [
        ["AWS/DynamoDB", name, "TableName", table, _at(item)]
        for table in item.tables
        for name in ("ReadThrottleEvents", "WriteThrottleEvents")
    ]
    replication = [
        ["AWS/DynamoDB", "ReplicationLatency", "TableName", table, "ReceivingRegion", receiver, _at(item, "Average")]
        for table in item.tables
        for receiver in item.receivers.get(table, ())
    ]
    latency = [
        [*_api(item, "Latency", "Latency"), _at(item, "p50")],
        [*_api(item, "Latency", "Latency"), _at(item, "p99")],
        [*_api(item, "IntegrationLatency", "IntegrationLatency"), _at(item, "p99")],
    ]
    counts = [
        [*_api(item, "Count", "Count"), _at(item)],
        [*_api(item, "4XXError", "4xx"), _at(item)],
        [*_api(item, "5XXError", "5xx"), _at(item)],
    ]
    calls = [["AWS/Lambda", name, *function, _at(item)] for name in ("Invocations", "Errors", "Throttles")]
    work = [
        ["AWS/Lambda", "Duration", *function, _at(item, "p99")],
        ["AWS/Lambda", "ConcurrentExecutions", *function, _at(item, "Maximum")],
    ]
    return [
        _widget(f"{region}: API requests", counts, region),
        _widget(f"{region}: API latency (ms)", latency, region),
        _widget(f"{region}: function calls", calls, region),
        _widget(f"{region}: function duration and concurrency", work, region),
        _widget(f"{region}: DynamoDB throttles", per_table, region),
        _widget(f"{region}: replication latency (ms)", replication, region),
    ]


def _api(item: Watched, rest: str, http: str) -> Metric:
    dimensions = [part for pair in item.api.items() for part in pair]
    return [_API, rest if item.rest else http, *dimensions]


def _at(item: Watched, stat: str = "Sum") -> dict[str, Any]:
    return {"region": item.region, "stat": stat}


def _widget(title: str, metrics: Sequence[Metric], region: str) -> dict[str, Any]:
    return {
        "type": "metric",
        "width": _WIDTH // _COLUMNS,
        "height": _HEIGHT,
        "properties": {
            "title": title,
            "region": region,
            "period": 60,
            "view": "timeSeries",
            "metrics": list(metrics),
        },
    }


def _placed(widgets: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    head, *rest = widgets
    placed = [{**head, "x": 0, "y": 0}]
    shown = [widget for widget in rest if widget["properties"]["metrics"]]
    for number, widget in enumerate(shown):
        x, y = (number % _COLUMNS) * (_WIDTH // _COLUMNS), (number // _COLUMNS) * _HEIGHT + head["height"]
        placed.append({**widget, "x": x, "y": y})
    return placed


class EdgeDashboard(Component):
    """The same view in each region, so that the one that survives shows itself first."""

    layer = "edge"

    def __init__(
        self, name: str, opts: pulumi.ResourceOptions, *, watched: pulumi.Output[Sequence[Watched]], place: Place
    ) -> None:
        super().__init__(name, opts)
        aws.cloudwatch.Dashboard(
            f"{place.region}-operators",
            dashboard_name=place.global_name("operators"),
            dashboard_body=watched.apply(lambda known: body(known, place.region)),
            opts=self.child(),
        )
        self.done()
