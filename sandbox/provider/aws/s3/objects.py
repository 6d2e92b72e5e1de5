"""Objects that a program puts into a bucket."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from sandbox.codec import Asset
from sandbox.provider.aws.api import pick, tags_of
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.faults import ProviderError
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

_GIVEN = {
    "cacheControl": "CacheControl",
    "contentDisposition": "ContentDisposition",
    "contentEncoding": "ContentEncoding",
    "contentLanguage": "ContentLanguage",
    "contentType": "ContentType",
    "kmsKeyId": "SSEKMSKeyId",
    "metadata": "Metadata",
    "serverSideEncryption": "ServerSideEncryption",
    "storageClass": "StorageClass",
}


def body(context: Context, inputs: Properties) -> bytes:
    """The object's bytes, from its content or its source."""
    if inputs.get("content") is not None:
        return str(inputs["content"]).encode()
    if inputs.get("contentBase64") is not None:
        return base64.b64decode(inputs["contentBase64"])
    source = inputs.get("source")
    if source is None:
        return b""
    if isinstance(source, Asset) and source.text is not None:
        return source.text.encode()
    if isinstance(source, Asset) and source.path is not None:
        return Path(source.path).read_bytes()
    raise ProviderError(
        f"{context.name}: the sandbox puts objects from text and files only; give a StringAsset or FileAsset"
    )


def _put(context: Context, inputs: Properties) -> Made:
    given = pick(inputs, _GIVEN)
    tags = "&".join(f"{key}={value}" for key, value in tags_of(context, inputs).items())
    with told(context, "putting object"):
        answer = context.client("s3").put_object(
            Bucket=inputs["bucket"],
            Key=inputs["key"],
            Body=body(context, inputs),
            **given,
            **({"Tagging": tags} if tags else {}),
        )
    etag = str(answer["ETag"]).strip('"')
    return Made(_id(context, inputs) or "", {"etag": etag, "versionId": answer.get("VersionId", "")})


def _id(_context: Context, inputs: Properties) -> str | None:
    bucket, key = inputs.get("bucket"), inputs.get("key")
    return f"{bucket}/{key}" if isinstance(bucket, str) and isinstance(key, str) else None


def _read(context: Context, _physical_id: str, state: Properties) -> Properties | None:
    try:
        found: Any = context.client("s3").head_object(Bucket=state["bucket"], Key=state["key"])
    except Exception as error:
        if code_of(error) in {"404", "NoSuchKey", "NoSuchBucket"}:
            return None
        raise
    return {"etag": str(found["ETag"]).strip('"'), "versionId": found.get("VersionId", "")}


def _update(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    return _put(context, new).outputs


def _delete(context: Context, _physical_id: str, state: Properties) -> None:
    client = context.client("s3")
    with told(context, "deleting object"), gone_is_fine("404", "NoSuchBucket", "NoSuchKey"):
        versions = client.list_object_versions(Bucket=state["bucket"], Prefix=state["key"])
        for version in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
            if version["Key"] == state["key"]:
                client.delete_object(Bucket=state["bucket"], Key=state["key"], VersionId=version["VersionId"])


def _computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": f"arn:{context.partition}:s3:::{physical_id}"} if physical_id else {}


OBJECTS = tuple(
    Kind(
        type=f"aws:s3/{cls[0].lower()}{cls[1:]}:{cls}",
        forces=frozenset({"bucket", "key", "region"}),
        name=AutoName(property="key"),
        identity=_id,
        computed=_computed,
        handler=Handler(create=_put, read=_read, update=_update, delete=_delete),
    )
    for cls in ("BucketObject", "BucketObjectv2")
)
