"""What the supervisor tells DynamoDB, and asks it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Coroutine
from html import unescape
from typing import Any
from urllib.parse import quote

from sandbox.cloud.dynamodb.database import Database
from sandbox.cloud.dynamodb.operations.exports import Export
from sandbox.cloud.dynamodb.operations.imports import Import
from sandbox.cloud.dynamodb.server import Control
from sandbox.cloud.http import Request, Response, Upstream, UpstreamError

_log = logging.getLogger(__name__)
_KEY = re.compile("<Key>(.*?)</Key>")


class Controls:
    """The control paths of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._aws = Upstream(0)
        self._tasks: set[asyncio.Task[None]] = set()
        database.ship = self._ship
        database.fetch = self._fetch

    def table(self) -> dict[str, Control]:
        """Path → action."""
        return {
            "partition": self.partition,
            "lag": self.lag,
            "replication": self.replication,
            "keys": self.keys,
            "aws": self.aws,
            "shape": self.shape,
            "copy-backup": self.copy_backup,
        }

    def partition(self, parameters: dict[str, Any]) -> Any:
        """The regions that are off the network."""
        self._database.partition(frozenset(parameters["regions"]))
        return {}

    def lag(self, parameters: dict[str, Any]) -> Any:
        """Set replication lag."""
        for region in parameters["regions"]:
            self._database.region(region)
        self._database.set_lag(parameters["seconds"], parameters.get("source"), parameters.get("target"))
        return {}

    def replication(self, _: dict[str, Any]) -> Any:
        """Lag and backlog of every pair of regions."""
        return self._database.replication()

    def keys(self, parameters: dict[str, Any]) -> Any:
        """The ARNs of keys that are disabled or about to be deleted."""
        self._database.disable_keys(frozenset(parameters["disabled"]))
        return {}

    def shape(self, parameters: dict[str, Any]) -> Any:
        """A table as authorization sees it, or None."""
        tables = self._database.region(parameters["region"]).tables
        name = parameters["table"].partition(":table/")[2].partition("/")[0] or parameters["table"]
        table = tables.get(name)
        if table is None:
            return None
        indexes = {index.name: index.schema.partition.name for index in table.indexes.values()}
        return {
            "arn": table.arn,
            "partition": table.schema.partition.name,
            "indexes": indexes,
            "policy": table.policy,
        }

    def copy_backup(self, parameters: dict[str, Any]) -> Any:
        """Keep a backup in another region too; the copy's description."""
        copied = self._database.region(parameters["source"]).backups[parameters["arn"]].copy(parameters["target"])
        self._database.region(parameters["target"]).backups[copied.arn] = copied
        return {"BackupDetails": copied.details(), "SourceTableDetails": copied.description}

    def aws(self, parameters: dict[str, Any]) -> Any:
        """Where the other AWS APIs are: exports go to their S3."""
        self._aws.port = parameters["port"]
        return {}

    def _ship(self, region: str, export: Export) -> None:
        self._later(self._put_all(region, export))

    def _fetch(self, region: str, made: Import) -> None:
        self._later(self._get_all(region, made))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _put_all(self, region: str, export: Export) -> None:
        try:
            for file in export.files:
                target = f"/{export.bucket}/{quote(file.key)}"
                response = await self._s3(region, b"PUT", target, file.body)
                if response.status != 200:
                    export.fail(response.body.decode(errors="replace")[:500])
                    return
        except UpstreamError as error:
            export.fail(str(error))
            return
        export.complete()

    async def _get_all(self, region: str, made: Import) -> None:
        try:
            listed = await self._s3(region, b"GET", f"/{made.bucket}?list-type=2&prefix={quote(made.prefix, safe='')}")
            if listed.status != 200:
                made.fail("S3NoSuchBucket", listed.body.decode(errors="replace")[:500])
                return
            for key in _KEY.findall(listed.body.decode()):
                if "/manifest" in key:  # an export's own description stands beside its data
                    continue
                found = await self._s3(region, b"GET", f"/{made.bucket}/{quote(unescape(key))}")
                made.take(found.body)
        except (UpstreamError, OSError, EOFError) as error:
            made.fail("S3Error" if isinstance(error, UpstreamError) else "InvalidInputFormat", str(error))
            return
        made.complete()

    async def _s3(self, region: str, method: bytes, target: str, body: bytes = b"") -> Response:
        scope = (
            f"AWS4-HMAC-SHA256 Credential=sandbox/20200101/{region}/s3/aws4_request, SignedHeaders=host, Signature=0"
        )
        headers = [
            (b"host", b"s3.amazonaws.com"),
            (b"authorization", scope.encode()),
            (b"content-type", b"binary/octet-stream"),
        ]
        return await self._aws.ask(Request(method, target.encode(), headers, body))
