"""The step of a Region switch plan that moves clients: `services.orders.switch.handle`.

It runs in the region that takes over, and writes flags into that region's own replica of the control table: the other
regions are evacuated, this one is in use. Clients and deep health checks read the flags; DNS follows deep health.

Region switch evaluates a plan every half hour, but has no execution that changes nothing. The event `{"dry_run": true}`
is that: it tells what the step would write, and tries on each flag a write that no item lets through.
"""

from __future__ import annotations

import os
import time
from typing import Any

ATTEMPTS = 5


class SwitchError(RuntimeError):
    """A flag that could not be written; the plan tries again."""


def handle(event: dict[str, Any], _context: object, client: Any = None) -> dict[str, Any]:
    """Take this region into service and the others out of it; with `dry_run` in the event only tell so.

    Raises:
        SwitchError: another operator changed a flag again and again at the same moment.
    """
    here, table = os.environ["AWS_REGION"], os.environ["CONTROL_TABLE"]
    others = [name for name in os.environ["OTHER_REGIONS"].split(",") if name]
    dynamodb = client or _client(here)
    if event.get("dry_run"):
        return {"dry_run": {name: _tried(dynamodb, table, name, evacuated=name != here) for name in (here, *others)}}
    reason = f"Region switch to {here}"
    by = str(event.get("executionId") or event.get("planExecutionId") or "Region switch")
    # This region first: at no moment are all of them evacuated.
    written = {here: _flag(dynamodb, table, here, evacuated=False, reason=reason, by=by)}
    written |= {name: _flag(dynamodb, table, name, evacuated=True, reason=reason, by=by) for name in others}
    return {"epochs": written}


def _tried(dynamodb: Any, table: str, region: str, *, evacuated: bool) -> dict[str, Any]:
    """What would become of a region's flag. Raises what a write of it would raise: not allowed, no table, no answer."""
    key = {"scope": {"S": f"region#{region}"}}
    now = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    try:
        dynamodb.put_item(
            TableName=table,
            Item=key,
            ConditionExpression="attribute_exists(#scope) AND attribute_not_exists(#scope)",
            ExpressionAttributeNames={"#scope": "scope"},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return {"evacuated_now": bool(now.get("evacuated", {}).get("BOOL", False)), "evacuated_then": evacuated}
    raise SwitchError(f"the dry run wrote the flag of {region}, though its condition cannot hold")


def _flag(dynamodb: Any, table: str, region: str, *, evacuated: bool, reason: str, by: str) -> int:
    """Write the flag of a region; returns its epoch."""
    scope = f"region#{region}"
    for _ in range(ATTEMPTS):
        found = dynamodb.get_item(TableName=table, Key={"scope": {"S": scope}}, ConsistentRead=True).get("Item", {})
        epoch = int(found.get("epoch", {}).get("N", "0")) + 1
        item = {
            "scope": {"S": scope},
            "evacuated": {"BOOL": evacuated},
            "epoch": {"N": str(epoch)},
            "reason": {"S": reason},
            "by": {"S": by},
            "at": {"N": str(round(time.time(), 3))},
        }
        try:
            dynamodb.put_item(
                TableName=table,
                Item=item,
                ConditionExpression="attribute_not_exists(#scope) OR #epoch < :epoch",
                ExpressionAttributeNames={"#scope": "scope", "#epoch": "epoch"},
                ExpressionAttributeValues={":epoch": {"N": str(epoch)}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            continue
        return epoch
    raise SwitchError(f"the flag of {region} is being changed by somebody else")


def _client(region: str) -> Any:
    import botocore.session  # noqa: PLC0415 - tests hand in a client

    return botocore.session.get_session().create_client("dynamodb", region_name=region)
