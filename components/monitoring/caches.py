"""Alarms of the caches, with the thresholds that their own guides give."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from components.base.alarm import Alarm, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_METRICS = 9
"""Metrics under one expression: an alarm takes ten queries, and the expression is one."""


def dax_alarms(cluster: str) -> Iterator[Alarm]:
    """CPU above 80 % and faults (DAX developer guide, "Production-ready DAX": scale before 80 % of CPU)."""
    for label, name, statistic, above in (
        ("cpu", "CPUUtilization", "Maximum", 80),
        ("faults", "FaultRequestCount", "Sum", 5),
    ):
        yield Alarm(
            name=f"dax-{label}",
            description=f"DAX: {name} of {cluster}",
            priority="p2",
            runbook="cache",
            series=[Series(namespace="AWS/DAX", name=name, dimensions={"ClusterId": cluster}, statistic=statistic)],
            above=above,
            periods=3,
            datapoints=2,
        )


def redis_alarms(nodes: Sequence[str]) -> Iterator[Alarm]:
    """Engine CPU above 90 %, memory above 80 %, replicas behind (ElastiCache user guide, "Metrics to monitor")."""
    names = iter(nodes)
    for number, some in enumerate(iter(lambda: tuple(islice(names, MOST_METRICS)), ())):
        for label, name, above in (
            ("cpu", "EngineCPUUtilization", 90),
            ("memory", "DatabaseMemoryUsagePercentage", 80),
            ("lag", "ReplicationLag", 30),
        ):
            yield Alarm(
                name=f"redis-{label}" if len(nodes) <= MOST_METRICS else f"redis-{label}-{number + 1}",
                description=f"Redis: highest {name} of {some[0]} to {some[-1]}",
                priority="p2",
                runbook="cache",
                series=[
                    Series(
                        namespace="AWS/ElastiCache",
                        name=name,
                        dimensions={"CacheClusterId": node},
                        statistic="Maximum",
                    )
                    for node in some
                ],
                expression="MAX(METRICS())",
                above=above,
                periods=3,
                datapoints=2,
            )
