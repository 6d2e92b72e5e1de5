"""Exports to S3, in DynamoDB JSON as a real export lays it out."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.operations.backups import restorable_moment
from sandbox.cloud.dynamodb.request import Params

if TYPE_CHECKING:
    from sandbox.cloud.dynamodb.database import Region
    from sandbox.cloud.dynamodb.table import Table

_ITEMS_PER_FILE = 10_000


class File(NamedTuple):
    """One object of an export."""

    key: str
    body: bytes


class Export:
    """An export: its description, and the objects that make it."""

    def __init__(self, table: Table, params: Params, moment_ns: int) -> None:
        now = time.time()
        identifier = f"{int(now * 1000):014d}-{uuid.uuid4().hex[:8]}"
        self.arn = f"{table.arn}/export/{identifier}"
        self.bucket = params["S3Bucket"]
        prefix = params.get("S3Prefix")
        self._base = f"{prefix.rstrip('/') + '/' if prefix else ''}AWSDynamoDB/{identifier}"
        items = table.changes.at(moment_ns)
        self.files, billed = self._files(items)
        self.description: dict[str, Any] = {
            "ExportArn": self.arn,
            "ExportStatus": "IN_PROGRESS",
            "StartTime": now,
            "TableArn": table.arn,
            "TableId": table.id,
            "ExportTime": moment_ns / 1e9,
            "ClientToken": params.get("ClientToken") or str(uuid.uuid4()),
            "S3Bucket": self.bucket,
            "S3SseAlgorithm": params.get("S3SseAlgorithm") or "AES256",
            "ExportFormat": "DYNAMODB_JSON",
            "ExportType": "FULL_EXPORT",
        }
        if prefix:
            self.description["S3Prefix"] = prefix
        if params.get("S3SseKmsKeyId"):
            self.description["S3SseKmsKeyId"] = params["S3SseKmsKeyId"]
        self._ended = {
            "ExportStatus": "COMPLETED",
            "ExportManifest": f"{self._base}/manifest-summary.json",
            "BilledSizeBytes": billed,
            "ItemCount": len(items),
        }
        summary = {
            "version": "2020-06-30",
            "exportArn": self.arn,
            "startTime": _iso(now),
            "endTime": _iso(time.time()),
            "tableArn": table.arn,
            "tableId": table.id,
            "exportTime": _iso(moment_ns / 1e9),
            "s3Bucket": self.bucket,
            "s3Prefix": prefix,
            "s3SseAlgorithm": self.description["S3SseAlgorithm"],
            "s3SseKmsKeyId": params.get("S3SseKmsKeyId"),
            "manifestFilesS3Key": f"{self._base}/manifest-files.json",
            "billedSizeBytes": billed,
            "itemCount": len(items),
            "outputFormat": "DYNAMODB_JSON",
            "exportType": "FULL_EXPORT",
        }
        self.files.append(File(f"{self._base}/manifest-summary.json", json.dumps(summary).encode()))

    def _files(self, items: list[Any]) -> tuple[list[File], int]:
        files: list[File] = []
        manifest = []
        billed = 0
        for start in range(0, len(items), _ITEMS_PER_FILE):
            part = items[start : start + _ITEMS_PER_FILE]
            text = "".join(json.dumps({"Item": item}, separators=(",", ":")) + "\n" for item in part).encode()
            billed += len(text)
            body = gzip.compress(text, mtime=0)
            key = f"{self._base}/data/{uuid.uuid4().hex[:26]}.json.gz"
            digest = hashlib.md5(body, usedforsecurity=False)
            files.append(File(key, body))
            manifest.append(
                {
                    "itemCount": len(part),
                    "md5Checksum": base64.b64encode(digest.digest()).decode(),
                    "etag": digest.hexdigest() + "-1",
                    "dataFileS3Key": key,
                }
            )
        lines = "".join(json.dumps(entry) + "\n" for entry in manifest)
        files.append(File(f"{self._base}/manifest-files.json", lines.encode()))
        return files, billed

    def complete(self) -> None:
        """All objects are in the bucket."""
        self.description |= {**self._ended, "EndTime": time.time()}

    def fail(self, message: str) -> None:
        """An object could not be put."""
        self.description |= {
            "ExportStatus": "FAILED",
            "EndTime": time.time(),
            "FailureCode": "S3NoSuchBucket" if "NoSuchBucket" in message else "S3Error",
            "FailureMessage": message,
        }


def _iso(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def export_table_to_point_in_time(region: Region, params: Params) -> dict[str, Any]:
    """Export what a table held at a moment; the objects follow after the answer."""
    table = next((table for table in region.tables.values() if table.arn == params["TableArn"]), None)
    if table is None:
        raise ServiceError("TableNotFoundException", f"Table not found: {params['TableArn']}")
    if table.pitr_days is None:
        raise ServiceError(
            "PointInTimeRecoveryUnavailableException", f"Point in time recovery is not enabled for table '{table.name}'"
        )
    if params.get("ExportFormat", "DYNAMODB_JSON") != "DYNAMODB_JSON":
        raise invalid("The sandbox exports DYNAMODB_JSON only, not " + params["ExportFormat"])
    if params.get("ExportType", "FULL_EXPORT") != "FULL_EXPORT":
        raise invalid("The sandbox makes full exports only")
    moment = restorable_moment(table, params.get("ExportTime"))
    if moment is None:
        raise ServiceError("InvalidExportTimeException", "ExportTime is outside the restorable time of the table")
    export = Export(table, params, moment)
    region.exports[export.arn] = export
    region.database.ship(region.name, export)
    return {"ExportDescription": dict(export.description)}


def describe_export(region: Region, params: Params) -> dict[str, Any]:
    """An export."""
    export = region.exports.get(params["ExportArn"])
    if export is None:
        raise ServiceError("ExportNotFoundException", f"Export not found: {params['ExportArn']}")
    return {"ExportDescription": dict(export.description)}


def list_exports(region: Region, params: Params) -> dict[str, Any]:
    """The exports of a table, or all."""
    found = [
        {key: export.description[key] for key in ("ExportArn", "ExportStatus", "ExportType")}
        for export in region.exports.values()
        if params.get("TableArn") in (None, export.description["TableArn"])
    ]
    return {"ExportSummaries": found}
