"""The four operations of DynamoDB Streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb.errors import ServiceError
from sandbox.cloud.dynamodb.request import Params, constraint

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region
    from sandbox.cloud.dynamodb.stream import Stream


def list_streams(region: Region, params: Params) -> dict[str, Any]:
    """The streams of a table, or all."""
    found = [
        {"StreamArn": stream.arn, "TableName": stream.table, "StreamLabel": stream.label}
        for stream in region.streams()
        if params.get("TableName") in (None, stream.table)
    ]
    return {"Streams": found}


def describe_stream(region: Region, params: Params) -> dict[str, Any]:
    """A stream and its shard."""
    return {"StreamDescription": _stream(region, params.get("StreamArn")).describe()}


def get_shard_iterator(region: Region, params: Params) -> dict[str, Any]:
    """Where to begin to read."""
    stream = _stream(region, params.get("StreamArn"))
    if params.get("ShardId") != stream.shard:
        raise ServiceError("ResourceNotFoundException", f"Requested resource not found: Shard: {params.get('ShardId')}")
    return {"ShardIterator": stream.iterator(params.get("ShardIteratorType", ""), params.get("SequenceNumber"))}


def get_records(region: Region, params: Params) -> dict[str, Any]:
    """Records from an iterator on."""
    iterator = params.get("ShardIterator")
    if iterator is None:
        raise constraint(None, "shardIterator", "Member must not be null")
    stream = _stream(region, iterator.partition("|")[0])
    records, following = stream.records(iterator, params.get("Limit"))
    result: dict[str, Any] = {"Records": records}
    if following is not None:
        result["NextShardIterator"] = following
    return result


def _stream(region: Region, arn: str | None) -> Stream:
    if arn is None:
        raise constraint(None, "streamArn", "Member must not be null")
    for stream in region.streams():
        if stream.arn == arn:
            return stream
    raise ServiceError("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found")
