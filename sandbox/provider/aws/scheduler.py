"""EventBridge Scheduler: schedules and their groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.provider.aws import crud, ids
from sandbox.provider.aws.crud import Crud
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties


def _group(properties: Mapping[str, Any]) -> str:
    return str(properties.get("groupName") or "default")


def _schedule_id(_context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return f"{_group(inputs)}/{name}" if isinstance(name, str) else None


def _schedule_key(physical_id: str, state: Properties) -> Mapping[str, Any]:
    group, slash, name = physical_id.partition("/")
    return {"GroupName": group, "Name": name} if slash else {"GroupName": _group(state), "Name": group}


SCHEDULE = crud.kind(
    "aws:scheduler/schedule:Schedule",
    Crud(
        service="scheduler",
        what="schedule",
        create="create_schedule",
        id=lambda context, inputs, _answer: _schedule_id(context, inputs) or "",
        key=_schedule_key,
        read="get_schedule",
        updates=("update_schedule",),
        delete="delete_schedule",
        tags=False,
    ),
    forces=frozenset({"name", "namePrefix", "groupName", "region"}),
    defaults={"groupName": "default", "scheduleExpressionTimezone": "UTC", "state": "ENABLED"},
    name=AutoName(limit=64),
    identity=_schedule_id,
    computed=lambda context, physical_id, _inputs: (
        {"arn": context.arn("scheduler", f"schedule/{physical_id}")} if physical_id else {}
    ),
)

GROUP = crud.kind(
    "aws:scheduler/scheduleGroup:ScheduleGroup",
    Crud(
        service="scheduler",
        what="schedule group",
        create="create_schedule_group",
        id=lambda _context, inputs, _answer: str(inputs["name"]),
        key=lambda physical_id, _state: {"Name": physical_id},
        read="get_schedule_group",
        delete="delete_schedule_group",
        looks_first=True,
    ),
    forces=frozenset({"name", "namePrefix", "region"}),
    name=AutoName(limit=64),
    identity=ids.by("name"),
    computed=ids.arn("scheduler", "schedule-group/{name}"),
)

KINDS = (SCHEDULE, GROUP)
