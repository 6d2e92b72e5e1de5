"""Exports of a table in S3, as DynamoDB lays them out: found, read, and written into a new table.

The items are written by this command, each file held against the checksum and the count of its manifest, and the same
in the sandbox. For a table of many gigabytes DynamoDB's own ImportTable costs less; it takes the folder `data/`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.exits import Exit
from ops.recovery.like import create_like

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.data.digest import Item
    from ops.estate.access import Estate

BATCH = 25
"""Most items of one BatchWriteItem."""
WRITERS = 8


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Where an export lies."""

    bucket: str
    prefix: str
    """Without the slash at its end: `…/AWSDynamoDB/01695097218000-a1b2c3d4`."""


def listing(estate: Estate, region: str, table_arn: str) -> list[dict[str, Any]]:
    """The exports of a table in a region, as DynamoDB lists them."""
    client = estate.client("dynamodb", region)
    found, token = [], dict[str, str]()
    while True:
        page = client.list_exports(TableArn=table_arn, **token)
        found += [
            client.describe_export(ExportArn=one["ExportArn"])["ExportDescription"] for one in page["ExportSummaries"]
        ]
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}


def restore(estate: Estate, export: str, *, region: str, table: str, target: str, say: Callable[[str], None]) -> None:
    """Make a table like the one in use, and write the items of an export into it.

    Raises:
        OpsError: no such export, it is not complete, not of this table's keys, or its data was changed.
    """
    folder = find(estate, export, region)
    storage, client = estate.client("s3", region), estate.client("dynamodb", region)
    files = _files(storage, folder)
    create_like(client, table, target)
    say(f"{sum(count for _, count, _ in files):,} items in {len(files)} files of s3://{folder.bucket}/{folder.prefix}")
    with ThreadPoolExecutor(max_workers=WRITERS) as pool:
        written = sum(pool.map(lambda file: _write(client, target, _items(storage, folder, *file)), files))
    expected = sum(count for _, count, _ in files)
    if written != expected:
        raise OpsError(f"{written:,} of {expected:,} items were written into {target}", why="the export is not whole")


def find(estate: Estate, export: str, region: str) -> Folder:
    """The folder of an export that is named by its ARN or by its address.

    Raises:
        OpsError: neither, or the export is not complete.
    """
    if export.startswith("s3://"):
        bucket, _, prefix = export.removeprefix("s3://").partition("/")
        return Folder(bucket=bucket, prefix=prefix.rstrip("/"))
    if not export.startswith("arn:"):
        raise OpsError(
            f"--export {export!r} is no export",
            fix="write its ARN, or s3://BUCKET/PREFIX/AWSDynamoDB/ID",
            code=Exit.USAGE,
        )
    found = estate.client("dynamodb", region).describe_export(ExportArn=export)["ExportDescription"]
    if found["ExportStatus"] != "COMPLETED":
        raise OpsError(f"export {export} is {found['ExportStatus']}", why=found.get("FailureMessage", ""))
    if found.get("ExportType", "FULL_EXPORT") != "FULL_EXPORT" or found.get("ExportFormat") != "DYNAMODB_JSON":
        raise OpsError(
            f"export {export} is {found.get('ExportType')} in {found.get('ExportFormat')}",
            fix="name a full export in DYNAMODB_JSON",
            code=Exit.USAGE,
        )
    return Folder(bucket=found["S3Bucket"], prefix=found["ExportManifest"].rpartition("/")[0])


def _files(storage: Any, folder: Folder) -> list[tuple[str, int, str]]:
    """Key, number of items and MD5 (base64) of each data file, as the manifest says."""
    try:
        manifest = _read(storage, folder.bucket, f"{folder.prefix}/manifest-files.json")
    except storage.exceptions.ClientError as error:
        raise OpsError(
            f"s3://{folder.bucket}/{folder.prefix} holds no export: {error.response['Error']['Code']}",
            fix="name the folder that holds manifest-files.json",
            code=Exit.USAGE,
        ) from None
    lines = [json.loads(line) for line in manifest.splitlines() if line.strip()]
    return [(line["dataFileS3Key"], int(line["itemCount"]), line["md5Checksum"]) for line in lines]


def _read(storage: Any, bucket: str, key: str) -> bytes:
    body: bytes = storage.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def _items(storage: Any, folder: Folder, key: str, count: int, checksum: str) -> Iterator[Item]:
    content = _read(storage, folder.bucket, key)
    if base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode() != checksum:
        raise OpsError(f"s3://{folder.bucket}/{key} is not what was exported", why="its checksum differs")
    lines = gzip.decompress(content).splitlines()
    if len(lines) != count:
        raise OpsError(f"s3://{folder.bucket}/{key} holds {len(lines)} items, its manifest says {count}")
    for line in lines:
        item: Item = json.loads(line)["Item"]
        yield _binary(item)


def _binary(item: Item) -> Item:
    """Binary values as boto3 wants them: bytes, where the export has base64."""

    def plain(value: Any) -> Any:
        ((kind, held),) = value.items()
        if kind == "B":
            return {"B": base64.b64decode(held)}
        if kind == "BS":
            return {"BS": [base64.b64decode(one) for one in held]}
        if kind == "L":
            return {"L": [plain(one) for one in held]}
        if kind == "M":
            return {"M": {name: plain(one) for name, one in held.items()}}
        return value

    return {name: plain(value) for name, value in item.items()}


def _write(client: Any, table: str, items: Iterator[Item]) -> int:
    written, waiting = 0, list[dict[str, Any]]()
    for item in items:
        waiting.append({"PutRequest": {"Item": item}})
        if len(waiting) == BATCH:
            written += _flush(client, table, waiting)
            waiting = []
    return written + _flush(client, table, waiting)


def _flush(client: Any, table: str, requests: list[dict[str, Any]]) -> int:
    left = {table: requests} if requests else {}
    while left:
        left = client.batch_write_item(RequestItems=left).get("UnprocessedItems", {})
    return len(requests)
