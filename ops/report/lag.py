"""Replication lag of a running stack, as DynamoDB itself measures it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from datetime import datetime

    from ops.estate.access import Estate

HOURS = 24
PERIOD = 900


def measured(estate: Estate, table: str, *, until: datetime) -> tuple[dict[str, list[tuple[float, float]]], list[str]]:
    """`ReplicationLatency` of the last day, the largest of each quarter of an hour.

    Args:
        estate: the running stack.
        table: physical name of a global table.
        until: the end.

    Returns:
        Pair of regions → (hour of the day, ms), and where nothing could be asked, with the reason.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    unknown: list[str] = []
    start = until - timedelta(hours=HOURS)
    for source in estate.regions:
        others = [region for region in estate.regions if region != source]
        queries = [_query(table, region, number) for number, region in enumerate(others)]
        if not queries:
            continue
        try:
            answer = estate.client("cloudwatch", source).get_metric_data(
                MetricDataQueries=queries, StartTime=start, EndTime=until, ScanBy="TimestampAscending"
            )
        except (BotoCoreError, ClientError) as error:
            unknown.append(f"{source}: {error}")
            continue
        for result in answer.get("MetricDataResults") or []:
            pair = f"{source} to {others[int(result['Id'][1:])]}"
            points = [
                ((moment.astimezone(UTC) - start).total_seconds() / 3600, float(ms))
                for moment, ms in zip(result.get("Timestamps") or [], result.get("Values") or [], strict=False)
            ]
            if points:
                found[pair] = points
    return found, unknown


def _query(table: str, region: str, number: int) -> dict[str, object]:
    dimensions = [{"Name": "TableName", "Value": table}, {"Name": "ReceivingRegion", "Value": region}]
    metric = {"Namespace": "AWS/DynamoDB", "MetricName": "ReplicationLatency", "Dimensions": dimensions}
    return {"Id": f"l{number}", "MetricStat": {"Metric": metric, "Period": PERIOD, "Stat": "Maximum"}}
