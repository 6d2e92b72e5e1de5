"""Secrets Manager: secrets and their versions."""

from __future__ import annotations

from typing import Any

from sandbox.provider.aws import ids
from sandbox.provider.aws.api import own_tags, pick, retag, tag_list, tag_map, tags_of
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = "ResourceNotFoundException"


def _create(context: Context, inputs: Properties) -> Made:
    client = context.client("secretsmanager")
    with told(context, "creating secret"):
        answer = client.create_secret(
            Name=inputs["name"],
            Tags=tag_list(tags_of(context, inputs)),
            **_replicas(inputs),
            **pick(inputs, {"description": "Description", "kmsKeyId": "KmsKeyId"}),
        )
        if inputs.get("policy"):
            client.put_resource_policy(SecretId=answer["ARN"], ResourcePolicy=inputs["policy"])
    return Made(str(answer["ARN"]), {"arn": answer["ARN"]})


def _replicas(inputs: Properties) -> Properties:
    given = [_replica(replica) for replica in inputs.get("replicas") or []]
    return {"AddReplicaRegions": given} if given else {}


def _replica(given: Properties) -> dict[str, str]:
    return pick(given, {"region": "Region", "kmsKeyId": "KmsKeyId"})


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    client = context.client("secretsmanager")
    try:
        found = client.describe_secret(SecretId=physical_id)
    except Exception as error:
        if code_of(error) == GONE:
            return None
        raise
    if found.get("DeletedDate") is not None:
        return None
    tags = tag_map(found.get("Tags"))
    properties: Properties = {
        "arn": found["ARN"],
        "name": found["Name"],
        "tags": own_tags(context, tags),
        "tagsAll": tags,
    }
    for name, api in (("description", "Description"), ("kmsKeyId", "KmsKeyId")):
        if name in state:
            properties[name] = found.get(api)
    return properties


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("secretsmanager")
    with told(context, "updating secret"):
        if any(old.get(name) != new.get(name) for name in ("description", "kmsKeyId")):
            client.update_secret(
                SecretId=physical_id, **pick(new, {"description": "Description", "kmsKeyId": "KmsKeyId"})
            )
        _replicate(client, physical_id, old, new)
        if new.get("policy") and old.get("policy") != new["policy"]:
            client.put_resource_policy(SecretId=physical_id, ResourcePolicy=new["policy"])
        retag(
            context,
            old,
            new,
            lambda tags: client.tag_resource(SecretId=physical_id, Tags=tag_list(tags)),
            lambda keys: client.untag_resource(SecretId=physical_id, TagKeys=keys),
        )
    return {}


def _replicate(client: Any, physical_id: str, old: Properties, new: Properties) -> None:
    before = {replica["region"] for replica in old.get("replicas") or []}
    after = {replica["region"]: replica for replica in new.get("replicas") or []}
    if before - set(after):
        client.remove_regions_from_replication(SecretId=physical_id, RemoveReplicaRegions=sorted(before - set(after)))
    added = [_replica(replica) for region, replica in after.items() if region not in before]
    if added:
        client.replicate_secret_to_regions(SecretId=physical_id, AddReplicaRegions=added)


def _delete(context: Context, physical_id: str, state: Properties) -> None:
    days = int(state.get("recoveryWindowInDays", 30))
    window = {"ForceDeleteWithoutRecovery": True} if days == 0 else {"RecoveryWindowInDays": days}
    client = context.client("secretsmanager")
    with told(context, "deleting secret"), gone_is_fine(GONE):
        found = client.describe_secret(SecretId=physical_id)
        if found.get("DeletedDate") is not None:
            return
        regions = [replica["Region"] for replica in found.get("ReplicationStatus") or []]
        if regions:
            client.remove_regions_from_replication(SecretId=physical_id, RemoveReplicaRegions=regions)
        client.delete_secret(SecretId=physical_id, **window)


SECRET = Kind(
    type="aws:secretsmanager/secret:Secret",
    forces=frozenset({"name", "namePrefix", "region"}),
    defaults={"description": "", "forceOverwriteReplicaSecret": False, "recoveryWindowInDays": 30},
    name=AutoName(limit=512),
    documents=frozenset({"policy"}),
    sets=frozenset({"replicas"}),
    computed=ids.arn_is_id,
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)


def _put(context: Context, inputs: Properties) -> Made:
    secret = str(inputs["secretId"])
    with told(context, "putting secret version"):
        answer = context.client("secretsmanager").put_secret_value(
            SecretId=secret,
            **pick(inputs, {"secretString": "SecretString", "secretStringWo": "SecretString"}),
            **({"SecretBinary": str(inputs["secretBinary"]).encode()} if inputs.get("secretBinary") else {}),
            **pick(inputs, {"versionStages": "VersionStages"}),
        )
    version = str(answer["VersionId"])
    return Made(f"{secret}|{version}", {"versionId": version, "arn": answer["ARN"], "secretArn": answer["ARN"]})


def _read_version(context: Context, physical_id: str, state: Properties) -> Properties | None:
    secret, _, version = physical_id.partition("|")
    try:
        found = context.client("secretsmanager").get_secret_value(SecretId=secret, VersionId=version)
    except Exception as error:
        if code_of(error) in {GONE, "InvalidRequestException"}:
            return None
        raise
    return {"secretString": found["SecretString"]} if "secretString" in state and "SecretString" in found else {}


def _update_version(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    return _put(context, new).outputs


def _leave(_context: Context, _physical_id: str, _state: Properties) -> None:
    """A version goes with its secret, as the real provider leaves the current one."""


VERSION = Kind(
    type="aws:secretsmanager/secretVersion:SecretVersion",
    forces=frozenset({"secretId", "secretString", "secretBinary", "region"}),
    handler=Handler(create=_put, read=_read_version, update=_update_version, delete=_leave),
)

KINDS = (SECRET, VERSION)
