"""What alarms watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast_policies.values import Undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack
    from holdfast_policies.values import View


def dimension_sets(alarm: Resource) -> Iterator[tuple[str, str, frozenset[str], str]]:
    """Each metric that an alarm names: namespace, metric, the names of its dimensions, and where it stands."""
    if alarm.has("metricName"):
        yield alarm.text("namespace"), alarm.text("metricName"), _names(alarm), "metric_name"
    for query in alarm.views("metricQueries"):
        metric = query.view("metric")
        if metric:
            yield metric.text("namespace"), metric.text("metricName"), _names(metric), query.path


def _names(view: View) -> frozenset[str]:
    value = view.value("dimensions")
    return frozenset(value) if isinstance(value, dict) else frozenset()


def watches(stack: Stack, alarm: Resource, namespace: str, metrics: tuple[str, ...], target: Resource) -> bool:
    """Whether an alarm is on one of these metrics of a target, which one of its dimensions names."""
    name = target.data.get("name") or target.name
    for source, where in ((alarm, ""), *((query.view("metric"), "q") for query in alarm.views("metricQueries"))):
        if source.text("namespace") != namespace or source.text("metricName") not in metrics:
            continue
        try:
            names = source.value("dimensions")
        except Undecided:
            names = None
        if isinstance(names, dict) and name in names.values():
            return True
        if stack.refers(alarm, "metricQueries" if where else "dimensions", target):
            return True
    return False
