"""Dashboards as data: capacity, latency, errors and business metrics, per region and joined."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from components.monitoring.tables import NAMESPACE, OPERATIONS, READS, WRITES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH = 24
_COLUMNS = 3
_HEIGHT = 6
Metric = list[Any]


def regional(region: str, tables: Sequence[str], receivers: Mapping[str, Sequence[str]]) -> str:
    """The body of the dashboard of one region; `receivers` are the regions to which each table replicates."""
    return _body(_widgets([region], {region: tables}, {region: receivers}))


def joined(tables: Mapping[str, Sequence[str]], receivers: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """The body of the dashboard over all regions: region → tables, region → table → regions it replicates to."""
    return _body(_widgets(list(tables), tables, receivers))


def _widgets(
    regions: Sequence[str],
    tables: Mapping[str, Sequence[str]],
    receivers: Mapping[str, Mapping[str, Sequence[str]]],
) -> list[dict[str, Any]]:
    pairs = [(region, table) for region in regions for table in tables[region]]

    def per_table(name: str, stat: str = "Sum") -> list[Metric]:
        return [[NAMESPACE, name, "TableName", table, _options(region, stat)] for region, table in pairs]

    def per_operation(name: str, stat: str, operations: Sequence[str]) -> list[Metric]:
        return [
            [NAMESPACE, name, "TableName", table, "Operation", operation, _options(region, stat)]
            for region, table in pairs
            for operation in operations
        ]

    replication = [
        [NAMESPACE, "ReplicationLatency", "TableName", table, "ReceivingRegion", receiver, _options(region, "Average")]
        for region, table in pairs
        for receiver in receivers[region].get(table, ())
    ]
    home = regions[0]
    return [
        _widget("Capacity utilisation: reads consumed", per_table("ConsumedReadCapacityUnits"), home),
        _widget("Capacity utilisation: writes consumed", per_table("ConsumedWriteCapacityUnits"), home),
        _widget("Throttled reads", per_table("ReadThrottleEvents"), home),
        _widget("Throttled writes", per_table("WriteThrottleEvents"), home),
        _widget("Latency trends: reads, p99", per_operation("SuccessfulRequestLatency", "p99", READS), home),
        _widget("Latency trends: writes, p99", per_operation("SuccessfulRequestLatency", "p99", WRITES), home),
        _widget("Replication latency", replication, home),
        _widget("Error rates: DynamoDB", per_operation("SystemErrors", "Sum", OPERATIONS), home),
        _widget("Error rates: failed conditions", per_table("ConditionalCheckFailedRequests"), home),
        *_business(regions),
    ]


def _business(regions: Sequence[str]) -> list[dict[str, Any]]:
    """Orders per second, active users (distinct principals in five minutes), committed of attempted transactions."""
    orders: list[Metric] = []
    users: list[Metric] = []
    success: list[Metric] = []
    for number, region in enumerate(regions):
        created, attempted, committed = f"c{number}", f"a{number}", f"t{number}"
        source = ("Application/Orders", "Service", "orders")
        orders += [
            [source[0], "OrdersCreated", *source[1:], {**_options(region, "Sum"), "id": created, "visible": False}],
            [{"expression": f"{created}/PERIOD({created})", "label": region, "region": region}],
        ]
        users.append(
            [source[0], "ActiveUsers", *source[1:], {**_options(region, "Maximum"), "period": 300, "label": region}]
        )
        success += [
            [
                source[0],
                "TransactionsAttempted",
                *source[1:],
                {**_options(region, "Sum"), "id": attempted, "visible": False},
            ],
            [
                source[0],
                "TransactionsCommitted",
                *source[1:],
                {**_options(region, "Sum"), "id": committed, "visible": False},
            ],
            [{"expression": f"100*{committed}/{attempted}", "label": region, "region": region}],
        ]
    home = regions[0]
    return [
        _widget("Orders per second", orders, home),
        _widget("Active users", users, home),
        _widget("Transaction success rate (%)", success, home),
    ]


def _options(region: str, stat: str) -> dict[str, Any]:
    return {"region": region, "stat": stat}


def _widget(title: str, metrics: list[Metric], region: str) -> dict[str, Any]:
    return {
        "type": "metric",
        "width": _WIDTH // _COLUMNS,
        "height": _HEIGHT,
        "properties": {"title": title, "region": region, "period": 60, "view": "timeSeries", "metrics": metrics},
    }


def _body(widgets: list[dict[str, Any]]) -> str:
    placed = [
        {**widget, "x": (number % _COLUMNS) * (_WIDTH // _COLUMNS), "y": (number // _COLUMNS) * _HEIGHT}
        for number, widget in enumerate(widgets)
        if widget["properties"]["metrics"]
    ]
    return json.dumps({"widgets": placed})
