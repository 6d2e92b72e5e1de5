"""EventBridge: rules, their targets, and buses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.provider.aws import crud, ids
from sandbox.provider.aws.botoshape import to_api
from sandbox.provider.aws.crud import Crud
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

DEFAULT_BUS = "default"


def _bus(properties: Properties) -> str:
    return str(properties.get("eventBusName") or DEFAULT_BUS)


def _rule_id(_context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    if not isinstance(name, str):
        return None
    return name if _bus(inputs) == DEFAULT_BUS else f"{_bus(inputs)}/{name}"


def _rule_arn(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("events", f"rule/{physical_id}")} if physical_id else {}


def _state(_context: Context, inputs: Properties) -> Mapping[str, Any]:
    if inputs.get("state"):
        return {"State": inputs["state"]}
    return {"State": "DISABLED"} if inputs.get("isEnabled") is False else {"State": "ENABLED"}


RULE = crud.kind(
    "aws:cloudwatch/eventRule:EventRule",
    Crud(
        service="events",
        what="event rule",
        create="put_rule",
        id=lambda context, inputs, _answer: _rule_id(context, inputs) or "",
        key=lambda physical_id, state: {"Name": physical_id.rsplit("/", 1)[-1], "EventBusName": _bus(state)},
        read="describe_rule",
        updates=("put_rule",),
        delete="delete_rule",
        extra=_state,
    ),
    forces=frozenset({"name", "namePrefix", "eventBusName", "region"}),
    defaults={"eventBusName": DEFAULT_BUS, "state": "ENABLED", "forceDestroy": False},
    name=AutoName(limit=64),
    documents=frozenset({"eventPattern"}),
    identity=_rule_id,
    computed=_rule_arn,
)


def _target_id(_context: Context, inputs: Properties) -> str | None:
    rule, target = inputs.get("rule"), inputs.get("targetId")
    if not isinstance(rule, str) or not isinstance(target, str):
        return None
    return f"{rule}-{target}" if _bus(inputs) == DEFAULT_BUS else f"{_bus(inputs)}-{rule}-{target}"


_RENAMES = {"targetId": "Id", "runCommandTargets": "RunCommandParameters", "inputPaths": "InputPathsMap"}


def _put(context: Context, inputs: Properties) -> Made:
    client = context.client("events")
    shape = client.meta.service_model.operation_model("PutTargets").input_shape.members["Targets"].member
    given = {key: value for key, value in inputs.items() if key not in {"rule", "eventBusName", "region"}}
    with told(context, "putting event target"):
        client.put_targets(Rule=inputs["rule"], EventBusName=_bus(inputs), Targets=[to_api(given, shape, _RENAMES)])
    return Made(_target_id(context, inputs) or "")


def _read(context: Context, _physical_id: str, state: Properties) -> Properties | None:
    try:
        answer = context.client("events").list_targets_by_rule(Rule=state["rule"], EventBusName=_bus(state))
    except Exception as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise
    found = next((target for target in answer["Targets"] if target["Id"] == state.get("targetId")), None)
    return None if found is None else {"arn": found["Arn"]}


def _update(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    _put(context, new)
    return {}


def _remove(context: Context, _physical_id: str, state: Properties) -> None:
    with told(context, "removing event target"), gone_is_fine("ResourceNotFoundException"):
        context.client("events").remove_targets(Rule=state["rule"], EventBusName=_bus(state), Ids=[state["targetId"]])


TARGET = Kind(
    type="aws:cloudwatch/eventTarget:EventTarget",
    forces=frozenset({"rule", "targetId", "eventBusName", "region"}),
    defaults={"eventBusName": DEFAULT_BUS, "forceDestroy": False},
    name=AutoName(property="targetId", limit=64),
    identity=_target_id,
    handler=Handler(create=_put, read=_read, update=_update, delete=_remove),
)

BUS = crud.kind(
    "aws:cloudwatch/eventBus:EventBus",
    Crud(
        service="events",
        what="event bus",
        create="create_event_bus",
        id=lambda _context, inputs, _answer: str(inputs["name"]),
        key=lambda physical_id, _state: {"Name": physical_id},
        read="describe_event_bus",
        delete="delete_event_bus",
    ),
    forces=frozenset({"name", "eventSourceName", "region"}),
    name=AutoName(limit=256),
    identity=ids.by("name"),
    computed=ids.arn("events", "event-bus/{name}"),
)
