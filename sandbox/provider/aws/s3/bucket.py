"""`aws.s3.Bucket`."""

from __future__ import annotations

from typing import Any, Final

from sandbox.provider.aws import ids
from sandbox.provider.aws.api import own_tags, tag_list, tag_map, tags_of
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = ("404", "NoSuchBucket")
HOSTED_ZONES: Final = {
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "ap-northeast-1": "Z2M4EHUR26P7ZW",
    "ap-southeast-1": "Z3O0J2DXBE1FTB",
}
"""Route 53 zones of S3's website endpoints (AWS General Reference)."""


def _create(context: Context, inputs: Properties) -> Made:
    client = context.client("s3")
    name = str(inputs["bucket"])
    request: dict[str, Any] = {"Bucket": name}
    if context.region != "us-east-1":
        request["CreateBucketConfiguration"] = {"LocationConstraint": context.region}
    if inputs.get("objectLockEnabled"):
        request["ObjectLockEnabledForBucket"] = True
    with told(context, "creating bucket"):
        client.create_bucket(**request)
        _settle(context, name, {}, inputs)
    return Made(name)


def _settle(context: Context, name: str, old: Properties, new: Properties) -> None:
    client = context.client("s3")
    before, after = tags_of(context, old), tags_of(context, new)
    if before != after:
        if after:
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(after)})
        else:
            client.delete_bucket_tagging(Bucket=name)
    if new.get("policy") is not None and old.get("policy") != new["policy"]:
        client.put_bucket_policy(Bucket=name, Policy=new["policy"])
    versioning = (new.get("versioning") or {}).get("enabled")
    if versioning is not None and (old.get("versioning") or {}).get("enabled") != versioning:
        status = "Enabled" if versioning else "Suspended"
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})


def _read(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    client = context.client("s3")
    try:
        client.head_bucket(Bucket=physical_id)
    except Exception as error:
        if code_of(error) in GONE:
            return None
        raise
    try:
        tags = tag_map(client.get_bucket_tagging(Bucket=physical_id)["TagSet"])
    except Exception as error:
        if code_of(error) != "NoSuchTagSet":
            raise
        tags = {}
    return {"bucket": physical_id, "tags": own_tags(context, tags), "tagsAll": tags}


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    with told(context, "updating bucket"):
        _settle(context, physical_id, old, new)
    return {}


def _delete(context: Context, physical_id: str, state: Properties) -> None:
    client = context.client("s3")
    with told(context, "deleting bucket"), gone_is_fine(*GONE):
        if state.get("forceDestroy"):
            _empty(client, physical_id)
        client.delete_bucket(Bucket=physical_id)


def _empty(client: Any, name: str) -> None:
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        if objects:
            client.delete_objects(
                Bucket=name, Delete={"Objects": objects, "Quiet": True}, BypassGovernanceRetention=True
            )


def _computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    if not physical_id:
        return {}
    return {
        "arn": f"arn:{context.partition}:s3:::{physical_id}",
        "bucketDomainName": f"{physical_id}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{physical_id}.s3.{context.region}.amazonaws.com",
        "bucketRegion": context.region,
        "hostedZoneId": HOSTED_ZONES.get(context.region),
    }


BUCKET = Kind(
    type="aws:s3/bucket:Bucket",
    forces=frozenset({"bucket", "bucketNamespace", "bucketPrefix", "objectLockEnabled", "region"}),
    defaults={"forceDestroy": False, "objectLockEnabled": False},
    name=AutoName(property="bucket", limit=63, lower=True),
    documents=frozenset({"policy"}),
    identity=ids.by("bucket"),
    computed=_computed,
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)
