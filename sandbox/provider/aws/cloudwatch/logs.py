"""CloudWatch Logs: log groups."""

from __future__ import annotations

from sandbox.provider.aws.api import own_tags, pick, retag, tags_of
from sandbox.provider.aws.errors import gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = "ResourceNotFoundException"


def _create(context: Context, inputs: Properties) -> Made:
    client = context.client("logs")
    name = str(inputs["name"])
    with told(context, "creating log group"):
        tags = tags_of(context, inputs)
        client.create_log_group(
            logGroupName=name,
            **pick(inputs, {"kmsKeyId": "kmsKeyId", "logGroupClass": "logGroupClass"}),
            **({"tags": tags} if tags else {}),
        )
        if inputs.get("retentionInDays"):
            client.put_retention_policy(logGroupName=name, retentionInDays=int(inputs["retentionInDays"]))
    return Made(name)


def _read(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    client = context.client("logs")
    with told(context, "reading log group"):
        groups = client.describe_log_groups(logGroupNamePrefix=physical_id)["logGroups"]
        group = next((group for group in groups if group["logGroupName"] == physical_id), None)
        if group is None:
            return None
        arn = context.arn("logs", f"log-group:{physical_id}")
        tags = client.list_tags_for_resource(resourceArn=arn)["tags"]
    return {
        "name": physical_id,
        "arn": arn,
        "kmsKeyId": group.get("kmsKeyId"),
        "retentionInDays": group.get("retentionInDays", 0),
        "tags": own_tags(context, tags),
        "tagsAll": tags,
    }


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("logs")
    arn = context.arn("logs", f"log-group:{physical_id}")
    with told(context, "updating log group"):
        if (old.get("retentionInDays") or 0) != (new.get("retentionInDays") or 0):
            if new.get("retentionInDays"):
                client.put_retention_policy(logGroupName=physical_id, retentionInDays=int(new["retentionInDays"]))
            else:
                client.delete_retention_policy(logGroupName=physical_id)
        if new.get("kmsKeyId") and old.get("kmsKeyId") != new["kmsKeyId"]:
            client.associate_kms_key(logGroupName=physical_id, kmsKeyId=new["kmsKeyId"])
        elif old.get("kmsKeyId") and not new.get("kmsKeyId"):
            client.disassociate_kms_key(logGroupName=physical_id)
        retag(
            context,
            old,
            new,
            lambda tags: client.tag_resource(resourceArn=arn, tags=tags),
            lambda keys: client.untag_resource(resourceArn=arn, tagKeys=keys),
        )
    return {}


def _delete(context: Context, physical_id: str, state: Properties) -> None:
    if state.get("skipDestroy"):
        return
    with told(context, "deleting log group"), gone_is_fine(GONE):
        context.client("logs").delete_log_group(logGroupName=physical_id)


def _identity(_context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return name if isinstance(name, str) else None


def _computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("logs", f"log-group:{physical_id}")} if physical_id else {}


LOG_GROUP = Kind(
    type="aws:cloudwatch/logGroup:LogGroup",
    forces=frozenset({"name", "namePrefix", "logGroupClass", "region"}),
    defaults={
        "logGroupClass": "STANDARD",
        "retentionInDays": 0,
        "skipDestroy": False,
        "deletionProtectionEnabled": False,
    },
    name=AutoName(limit=512),
    identity=_identity,
    computed=_computed,
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)
