"""What a state records, asked the questions of the checklist. A resource that is not there proves nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
INDEX = "GlobalSecondaryIndexName"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The resources of one state."""

    resources: Sequence[Mapping[str, Any]]
    home: str
    _by_type: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for resource in self.resources:
            self._by_type.setdefault(resource.get("type", ""), []).append(resource)

    def inputs(self, kind: str, region: str | None = None) -> Iterator[dict[str, Any]]:
        """The inputs of all resources of a type; of one region, those whose name begins with it."""
        for resource in self._by_type.get(kind, []):
            name = resource["urn"].split("::")[-1]
            if region is None or name.startswith(f"{region}-"):
                yield resource.get("inputs") or {}

    def named(self, kind: str, name: str) -> Iterator[dict[str, Any]]:
        """The inputs of the resources of a type whose name is this one, or ends with it after a hyphen."""
        for resource in self._by_type.get(kind, []):
            found = resource["urn"].split("::")[-1]
            if found == name or found.endswith(f"-{name}"):
                yield resource.get("inputs") or {}

    def table(self, name: str) -> dict[str, Any]:
        """The table of that physical name in the home region; empty where there is none."""
        return next((inputs for inputs in self.inputs(TABLE) if inputs.get("name") == name), {})

    def replica(self, name: str, region: str) -> dict[str, Any]:
        """Its replica in another region; empty where there is none."""
        found = (inputs for inputs in self.inputs(REPLICA, region))
        return next((one for one in found if str(one.get("globalTableArn", "")).endswith(f"table/{name}")), {})

    def alarmed(self, metric: str, region: str, **dimensions: str) -> bool:
        """Whether an alarm with an action watches the metric with these dimensions."""
        return any(self.alarms(metric, region, None, **dimensions))

    def alarms(self, metric: str, region: str, statistic: str | None, **dimensions: str) -> Iterator[Mapping[str, Any]]:
        """The alarms with an action that watch the metric with these dimensions, by a statistic where one is named.

        An alarm on an index does not watch its table, and one on the table does not watch its indexes.
        """
        for alarm in self.inputs(ALARM, region):
            if alarm.get("alarmActions") and any(
                name == metric
                and statistic in (None, by)
                and dimensions.get(INDEX) == found.get(INDEX)
                and dimensions.items() <= found.items()
                for name, found, by in _metrics(alarm)
            ):
                yield alarm

    def watched_metrics(self) -> set[str]:
        """Every metric that an alarm with an action watches, in any region."""
        return {name for alarm in self.inputs(ALARM) if alarm.get("alarmActions") for name, _, _ in _metrics(alarm)}

    def scaled(self, table: str, region: str) -> bool:
        """Whether reads and writes of a provisioned table have a target and a policy in a region."""
        wanted = {"dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"}
        for kind in ("aws:appautoscaling/target:Target", "aws:appautoscaling/policy:Policy"):
            found = {
                one.get("scalableDimension")
                for one in self.inputs(kind, region)
                if one.get("resourceId") == f"table/{table}"
            }
            if not wanted <= found:
                return False
        return True

    def watched(self, table: str, region: str) -> bool:
        """Whether contributor insights of the table itself are on in a region."""
        return any(
            one.get("tableName") == table and not one.get("indexName")
            for one in self.inputs("aws:dynamodb/contributorInsights:ContributorInsights", region)
        )

    def endpoint(self, service: str, region: str) -> bool:
        """Whether the region's network has an endpoint of the service."""
        return any(
            str(one.get("serviceName", "")).endswith(f".{service}")
            for one in self.inputs("aws:ec2/vpcEndpoint:VpcEndpoint", region)
        )

    def scoped(self, role: str) -> bool:
        """Whether a role has policies, and none allows every action or everything on every resource."""
        documents = [
            one.get("policy") for one in self.inputs("aws:iam/rolePolicy:RolePolicy") if one.get("role") == role
        ]
        return bool(documents) and all(_scoped(document) for document in documents)

    def backed_up(self, tags: Mapping[str, str]) -> bool:
        """Whether a plan with a rule selects tables of these tags."""
        plans = any(one.get("rules") for one in self.inputs("aws:backup/plan:Plan"))
        return plans and any(_selects(one, tags) for one in self.inputs("aws:backup/selection:Selection"))

    def copied_away(self) -> bool:
        """Whether a rule of a plan copies to a vault of another region than home."""
        for plan in self.inputs("aws:backup/plan:Plan"):
            for rule in plan.get("rules") or []:
                for copy in rule.get("copyActions") or []:
                    parts = str(copy.get("destinationVaultArn", "")).split(":")
                    if len(parts) > 3 and parts[3] not in ("", self.home):
                        return True
        return False


def _metrics(alarm: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str], str | None]]:
    """Metric, dimensions and statistic of everything that an alarm looks at."""
    if alarm.get("metricName"):
        by = alarm.get("extendedStatistic") or alarm.get("statistic")
        yield alarm["metricName"], alarm.get("dimensions") or {}, by
    for query in alarm.get("metricQueries") or []:
        metric = query.get("metric") or {}
        if metric.get("metricName"):
            yield metric["metricName"], metric.get("dimensions") or {}, metric.get("stat")


def _scoped(document: Any) -> bool:
    try:
        statements = json.loads(document)["Statement"]
    except (TypeError, ValueError, KeyError):
        return False
    for statement in statements if isinstance(statements, list) else [statements]:
        actions, resources = _list(statement.get("Action")), _list(statement.get("Resource"))
        wide = any(action in ("*", "dynamodb:*") for action in actions)
        everything = "*" in resources and any(action.startswith("dynamodb:") for action in actions)
        if statement.get("Effect") == "Allow" and (wide or everything):
            return False
    return True


def _list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _selects(selection: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    conditions = [
        (entry["key"].removeprefix("aws:ResourceTag/"), entry["value"])
        for condition in selection.get("conditions") or []
        for entry in condition.get("stringEquals") or []
    ]
    conditions += [(entry["key"], entry["value"]) for entry in selection.get("selectionTags") or []]
    return bool(conditions) and all(tags.get(key) == value for key, value in conditions)
