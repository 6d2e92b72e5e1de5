"""Step Functions: state machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.provider.aws import crud, ids
from sandbox.provider.aws.crud import Crud
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties


def _logging(_context: Context, inputs: Properties) -> Mapping[str, Any]:
    """The log destination: an object with one ARN here, a list of objects there."""
    given = inputs.get("loggingConfiguration")
    if not given:
        return {}
    request: dict[str, Any] = {
        "level": given.get("level", "OFF"),
        "includeExecutionData": bool(given.get("includeExecutionData")),
    }
    if given.get("logDestination"):
        request["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": given["logDestination"]}}]
    return {"loggingConfiguration": request}


def _as_declared(_context: Context, _physical_id: str, state: Properties) -> Properties:
    return {"loggingConfiguration": state["loggingConfiguration"]} if "loggingConfiguration" in state else {}


STATE_MACHINE = crud.kind(
    "aws:sfn/stateMachine:StateMachine",
    Crud(
        service="stepfunctions",
        what="state machine",
        create="create_state_machine",
        id="stateMachineArn",
        key=lambda physical_id, _state: {"stateMachineArn": physical_id},
        read="describe_state_machine",
        updates=("update_state_machine",),
        delete="delete_state_machine",
        gone=(*crud.GONE, "StateMachineDoesNotExist"),
        extra=_logging,
        observe=_as_declared,
        alive=lambda record: record.get("status") != "DELETING",
    ),
    forces=frozenset({"name", "namePrefix", "type", "region"}),
    defaults={"type": "STANDARD", "publish": False},
    name=AutoName(limit=80),
    documents=frozenset({"definition"}),
    identity=ids.by_arn("states", "stateMachine:{name}"),
    computed=ids.all_of(ids.arn_is_id, lambda _context, _id, _inputs: {"status": "ACTIVE"}),
)

KINDS = (STATE_MACHINE,)
