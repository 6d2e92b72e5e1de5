"""What hangs on one region's table: contributor insights, its resource policy, items that a program declares."""

from __future__ import annotations

import json
from typing import Any

from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import Handler, Kind, Made, Properties


def _insights_id(context: Context, inputs: Properties) -> str | None:
    table = inputs.get("tableName")
    if not isinstance(table, str):
        return None
    return f"name:{table}/index:{inputs.get('indexName') or ''}/{context.account_id}"


def _insights(inputs: Properties, action: str) -> dict[str, Any]:
    request = {"TableName": inputs["tableName"], "ContributorInsightsAction": action}
    if inputs.get("indexName"):
        request["IndexName"] = inputs["indexName"]
    if action == "ENABLE" and inputs.get("mode"):
        request["ContributorInsightsMode"] = inputs["mode"]
    return request


def _enable(context: Context, inputs: Properties) -> Made:
    with told(context, "enabling contributor insights of"):
        context.client("dynamodb").update_contributor_insights(**_insights(inputs, "ENABLE"))
    return Made(_insights_id(context, inputs) or "")


def _read_insights(context: Context, _physical_id: str, state: Properties) -> Properties | None:
    request = {key: value for key, value in _insights(state, "").items() if key in {"TableName", "IndexName"}}
    try:
        found = context.client("dynamodb").describe_contributor_insights(**request)
    except Exception as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise
    if found.get("ContributorInsightsStatus") in {"DISABLED", "DISABLING"}:
        return None
    return {"tableName": state["tableName"]}


def _disable(context: Context, _physical_id: str, state: Properties) -> None:
    with told(context, "disabling contributor insights of"), gone_is_fine("ResourceNotFoundException"):
        context.client("dynamodb").update_contributor_insights(**_insights(state, "DISABLE"))


def _reenable(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    _enable(context, new)
    return {}


INSIGHTS = Kind(
    type="aws:dynamodb/contributorInsights:ContributorInsights",
    forces=frozenset({"tableName", "indexName", "region", "mode"}),
    identity=_insights_id,
    handler=Handler(create=_enable, read=_read_insights, update=_reenable, delete=_disable),
)


def _put_policy(context: Context, inputs: Properties) -> Made:
    with told(context, "putting the resource policy of"):
        answer = context.client("dynamodb").put_resource_policy(
            ResourceArn=inputs["resourceArn"],
            Policy=inputs["policy"],
            ConfirmRemoveSelfResourceAccess=bool(inputs.get("confirmRemoveSelfResourceAccess")),
        )
    return Made(str(inputs["resourceArn"]), {"revisionId": answer.get("RevisionId")})


def _read_policy(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    try:
        found = context.client("dynamodb").get_resource_policy(ResourceArn=physical_id)
    except Exception as error:
        if code_of(error) in {"ResourceNotFoundException", "PolicyNotFoundException"}:
            return None
        raise
    return {"policy": found["Policy"], "revisionId": found.get("RevisionId"), "resourceArn": physical_id}


def _update_policy(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    return _put_policy(context, new).outputs


def _delete_policy(context: Context, physical_id: str, _state: Properties) -> None:
    with (
        told(context, "deleting the resource policy of"),
        gone_is_fine("ResourceNotFoundException", "PolicyNotFoundException"),
    ):
        context.client("dynamodb").delete_resource_policy(ResourceArn=physical_id)


def _policy_id(_context: Context, inputs: Properties) -> str | None:
    arn = inputs.get("resourceArn")
    return arn if isinstance(arn, str) else None


RESOURCE_POLICY = Kind(
    type="aws:dynamodb/resourcePolicy:ResourcePolicy",
    forces=frozenset({"resourceArn", "region"}),
    documents=frozenset({"policy"}),
    identity=_policy_id,
    handler=Handler(create=_put_policy, read=_read_policy, update=_update_policy, delete=_delete_policy),
)


def _item_key(inputs: Properties) -> dict[str, Any]:
    item = json.loads(inputs["item"])
    names = [inputs["hashKey"], *([inputs["rangeKey"]] if inputs.get("rangeKey") else [])]
    return {name: item[name] for name in names}


def _item_id(_context: Context, inputs: Properties) -> str | None:
    if not all(isinstance(inputs.get(name), str) for name in ("item", "tableName", "hashKey")):
        return None
    values = [next(iter(value.values())) for value in _item_key(inputs).values()]
    return "|".join([str(inputs["tableName"]), *map(str, values)])


def _put_item(context: Context, inputs: Properties) -> Made:
    with told(context, "writing item"):
        context.client("dynamodb").put_item(TableName=inputs["tableName"], Item=json.loads(inputs["item"]))
    return Made(_item_id(context, inputs) or "")


def _read_item(context: Context, _physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading item"):
        found = context.client("dynamodb").get_item(
            TableName=state["tableName"], Key=_item_key(state), ConsistentRead=True
        )
    return {"item": json.dumps(found["Item"])} if "Item" in found else None


def _update_item(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    _put_item(context, new)
    return {}


def _delete_item(context: Context, _physical_id: str, state: Properties) -> None:
    with told(context, "deleting item"), gone_is_fine("ResourceNotFoundException"):
        context.client("dynamodb").delete_item(TableName=state["tableName"], Key=_item_key(state))


TABLE_ITEM = Kind(
    type="aws:dynamodb/tableItem:TableItem",
    forces=frozenset({"tableName", "hashKey", "rangeKey", "region"}),
    documents=frozenset({"item"}),
    identity=_item_id,
    handler=Handler(create=_put_item, read=_read_item, update=_update_item, delete=_delete_item),
)
