"""CloudWatch: metric alarms, composite alarms and dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws import crud, ids
from sandbox.provider.aws.crud import Crud, no_key
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties

_RENAMES = {"name": "AlarmName", "metricQueries": "Metrics", "metric": "MetricStat", "stat": "Stat"}


def _metric_data(_context: Context, inputs: Properties) -> Mapping[str, Any]:
    """Dimensions and queries: the API nests the metric of a query where the resource keeps it flat."""
    request: dict[str, Any] = {"Dimensions": _dimensions(inputs.get("dimensions") or {})}
    if inputs.get("metricQueries"):
        request["Metrics"] = [_query(query) for query in inputs["metricQueries"]]
        request.pop("Dimensions")
    return request


def _dimensions(given: Mapping[str, Value]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": str(value)} for name, value in given.items()]


def _query(given: Mapping[str, Value]) -> dict[str, Any]:
    query: dict[str, Any] = {"Id": given["id"], "ReturnData": bool(given.get("returnData", False))}
    for name, api in (("expression", "Expression"), ("label", "Label"), ("accountId", "AccountId")):
        if given.get(name):
            query[api] = given[name]
    metric = given.get("metric")
    if metric:
        query["MetricStat"] = {
            "Metric": {
                "MetricName": metric["metricName"],
                "Namespace": metric.get("namespace", ""),
                "Dimensions": _dimensions(metric.get("dimensions") or {}),
            },
            "Period": int(metric["period"]),
            "Stat": metric["stat"],
        }
    elif given.get("period"):
        query["Period"] = int(given["period"])
    return query


def _observe(context: Context, physical_id: str, state: Properties) -> Properties:
    found = context.client("cloudwatch").describe_alarms(AlarmNames=[physical_id])["MetricAlarms"]
    observed: Properties = {}
    if found and "dimensions" in state:
        observed["dimensions"] = {entry["Name"]: entry["Value"] for entry in found[0].get("Dimensions", [])}
    # Queries come back in the API's nesting; a change of one shows in none of the flat fields.
    observed.update({"metricQueries": state["metricQueries"]} if "metricQueries" in state else {})
    return observed


def _alarm_arn(context: Context, physical_id: str, _state: Properties) -> str:
    return context.arn("cloudwatch", f"alarm:{physical_id}")


def _delete_key(physical_id: str, _state: Properties) -> Mapping[str, Any]:
    return {"AlarmNames": [physical_id]}


ALARM = crud.kind(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    Crud(
        service="cloudwatch",
        what="alarm",
        create="put_metric_alarm",
        id=lambda _context, inputs, _answer: str(inputs["name"]),
        key=_delete_key,
        read="describe_alarms",
        found="MetricAlarms",
        updates=("put_metric_alarm",),
        update_key=no_key,
        delete="delete_alarms",
        renames=_RENAMES,
        extra=_metric_data,
        observe=_observe,
        arn=_alarm_arn,
    ),
    forces=frozenset({"name", "region"}),
    defaults={"actionsEnabled": True, "treatMissingData": "missing"},
    name=AutoName(),
    sets=frozenset({"alarmActions", "okActions", "insufficientDataActions", "metricQueries"}),
    identity=ids.by("name"),
    computed=ids.arn("cloudwatch", "alarm:{name}"),
)

COMPOSITE = crud.kind(
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    Crud(
        service="cloudwatch",
        what="composite alarm",
        create="put_composite_alarm",
        id=lambda _context, inputs, _answer: str(inputs["alarmName"]),
        key=lambda physical_id, _state: {"AlarmNames": [physical_id], "AlarmTypes": ["CompositeAlarm"]},
        remove_key=_delete_key,
        read="describe_alarms",
        found="CompositeAlarms",
        updates=("put_composite_alarm",),
        update_key=no_key,
        delete="delete_alarms",
        arn=_alarm_arn,
    ),
    forces=frozenset({"alarmName", "region"}),
    defaults={"actionsEnabled": True},
    sets=frozenset({"alarmActions", "okActions", "insufficientDataActions"}),
    identity=ids.by("alarmName"),
    computed=ids.arn("cloudwatch", "alarm:{alarmName}"),
)

DASHBOARD = crud.kind(
    "aws:cloudwatch/dashboard:Dashboard",
    Crud(
        service="cloudwatch",
        what="dashboard",
        create="put_dashboard",
        id=lambda _context, inputs, _answer: str(inputs["dashboardName"]),
        key=lambda physical_id, _state: {"DashboardName": physical_id},
        read="get_dashboard",
        updates=("put_dashboard",),
        delete="delete_dashboards",
        tags=False,
        gone=(*crud.GONE, "DashboardNotFoundError", "ResourceNotFound"),
        remove_key=lambda physical_id, _state: {"DashboardNames": [physical_id]},
    ),
    forces=frozenset({"dashboardName", "region"}),
    documents=frozenset({"dashboardBody"}),
    identity=ids.by("dashboardName"),
    computed=ids.arn("cloudwatch", "dashboard/{dashboardName}", regional=False, output="dashboardArn"),
)
