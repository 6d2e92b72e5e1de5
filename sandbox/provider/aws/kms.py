"""KMS: keys, their replicas in other regions, aliases and key policies."""

from __future__ import annotations

from typing import Any

from sandbox.codec import UNKNOWN
from sandbox.provider.aws.api import own_tags, pick, retag, tag_list, tag_map, tags_of
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = ("NotFoundException", "KMSInvalidStateException")
DEFAULT_WINDOW_DAYS = 30
"""The waiting period of a deletion when none is given, as the API has it."""


def _create_key(context: Context, inputs: Properties) -> Made:
    client = context.client("kms")
    request = pick(
        inputs,
        {
            "description": "Description",
            "policy": "Policy",
            "keyUsage": "KeyUsage",
            "customerMasterKeySpec": "KeySpec",
            "multiRegion": "MultiRegion",
            "bypassPolicyLockoutSafetyCheck": "BypassPolicyLockoutSafetyCheck",
        },
    )
    with told(context, "creating key"):
        tags = tags_of(context, inputs)
        metadata = client.create_key(
            **request, Tags=[{"TagKey": key, "TagValue": value} for key, value in tags.items()]
        )["KeyMetadata"]
        key_id = str(metadata["KeyId"])
        _settle(client, key_id, {}, inputs)
        policy = inputs.get("policy") or client.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    return Made(key_id, {"arn": metadata["Arn"], "keyId": key_id, "policy": policy})


def _settle(client: Any, key_id: str, old: Properties, new: Properties) -> None:
    rotation = ("enableKeyRotation", "rotationPeriodInDays")
    if any(old.get(name) != new.get(name) for name in rotation):
        if new.get("enableKeyRotation"):
            days = {"RotationPeriodInDays": int(new["rotationPeriodInDays"])} if new.get("rotationPeriodInDays") else {}
            client.enable_key_rotation(KeyId=key_id, **days)
        elif old.get("enableKeyRotation"):
            client.disable_key_rotation(KeyId=key_id)
    enabled = new.get("isEnabled", new.get("enabled", True))
    if old.get("isEnabled", old.get("enabled", True)) != enabled:
        (client.enable_key if enabled else client.disable_key)(KeyId=key_id)


def _describe(client: Any, key_id: str) -> dict[str, Any] | None:
    try:
        metadata: dict[str, Any] = client.describe_key(KeyId=key_id)["KeyMetadata"]
    except Exception as error:
        if code_of(error) == "NotFoundException":
            return None
        raise
    return None if metadata["KeyState"] in {"PendingDeletion", "PendingReplicaDeletion"} else metadata


def _read_any(context: Context, key_id: str) -> tuple[dict[str, Any], Properties] | None:
    client = context.client("kms")
    with told(context, "reading key"):
        metadata = _describe(client, key_id)
        if metadata is None:
            return None
        tags = tag_map(client.list_resource_tags(KeyId=key_id).get("Tags"), "TagKey", "TagValue")
        policy = client.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    return metadata, {
        "arn": metadata["Arn"],
        "keyId": metadata["KeyId"],
        "description": metadata.get("Description", ""),
        "policy": policy,
        "tags": own_tags(context, tags),
        "tagsAll": tags,
    }


