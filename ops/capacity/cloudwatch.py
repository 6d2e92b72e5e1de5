"""Loads from CloudWatch: what each table and index consumed, in each region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.capacity.load import Load, Place
from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ops.estate.access import Estate

PERIOD = 300
"""Seconds of an interval: CloudWatch keeps these for 63 days, those of a minute for 15."""
METRICS = {"read": "ConsumedReadCapacityUnits", "write": "ConsumedWriteCapacityUnits"}
QUERIES = 100
"""Metrics of one question; the service takes 500, and answers in pages."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of one region: metric id → (place, way)."""

    region: str
    ids: Mapping[str, tuple[Place, str]]


def history(estate: Estate, tables: Mapping[str, Sequence[str]], *, days: int, until: datetime) -> dict[Place, Load]:
    """What was consumed in every region of the stack.

    Args:
        estate: the running stack.
        tables: physical name → its indexes.
        days: how far back.
        until: the end; rounded down to a period.

    Raises:
        OpsError: CloudWatch cannot be asked in a region.
    """
    end = until.astimezone(UTC).replace(second=0, microsecond=0)
    end -= timedelta(minutes=end.minute % (PERIOD // 60))
    start = end - timedelta(days=days)
    points = int((end - start).total_seconds() // PERIOD)
    loads: dict[Place, Load] = {}
    for region in estate.regions:
        client = estate.client("cloudwatch", region)
        ways: dict[Place, dict[str, list[float]]] = {}
        for asked in _questions(region, tables):
            try:
                for name, values in _ask(client, asked, start, end):
                    place, way = asked.ids[name]
                    series = ways.setdefault(place, {}).setdefault(way, [0.0] * points)
                    for moment, total in values:
                        at = int((moment - start).total_seconds() // PERIOD)
                        if 0 <= at < points:
                            series[at] = total / PERIOD
            except (BotoCoreError, ClientError) as error:
                raise OpsError(
                    f"{region}: the history of the tables cannot be read",
                    why=str(error),
                    fix="allow cloudwatch:GetMetricData, or give a file: --csv FILE",
                    code=Exit.UNAVAILABLE,
                ) from None
        empty = [0.0] * points
        for place, found in ways.items():
            loads[place] = Load(
                interval=PERIOD, start=start, read=found.get("read", empty), write=found.get("write", empty)
            )
    return loads


def _questions(region: str, tables: Mapping[str, Sequence[str]]) -> Iterator[Asked]:
    wanted = [
        (Place(table, index, region), way)
        for table, indexes in tables.items()
        for index in ("", *indexes)
        for way in METRICS
    ]
    for first in range(0, len(wanted), QUERIES):
        some = wanted[first : first + QUERIES]
        yield Asked(region=region, ids={f"m{number}": one for number, one in enumerate(some)})


def _ask(
    client: Any, asked: Asked, start: datetime, end: datetime
) -> Iterator[tuple[str, list[tuple[datetime, float]]]]:
    queries = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/DynamoDB",
                    "MetricName": METRICS[way],
                    "Dimensions": [
                        {"Name": "TableName", "Value": place.table},
                        *([{"Name": "GlobalSecondaryIndexName", "Value": place.index}] if place.index else []),
                    ],
                },
                "Period": PERIOD,
                "Stat": "Sum",
            },
        }
        for name, (place, way) in asked.ids.items()
    ]
    token: dict[str, str] = {}
    while True:
        answer = client.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end, **token)
        for result in answer.get("MetricDataResults") or []:
            moments = [moment.astimezone(UTC) for moment in result.get("Timestamps") or []]
            yield result["Id"], list(zip(moments, result.get("Values") or [], strict=False))
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}
