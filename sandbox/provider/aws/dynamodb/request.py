"""A table's inputs as `CreateTable` takes them, and a described table as inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws.api import pick, tag_list, without_none
from sandbox.provider.resource import Properties

PER_REQUEST = "PAY_PER_REQUEST"
_MAXIMA = {"maxReadRequestUnits": "MaxReadRequestUnits", "maxWriteRequestUnits": "MaxWriteRequestUnits"}
_WARM = {"readUnitsPerSecond": "ReadUnitsPerSecond", "writeUnitsPerSecond": "WriteUnitsPerSecond"}


def attributes(inputs: Mapping[str, Value]) -> list[dict[str, str]]:
    """`AttributeDefinitions`."""
    return [{"AttributeName": item["name"], "AttributeType": item["type"]} for item in inputs.get("attributes") or []]


def keys(given: Mapping[str, Value]) -> list[dict[str, str]]:
    """`KeySchema` of a table or index."""
    if given.get("keySchemas"):
        return [{"AttributeName": key["attributeName"], "KeyType": key["keyType"]} for key in given["keySchemas"]]
    schema = [{"AttributeName": given["hashKey"], "KeyType": "HASH"}]
    if given.get("rangeKey"):
        schema.append({"AttributeName": given["rangeKey"], "KeyType": "RANGE"})
    return schema


def throughput(given: Mapping[str, Value]) -> dict[str, int]:
    """`ProvisionedThroughput`."""
    return {
        "ReadCapacityUnits": int(given.get("readCapacity") or 1),
        "WriteCapacityUnits": int(given.get("writeCapacity") or 1),
    }


def projection(given: Mapping[str, Value]) -> dict[str, Any]:
    """`Projection` of an index."""
    found: dict[str, Any] = {"ProjectionType": given["projectionType"]}
    if given.get("nonKeyAttributes"):
        found["NonKeyAttributes"] = list(given["nonKeyAttributes"])
    return found


def global_index(given: Mapping[str, Value], billing: str) -> dict[str, Any]:
    """A global secondary index as `CreateTable` and `UpdateTable` take it."""
    index: dict[str, Any] = {
        "IndexName": given["name"],
        "KeySchema": keys(given),
        "Projection": projection(given),
    }
    if billing != PER_REQUEST:
        index["ProvisionedThroughput"] = throughput(given)
    if given.get("onDemandThroughput"):
        index["OnDemandThroughput"] = pick(given["onDemandThroughput"], _MAXIMA)
    if given.get("warmThroughput"):
        index["WarmThroughput"] = pick(given["warmThroughput"], _WARM)
    return index


def encryption(given: Mapping[str, Value] | None) -> dict[str, Any]:
    """`SSESpecification`."""
    if not given or not given.get("enabled"):
        return {"Enabled": False}
    found: dict[str, Any] = {"Enabled": True, "SSEType": "KMS"}
    if given.get("kmsKeyArn"):
        found["KMSMasterKeyId"] = given["kmsKeyArn"]
    return found


def stream(inputs: Mapping[str, Value]) -> dict[str, Any]:
    """`StreamSpecification`."""
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs.get("streamViewType") or "NEW_AND_OLD_IMAGES"}


def billing_mode(inputs: Mapping[str, Value]) -> str:
    """The billing mode; `PROVISIONED` where none is given, as the API has it."""
    return str(inputs.get("billingMode") or "PROVISIONED")


def create(inputs: Properties, tags: Mapping[str, str]) -> dict[str, Any]:
    """The whole `CreateTable` request."""
    billing = billing_mode(inputs)
    request: dict[str, Any] = {
        "TableName": inputs["name"],
        "AttributeDefinitions": attributes(inputs),
        "KeySchema": keys(inputs),
        "BillingMode": billing,
        "DeletionProtectionEnabled": bool(inputs.get("deletionProtectionEnabled")),
    }
    if billing != PER_REQUEST:
        request["ProvisionedThroughput"] = throughput(inputs)
    if inputs.get("globalSecondaryIndexes"):
        request["GlobalSecondaryIndexes"] = [global_index(i, billing) for i in inputs["globalSecondaryIndexes"]]
    if inputs.get("localSecondaryIndexes"):
        request["LocalSecondaryIndexes"] = [
            {
                "IndexName": index["name"],
                "KeySchema": keys({"hashKey": inputs["hashKey"], "rangeKey": index["rangeKey"]}),
                "Projection": projection(index),
            }
            for index in inputs["localSecondaryIndexes"]
        ]
    if inputs.get("streamEnabled"):
        request["StreamSpecification"] = stream(inputs)
    if inputs.get("serverSideEncryption"):
        request["SSESpecification"] = encryption(inputs["serverSideEncryption"])
    if inputs.get("tableClass"):
        request["TableClass"] = inputs["tableClass"]
    if inputs.get("onDemandThroughput"):
        request["OnDemandThroughput"] = pick(inputs["onDemandThroughput"], _MAXIMA)
    if inputs.get("warmThroughput"):
        request["WarmThroughput"] = pick(inputs["warmThroughput"], _WARM)
    if tags:
        request["Tags"] = tag_list(tags)
    return request


def described(table: Mapping[str, Any]) -> Properties:
    """What `DescribeTable` says, as properties."""
    schema = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
    billing = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    capacity = table.get("ProvisionedThroughput", {})
    streaming = table.get("StreamSpecification", {})
    encrypted = table.get("SSEDescription", {})
    found: Properties = {
        "name": table["TableName"],
        "arn": table["TableArn"],
        "attributes": [
            {"name": item["AttributeName"], "type": item["AttributeType"]} for item in table["AttributeDefinitions"]
        ],
        "hashKey": schema.get("HASH"),
        "rangeKey": schema.get("RANGE"),
        "billingMode": billing,
        "deletionProtectionEnabled": bool(table.get("DeletionProtectionEnabled")),
        "globalSecondaryIndexes": [_index(index, billing) for index in table.get("GlobalSecondaryIndexes") or []],
        "localSecondaryIndexes": [
            {key: value for key, value in _index(index, PER_REQUEST).items() if key != "hashKey"}
            for index in table.get("LocalSecondaryIndexes") or []
        ],
        "streamEnabled": bool(streaming.get("StreamEnabled")),
        "streamViewType": streaming.get("StreamViewType"),
        "streamArn": table.get("LatestStreamArn"),
        "streamLabel": table.get("LatestStreamLabel"),
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": encrypted.get("KMSMasterKeyArn")}
        if encrypted.get("Status") in {"ENABLED", "UPDATING"}
        else {"enabled": False},
        "tableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
    }
    if billing != PER_REQUEST:
        found["readCapacity"] = capacity.get("ReadCapacityUnits")
        found["writeCapacity"] = capacity.get("WriteCapacityUnits")
    return without_none(found)


def as_given(found: list[Properties], given: Any) -> list[Properties]:
    """Indexes with their keys spelled as the program spells them: `keySchemas`, or `hashKey` and `rangeKey`."""
    spelled = {index["name"] for index in given or [] if index.get("keySchemas")}
    return [_schemas(index) if index["name"] in spelled else index for index in found]


def _schemas(index: Properties) -> Properties:
    schemas = [{"attributeName": index["hashKey"], "keyType": "HASH"}]
    if "rangeKey" in index:
        schemas.append({"attributeName": index["rangeKey"], "keyType": "RANGE"})
    rest = {key: value for key, value in index.items() if key not in {"hashKey", "rangeKey"}}
    return {**rest, "keySchemas": schemas}


def _index(index: Mapping[str, Any], billing: str) -> Properties:
    schema = {key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]}
    capacity = index.get("ProvisionedThroughput", {})
    found: Properties = {
        "name": index["IndexName"],
        "hashKey": schema.get("HASH"),
        "rangeKey": schema.get("RANGE"),
        "projectionType": index["Projection"].get("ProjectionType"),
        "nonKeyAttributes": index["Projection"].get("NonKeyAttributes") or None,
    }
    if billing != PER_REQUEST:
        found["readCapacity"] = capacity.get("ReadCapacityUnits")
        found["writeCapacity"] = capacity.get("WriteCapacityUnits")
    return without_none(found)