def _read_key(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    found = _read_any(context, physical_id)
    if found is None:
        return None
    metadata, properties = found
    with told(context, "reading key"):
        rotation = context.client("kms").get_key_rotation_status(KeyId=physical_id)
    properties["isEnabled"] = bool(metadata["Enabled"])
    properties["multiRegion"] = bool(metadata.get("MultiRegion"))
    properties["keyUsage"] = metadata.get("KeyUsage") or "ENCRYPT_DECRYPT"
    properties["enableKeyRotation"] = bool(rotation["KeyRotationEnabled"])
    if "RotationPeriodInDays" in rotation and rotation["KeyRotationEnabled"]:
        properties["rotationPeriodInDays"] = rotation["RotationPeriodInDays"]
    return properties


def _update_key(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("kms")
    with told(context, "updating key"):
        _settle(client, physical_id, old, new)
        if (old.get("description") or "") != (new.get("description") or ""):
            client.update_key_description(KeyId=physical_id, Description=new.get("description") or "")
        if new.get("policy") is not None and old.get("policy") != new["policy"]:
            client.put_key_policy(KeyId=physical_id, PolicyName="default", Policy=new["policy"])
        retag(
            context,
            old,
            new,
            lambda tags: client.tag_resource(KeyId=physical_id, Tags=tag_list(tags, "TagKey", "TagValue")),
            lambda keys: client.untag_resource(KeyId=physical_id, TagKeys=keys),
        )
    return {"policy": new["policy"]} if new.get("policy") is not None else {}


def _delete_key(context: Context, physical_id: str, state: Properties) -> None:
    days = int(state.get("deletionWindowInDays") or DEFAULT_WINDOW_DAYS)
    with told(context, "scheduling the deletion of key"), gone_is_fine(*GONE):
        context.client("kms").schedule_key_deletion(KeyId=physical_id, PendingWindowInDays=days)


def _key_outputs(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("kms", f"key/{physical_id}"), "keyId": physical_id} if physical_id else {}


KEY = Kind(
    type="aws:kms/key:Key",
    forces=frozenset({"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "region", "xksKeyId"}),
    defaults={
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "enableKeyRotation": False,
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
        "multiRegion": False,
        "bypassPolicyLockoutSafetyCheck": False,
        "description": "",
    },
    documents=frozenset({"policy"}),
    computed=_key_outputs,
    handler=Handler(create=_create_key, read=_read_key, update=_update_key, delete=_delete_key),
)


def _create_replica(context: Context, inputs: Properties) -> Made:
    arn = str(inputs["primaryKeyArn"])
    home = context.client("kms", arn.split(":")[3])
    request = pick(inputs, {"description": "Description", "policy": "Policy"})
    with told(context, "replicating key"):
        tags = [{"TagKey": key, "TagValue": value} for key, value in tags_of(context, inputs).items()]
        key_id = arn.rsplit("/", 1)[-1]
        answer = home.replicate_key(KeyId=key_id, ReplicaRegion=context.region, Tags=tags, **request)
        metadata = answer["ReplicaKeyMetadata"]
        policy = inputs.get("policy") or answer.get("ReplicaPolicy")
        _complete_replica(context, key_id, inputs, tags)
    return Made(
        str(metadata["KeyId"]),
        {
            "arn": metadata["Arn"],
            "keyId": metadata["KeyId"],
            "keySpec": metadata.get("KeySpec", "SYMMETRIC_DEFAULT"),
            "keyUsage": metadata.get("KeyUsage") or "ENCRYPT_DECRYPT",
            "keyRotationEnabled": True,
            "policy": policy,
        },
    )


def _complete_replica(context: Context, key_id: str, inputs: Properties, tags: list[dict[str, str]]) -> None:
    """Give a replica what is its own; the sandbox's KMS copies the primary's and heeds none of the request's."""
    client = context.client("kms")
    client.update_key_description(KeyId=key_id, Description=inputs.get("description") or "")
    if inputs.get("policy"):
        client.put_key_policy(KeyId=key_id, PolicyName="default", Policy=inputs["policy"])
    if tags:
        client.tag_resource(KeyId=key_id, Tags=tags)
    _settle(client, key_id, {}, {"enabled": inputs.get("enabled", True)})


def _read_replica(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    found = _read_any(context, physical_id)
    if found is None:
        return None
    metadata, properties = found
    return {**properties, "enabled": bool(metadata["Enabled"])}


def _replica_id(_context: Context, inputs: Properties) -> str | None:
    arn = inputs.get("primaryKeyArn")
    return None if arn is None or arn is UNKNOWN else str(arn).rsplit("/", 1)[-1]


REPLICA_KEY = Kind(
    type="aws:kms/replicaKey:ReplicaKey",
    forces=frozenset({"primaryKeyArn", "region"}),
    defaults={"enabled": True, "description": "", "bypassPolicyLockoutSafetyCheck": False},
    documents=frozenset({"policy"}),
    identity=_replica_id,
    computed=_key_outputs,
    handler=Handler(create=_create_replica, read=_read_replica, update=_update_key, delete=_delete_key),
)


def _create_alias(context: Context, inputs: Properties) -> Made:
    name = str(inputs["name"])
    client = context.client("kms")
    with told(context, "creating alias"):
        try:
            client.create_alias(AliasName=name, TargetKeyId=inputs["targetKeyId"])
        except Exception as error:
            # The sandbox's KMS copies a key's aliases to its replicas: what is there already is as good as made.
            taken = code_of(error) == "AlreadyExistsException"
            if not taken or _target(client, name) != str(inputs["targetKeyId"]).rsplit("/", 1)[-1]:
                raise
    return Made(name)


def _target(client: Any, name: str) -> str | None:
    """The id of the key that an alias points to; None when there is no such alias."""
    for page in client.get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if alias["AliasName"] == name:
                return str(alias.get("TargetKeyId", ""))
    return None


def _read_alias(context: Context, physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading alias"):
        target = _target(context.client("kms"), physical_id)
    return None if target is None else {"name": physical_id, "targetKeyId": _as_given(target, state)}


def _as_given(key_id: str, state: Properties) -> str:
    given = str(state.get("targetKeyId") or "")
    return given if given.rsplit("/", 1)[-1] == key_id else key_id


def _update_alias(context: Context, physical_id: str, _old: Properties, new: Properties) -> Properties:
    with told(context, "updating alias"):
        context.client("kms").update_alias(AliasName=physical_id, TargetKeyId=new["targetKeyId"])
    return {}


def _delete_alias(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting alias"), gone_is_fine("NotFoundException"):
        context.client("kms").delete_alias(AliasName=physical_id)


def _alias_id(_context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return name if isinstance(name, str) else None


def _alias_outputs(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
    target = inputs.get("targetKeyId")
    outputs: Properties = {"arn": context.arn("kms", physical_id)} if physical_id else {}
    if isinstance(target, str):
        outputs["targetKeyArn"] = target if target.startswith("arn:") else context.arn("kms", f"key/{target}")
    return outputs


ALIAS = Kind(
    type="aws:kms/alias:Alias",
    forces=frozenset({"name", "namePrefix", "region"}),
    name=AutoName(prefix="alias/"),
    identity=_alias_id,
    computed=_alias_outputs,
    handler=Handler(create=_create_alias, read=_read_alias, update=_update_alias, delete=_delete_alias),
)


def _put_policy(context: Context, inputs: Properties) -> Made:
    with told(context, "putting the policy of key"):
        context.client("kms").put_key_policy(KeyId=inputs["keyId"], PolicyName="default", Policy=inputs["policy"])
    return Made(str(inputs["keyId"]))


def _read_policy(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    try:
        answer = context.client("kms").get_key_policy(KeyId=physical_id, PolicyName="default")
    except Exception as error:
        if code_of(error) == "NotFoundException":
            return None
        raise
    return {"policy": answer["Policy"]}


def _update_policy(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    _put_policy(context, new)
    return {}


def _leave_policy(_context: Context, _physical_id: str, _state: Properties) -> None:
    """A key always has a policy: the real provider leaves the last one, too, unless the key goes."""


KEY_POLICY = Kind(
    type="aws:kms/keyPolicy:KeyPolicy",
    forces=frozenset({"keyId", "region"}),
    documents=frozenset({"policy"}),
    handler=Handler(create=_put_policy, read=_read_policy, update=_update_policy, delete=_leave_policy),
)

KINDS = (KEY, REPLICA_KEY, ALIAS, KEY_POLICY)
