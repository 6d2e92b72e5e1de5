"""SQS: queues and their policies."""

from __future__ import annotations

from typing import Any, Final

from sandbox.codec import Value
from sandbox.provider.aws import ids
from sandbox.provider.aws.api import own_tags, retag, tags_of
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
MESSAGE_BYTES: Final = 262144
"""The largest message where a program does not say: the real provider's default, which it sends."""
ATTRIBUTES: Final = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


def _text(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def attributes(inputs: Properties) -> dict[str, str]:
    """A queue's attributes; a standard queue has none of a FIFO queue's."""
    return {
        api: _text(inputs[name])
        for name, api in ATTRIBUTES.items()
        if inputs.get(name) is not None and not (name == "fifoQueue" and not inputs[name])
    }


def _create(context: Context, inputs: Properties) -> Made:
    client = context.client("sqs")
    with told(context, "creating queue"):
        given = attributes({"maxMessageSize": MESSAGE_BYTES, **inputs})
        client.create_queue(QueueName=inputs["name"], Attributes=given, tags=tags_of(context, inputs))
    return Made(_url(context, inputs) or "")


def _url(context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return f"https://sqs.{context.region}.amazonaws.com/{context.account_id}/{name}" if isinstance(name, str) else None


def _found(context: Context, physical_id: str) -> tuple[Any, str] | None:
    """The client and the sandbox's own address of a queue; its id is the address it has in AWS."""
    client = context.client("sqs")
    try:
        return client, str(client.get_queue_url(QueueName=physical_id.rsplit("/", 1)[-1])["QueueUrl"])
    except Exception as error:
        if code_of(error) in GONE:
            return None
        raise


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading queue"):
        found = _found(context, physical_id)
        if found is None:
            return None
        client, url = found
        have = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        tags = client.list_queue_tags(QueueUrl=url).get("Tags", {})
    properties: Properties = {name: have[api] for name, api in ATTRIBUTES.items() if name in state and api in have}
    return {**properties, "tags": own_tags(context, tags), "tagsAll": tags}


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    with told(context, "updating queue"):
        found = _found(context, physical_id)
        if found is None:
            return {}
        client, url = found
        before, after = attributes(old), attributes(new)
        gone = {name: "" for name in before if name not in after and name in {"Policy", "RedrivePolicy"}}
        changed = {name: value for name, value in after.items() if before.get(name) != value and name != "FifoQueue"}
        if changed or gone:
            client.set_queue_attributes(QueueUrl=url, Attributes={**changed, **gone})
        retag(
            context,
            old,
            new,
            lambda tags: client.tag_queue(QueueUrl=url, Tags=tags),
            lambda keys: client.untag_queue(QueueUrl=url, TagKeys=keys),
        )
    return {}


def _delete(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting queue"), gone_is_fine(*GONE):
        found = _found(context, physical_id)
        if found is not None:
            found[0].delete_queue(QueueUrl=found[1])


def _computed(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
    if not physical_id:
        return {}
    return {"url": physical_id, **ids.arn("sqs", "{name}")(context, physical_id, inputs)}


QUEUE = Kind(
    type="aws:sqs/queue:Queue",
    forces=frozenset({"name", "namePrefix", "fifoQueue", "region"}),
    defaults={
        "delaySeconds": 0,
        "fifoQueue": False,
        "contentBasedDeduplication": False,
        "maxMessageSize": MESSAGE_BYTES,
        "messageRetentionSeconds": 345600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
        "kmsDataKeyReusePeriodSeconds": 300,
    },
    name=AutoName(limit=80, suffix=lambda inputs: ".fifo" if inputs.get("fifoQueue") is True else ""),
    documents=frozenset({"policy", "redrivePolicy", "redriveAllowPolicy"}),
    identity=_url,
    computed=_computed,
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)


def _put_policy(context: Context, inputs: Properties) -> Made:
    with told(context, "putting queue policy"):
        found = _found(context, str(inputs["queueUrl"]))
        if found is not None:
            found[0].set_queue_attributes(QueueUrl=found[1], Attributes={"Policy": inputs["policy"]})
    return Made(str(inputs["queueUrl"]))


def _read_policy(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    found = _found(context, physical_id)
    if found is None:
        return None
    have = found[0].get_queue_attributes(QueueUrl=found[1], AttributeNames=["Policy"]).get("Attributes", {})
    return {"policy": have["Policy"]} if have.get("Policy") else None


def _update_policy(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    _put_policy(context, new)
    return {}


def _delete_policy(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting queue policy"):
        found = _found(context, physical_id)
        if found is not None:
            found[0].set_queue_attributes(QueueUrl=found[1], Attributes={"Policy": ""})


QUEUE_POLICY = Kind(
    type="aws:sqs/queuePolicy:QueuePolicy",
    forces=frozenset({"queueUrl", "region"}),
    documents=frozenset({"policy"}),
    identity=ids.by("queueUrl"),
    handler=Handler(create=_put_policy, read=_read_policy, update=_update_policy, delete=_delete_policy),
)

KINDS = (QUEUE, QUEUE_POLICY)
