"""Alarms of one table in one region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.base.alarm import PERIOD, Alarm, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from settings.data import TableSettings
    from settings.monitoring import LimitSettings, MonitoringSettings, TableAlarmSettings

NAMESPACE = "AWS/DynamoDB"

READS = ("GetItem", "BatchGetItem", "Query", "TransactGetItems")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
OPERATIONS = (*READS, *WRITES)
"""Operations of the application: latency and errors are published per operation only. An alarm takes ten metrics."""


def table_alarms(table: TableSettings, wanted: TableAlarmSettings) -> Iterator[Alarm]:
    """Throttling, errors, latency, and the use of provisioned capacity."""
    for kind in ("Read", "Write"):
        yield Alarm(
            name=f"{table.name}-{kind.lower()}-throttles",
            description=f"{table.name} throttles {kind.lower()}s",
            priority="p2",
            runbook="throttling",
            series=[_series(f"{kind}ThrottleEvents", TableName=table.name)],
            **_limit(wanted.throttle_events),
        )
    yield Alarm(
        name=f"{table.name}-system-errors",
        description=f"DynamoDB fails requests to {table.name}",
        priority="p1",
        runbook="system-errors",
        means="serving",
        series=[_operation("SystemErrors", table, operation, "Sum") for operation in OPERATIONS],
        expression="SUM(METRICS())",
        **_limit(wanted.system_errors),
    )
    for label, statistic, limit in (
        ("average", "Average", wanted.latency_average_ms),
        ("p99", "p99", wanted.latency_p99_ms),
    ):
        yield Alarm(
            name=f"{table.name}-latency-{label}",
            description=f"The slowest operation on {table.name} takes too long ({label})",
            priority="p2",
            runbook="latency",
            means="serving" if label == "p99" else None,
            series=[_operation("SuccessfulRequestLatency", table, operation, statistic) for operation in OPERATIONS],
            expression="MAX(METRICS())",
            **_limit(limit),
        )
    yield from _indexes(table, wanted)
    yield from _provisioned(table, wanted)


def replication_alarms(
    table: TableSettings, receivers: Sequence[str], rpo_seconds: int, wanted: MonitoringSettings
) -> Iterator[Alarm]:
    """Replication to the other regions: slower than the objective, and broken.

    A broken one shows as a latency of minutes, or as none at all while there are writes.
    """
    if not receivers or table.consistency == "strong":
        return
    latency = [
        _series("ReplicationLatency", statistic="Average", TableName=table.name, ReceivingRegion=receiver)
        for receiver in receivers
    ]
    ids = [f"m{number}" for number in range(len(latency))]
    yield Alarm(
        name=f"{table.name}-replication-slow",
        description=f"{table.name} replicates slower than the objective of {rpo_seconds} s",
        priority="p3",
        runbook="replication-lag",
        series=latency,
        expression=f"MAX([{','.join(ids)}])",
        above=rpo_seconds * 1000,
        periods=5,
        datapoints=3,
    )
    writes = _series("ConsumedWriteCapacityUnits", TableName=table.name)
    broken = wanted.replication_broken_ms
    stuck = " || ".join(f"FILL({one},0) > {broken} || (FILL({one},0) == 0 && FILL(m{len(ids)},0) > 0)" for one in ids)
    yield Alarm(
        name=f"{table.name}-replication-broken",
        description=f"{table.name} does not replicate",
        priority="p1",
        runbook="replication-lag",
        means="region",
        # The expression always has a value: where it has none, the evaluation itself is broken.
        missing="breaching",
        series=[*latency, writes],
        expression=f"IF({stuck}, 1, 0)",
        above=0,
        periods=5,
        datapoints=5,
    )


def _indexes(table: TableSettings, wanted: TableAlarmSettings) -> Iterator[Alarm]:
    for index in table.indexes:
        dimensions = {"TableName": table.name, "GlobalSecondaryIndexName": index}
        yield Alarm(
            name=f"{table.name}-{index}-throttles",
            description=f"Index {index} of {table.name} throttles",
            priority="p2",
            runbook="index-throttling",
            series=[_series(f"{kind}ThrottleEvents", **dimensions) for kind in ("Read", "Write")],
            expression="SUM(METRICS())",
            **_limit(wanted.index_throttle_events),
        )


def _provisioned(table: TableSettings, wanted: TableAlarmSettings) -> Iterator[Alarm]:
    """Consumption against what is provisioned now, which autoscaling moves: a fixed threshold would be stale."""
    if table.provisioned is None:
        return
    for kind in ("Read", "Write"):
        yield Alarm(
            name=f"{table.name}-{kind.lower()}-capacity",
            description=f"{table.name} uses up its provisioned {kind.lower()} capacity",
            priority="p2",
            runbook="capacity",
            series=[
                _series(f"Consumed{kind}CapacityUnits", TableName=table.name),
                _series(f"Provisioned{kind}CapacityUnits", statistic="Average", TableName=table.name),
            ],
            expression=f"100 * m0 / (m1 * {PERIOD})",
            **_limit(wanted.consumed_percent),
        )


def _series(name: str, *, statistic: str = "Sum", **dimensions: str) -> Series:
    return Series(namespace=NAMESPACE, name=name, dimensions=dimensions, statistic=statistic)


def _operation(name: str, table: TableSettings, operation: str, statistic: str) -> Series:
    return _series(name, statistic=statistic, TableName=table.name, Operation=operation)


def _limit(limit: LimitSettings) -> dict[str, Any]:
    return {"above": limit.above, "periods": limit.periods, "datapoints": limit.datapoints}
