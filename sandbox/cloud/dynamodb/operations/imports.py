"""Imports from S3: a new table of what an export, or anybody, wrote as DynamoDB JSON."""

from __future__ import annotations

import gzip
import json
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.keys import require_item_key
from sandbox.cloud.dynamodb.operations.tables import create_table
from sandbox.cloud.dynamodb.request import Params
from sandbox.cloud.dynamodb.values import Item, check_item

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region
    from sandbox.cloud.dynamodb.table import Table


class Import:
    """An import: its description, and the table that it fills."""

    def __init__(self, table: Table, params: Params) -> None:
        self.table = table
        source = params["S3BucketSource"]
        self.bucket: str = source["S3Bucket"]
        self.prefix: str = source.get("S3KeyPrefix", "")
        self._packed = params.get("InputCompressionType", "NONE") == "GZIP"
        now = time.time()
        self.arn = f"{table.arn}/import/{int(now * 1000):014d}-{uuid.uuid4().hex[:8]}"
        self.description: dict[str, Any] = {
            "ImportArn": self.arn,
            "ImportStatus": "IN_PROGRESS",
            "TableArn": table.arn,
            "TableId": table.id,
            "ClientToken": params.get("ClientToken") or str(uuid.uuid4()),
            "S3BucketSource": dict(source),
            "ErrorCount": 0,
            "InputFormat": params["InputFormat"],
            "InputCompressionType": params.get("InputCompressionType", "NONE"),
            "TableCreationParameters": params["TableCreationParameters"],
            "StartTime": now,
            "ProcessedSizeBytes": 0,
            "ProcessedItemCount": 0,
            "ImportedItemCount": 0,
        }

    def take(self, body: bytes) -> None:
        """Read one object: a line an item. Lines that are no item of the table are counted as errors."""
        text = gzip.decompress(body) if self._packed else body
        self.description["ProcessedSizeBytes"] += len(text)
        self.table.load(list(self._items(text.splitlines())))

    def _items(self, lines: Iterable[bytes]) -> Iterable[Item]:
        for line in lines:
            if not line.strip():
                continue
            self.description["ProcessedItemCount"] += 1
            try:
                item = check_item(json.loads(line)["Item"])
                require_item_key(self.table.schema, item)
                self.table.check(item)
            except (ValueError, KeyError, TypeError, ServiceError):
                self.description["ErrorCount"] += 1
            else:
                self.description["ImportedItemCount"] += 1
                yield item

    def complete(self) -> None:
        """Everything was read."""
        self.description |= {"ImportStatus": "COMPLETED", "EndTime": time.time()}
        self.table.status = "ACTIVE"

    def fail(self, code: str, message: str) -> None:
        """The objects could not be read."""
        self.description |= {
            "ImportStatus": "FAILED",
            "EndTime": time.time(),
            "FailureCode": code,
            "FailureMessage": message,
        }


def import_table(region: Region, params: Params) -> dict[str, Any]:
    """Make a table and fill it from S3; the items follow after the answer."""
    if params["InputFormat"] != "DYNAMODB_JSON":
        raise invalid("The sandbox imports DYNAMODB_JSON only, not " + params["InputFormat"])
    if params.get("InputCompressionType", "NONE") not in ("NONE", "GZIP"):
        raise invalid("The sandbox imports plain and GZIP objects only, not " + params["InputCompressionType"])
    creation = params["TableCreationParameters"]
    create_table(region, dict(creation))
    table = region.tables[creation["TableName"]]
    table.status = "CREATING"
    made = Import(table, params)
    region.imports[made.arn] = made
    region.database.fetch(region.name, made)
    return {"ImportTableDescription": dict(made.description)}


def describe_import(region: Region, params: Params) -> dict[str, Any]:
    """An import."""
    found = region.imports.get(params["ImportArn"])
    if found is None:
        raise ServiceError("ImportNotFoundException", f"Import not found: {params['ImportArn']}")
    return {"ImportTableDescription": dict(found.description)}


def list_imports(region: Region, params: Params) -> dict[str, Any]:
    """The imports into a table, or all."""
    names = ("ImportArn", "ImportStatus", "TableArn", "S3BucketSource", "InputFormat", "StartTime", "EndTime")
    found = [
        {name: one.description[name] for name in names if name in one.description}
        for one in region.imports.values()
        if params.get("TableArn") in (None, one.table.arn)
    ]
    return {"ImportSummaryList": found}
