"""SNS: topics, their policies and subscriptions."""

from __future__ import annotations

from typing import Any, Final

from sandbox.codec import Value
from sandbox.provider.aws import ids
from sandbox.provider.aws.api import own_tags, retag, tag_list, tag_map, tags_of
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = ("NotFound", "NotFoundException")
TOPIC_ATTRIBUTES: Final = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}
SUBSCRIPTION_ATTRIBUTES: Final = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}


def _text(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _attributes(inputs: Properties, names: dict[str, str]) -> dict[str, str]:
    given = {name: inputs[name] for name in names if inputs.get(name) is not None}
    if not given.get("fifoTopic", True):
        del given["fifoTopic"]
    return {names[name]: _text(value) for name, value in given.items()}


def _create(context: Context, inputs: Properties) -> Made:
    with told(context, "creating topic"):
        answer = context.client("sns").create_topic(
            Name=inputs["name"],
            Attributes=_attributes(inputs, TOPIC_ATTRIBUTES),
            Tags=tag_list(tags_of(context, inputs)),
        )
    return Made(str(answer["TopicArn"]))


def _topic(client: Any, arn: str) -> dict[str, str] | None:
    try:
        found: dict[str, str] = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    except Exception as error:
        if code_of(error) in GONE:
            return None
        raise
    return found


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    client = context.client("sns")
    with told(context, "reading topic"):
        have = _topic(client, physical_id)
        if have is None:
            return None
        tags = tag_map(client.list_tags_for_resource(ResourceArn=physical_id)["Tags"])
    told_of = {*state, "displayName"}
    found: Properties = {name: have[api] for name, api in TOPIC_ATTRIBUTES.items() if name in told_of and api in have}
    return {**found, "tags": own_tags(context, tags), "tagsAll": tags}


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("sns")
    before, after = _attributes(old, TOPIC_ATTRIBUTES), _attributes(new, TOPIC_ATTRIBUTES)
    with told(context, "updating topic"):
        for name in sorted(set(before) | set(after)):
            if before.get(name) != after.get(name) and name != "FifoTopic":
                client.set_topic_attributes(
                    TopicArn=physical_id, AttributeName=name, AttributeValue=after.get(name, "")
                )
        retag(
            context,
            old,
            new,
            lambda tags: client.tag_resource(ResourceArn=physical_id, Tags=tag_list(tags)),
            lambda keys: client.untag_resource(ResourceArn=physical_id, TagKeys=keys),
        )
    return {}


def _delete(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting topic"), gone_is_fine(*GONE):
        context.client("sns").delete_topic(TopicArn=physical_id)


def _computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": physical_id, "owner": context.account_id} if physical_id else {"owner": context.account_id}


TOPIC = Kind(
    type="aws:sns/topic:Topic",
    forces=frozenset({"name", "namePrefix", "fifoTopic", "region"}),
    defaults={"displayName": "", "fifoTopic": False, "contentBasedDeduplication": False},
    name=AutoName(limit=256, suffix=lambda inputs: ".fifo" if inputs.get("fifoTopic") is True else ""),
    documents=frozenset({"policy", "deliveryPolicy"}),
    identity=ids.by_arn("sns", "{name}"),
    computed=_computed,
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)


def _put_policy(context: Context, inputs: Properties) -> Made:
    with told(context, "putting topic policy"):
        context.client("sns").set_topic_attributes(
            TopicArn=inputs["arn"], AttributeName="Policy", AttributeValue=inputs["policy"]
        )
    return Made(str(inputs["arn"]), {"owner": context.account_id})


def _read_policy(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    have = _topic(context.client("sns"), physical_id)
    return {"policy": have["Policy"]} if have and have.get("Policy") else None


def _update_policy(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    _put_policy(context, new)
    return {}


def _leave_policy(_context: Context, _physical_id: str, _state: Properties) -> None:
    """A topic always has a policy: deleting this resource leaves the last one, as the real provider's reset does."""


TOPIC_POLICY = Kind(
    type="aws:sns/topicPolicy:TopicPolicy",
    forces=frozenset({"arn", "region"}),
    documents=frozenset({"policy"}),
    identity=ids.by("arn"),
    handler=Handler(create=_put_policy, read=_read_policy, update=_update_policy, delete=_leave_policy),
)


def _subscribe(context: Context, inputs: Properties) -> Made:
    with told(context, "subscribing"):
        answer = context.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes=_attributes(inputs, SUBSCRIPTION_ATTRIBUTES),
            ReturnSubscriptionArn=True,
        )
    arn = str(answer["SubscriptionArn"])
    waits = inputs["protocol"] in {"email", "email-json"}
    return Made(arn, {"arn": arn, "ownerId": context.account_id, "pendingConfirmation": waits})


def _read_subscription(context: Context, physical_id: str, state: Properties) -> Properties | None:
    try:
        have = context.client("sns").get_subscription_attributes(SubscriptionArn=physical_id)["Attributes"]
    except Exception as error:
        if code_of(error) in GONE:
            return None
        raise
    return {name: have[api] for name, api in SUBSCRIPTION_ATTRIBUTES.items() if name in state and api in have}


def _update_subscription(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    before, after = _attributes(old, SUBSCRIPTION_ATTRIBUTES), _attributes(new, SUBSCRIPTION_ATTRIBUTES)
    with told(context, "updating subscription"):
        for name in sorted(set(before) | set(after)):
            if before.get(name) != after.get(name):
                context.client("sns").set_subscription_attributes(
                    SubscriptionArn=physical_id, AttributeName=name, AttributeValue=after.get(name, "")
                )
    return {}


def _unsubscribe(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "unsubscribing"), gone_is_fine(*GONE):
        context.client("sns").unsubscribe(SubscriptionArn=physical_id)


SUBSCRIPTION = Kind(
    type="aws:sns/topicSubscription:TopicSubscription",
    forces=frozenset({"topic", "protocol", "endpoint", "region"}),
    defaults={"rawMessageDelivery": False, "confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False},
    documents=frozenset({"filterPolicy", "deliveryPolicy", "redrivePolicy"}),
    handler=Handler(create=_subscribe, read=_read_subscription, update=_update_subscription, delete=_unsubscribe),
)

KINDS = (TOPIC, TOPIC_POLICY, SUBSCRIPTION)
