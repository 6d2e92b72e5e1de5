"""DynamoDB Streams of one table: a single shard that remembers its last records."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import json
import time
import uuid
from collections import deque
from typing import Any

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.keys import KeySchema
from sandbox.cloud.dynamodb.values import Item, item_size

_LIMIT = 50_000
_MAX_RECORDS = 1000
_MAX_BYTES = 2**20
_ITERATOR_SECONDS = 15 * 60


class Stream:
    """The stream of a table. Sequence numbers grow by one; a full stream forgets its oldest records."""

    def __init__(self, table_arn: str, table: str, region: str, view: str, schema: KeySchema) -> None:
        now = dt.datetime.now(dt.UTC)
        self.label = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}"
        self.arn = f"{table_arn}/stream/{self.label}"
        self.table = table
        self.region = region
        self.view = view
        self.schema = schema
        self.enabled = True
        self.created = time.time()
        self.shard = f"shardId-{time.time_ns() // 1_000_000:020d}-{uuid.uuid4().hex[:8]}"
        self._first = 100_000_000_000_000_000_000 + time.time_ns() % 10**12 * 1000
        self._numbers = itertools.count(self._first)
        self._records: deque[tuple[int, dict[str, Any]]] = deque(maxlen=_LIMIT)

    def close(self) -> None:
        """End the stream; its shard is closed."""
        self.enabled = False

    def add(
        self, keys: Item, old: Item | None, new: Item | None, time_ns: int, identity: dict[str, str] | None
    ) -> None:
        """Record a change."""
        number = next(self._numbers)
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        change: dict[str, Any] = {
            "ApproximateCreationDateTime": time_ns // 1_000_000_000,
            "Keys": keys,
            "SequenceNumber": str(number),
            "SizeBytes": 0,
            "StreamViewType": self.view,
        }
        size = item_size(keys)
        if new is not None and self.view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
            change["NewImage"] = new
            size += item_size(new)
        if old is not None and self.view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
            change["OldImage"] = old
            size += item_size(old)
        change["SizeBytes"] = size
        record: dict[str, Any] = {
            "eventID": uuid.uuid4().hex,
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self.region,
            "dynamodb": change,
        }
        if identity is not None:
            record["userIdentity"] = identity
        self._records.append((number, record))

    def describe(self) -> dict[str, Any]:
        """The stream as DescribeStream gives it."""
        span: dict[str, str] = {"StartingSequenceNumber": str(self._first)}
        if not self.enabled:
            span["EndingSequenceNumber"] = str(self._records[-1][0] if self._records else self._first)
        return {
            "StreamArn": self.arn,
            "StreamLabel": self.label,
            "StreamStatus": "ENABLED" if self.enabled else "DISABLED",
            "StreamViewType": self.view,
            "CreationRequestDateTime": self.created,
            "TableName": self.table,
            "KeySchema": self.schema.document(),
            "Shards": [{"ShardId": self.shard, "SequenceNumberRange": span}],
        }

    def iterator(self, kind: str, sequence: str | None) -> str:
        """A shard iterator.

        Raises:
            ServiceError: a sequence number is missing, superfluous, or not of this shard.
        """
        if kind == "TRIM_HORIZON":
            position = self._records[0][0] if self._records else self._first
        elif kind == "LATEST":
            position = self._next()
        else:
            if sequence is None or not sequence.isdigit():
                raise invalid("The request is missing a sequence number, or it is not one of this shard")
            position = int(sequence) + (1 if kind == "AFTER_SEQUENCE_NUMBER" else 0)
            if self._records and position < self._records[0][0]:
                raise ServiceError("TrimmedDataAccessException", "The sequence number is beyond the trim horizon")
        return self._encode(position)

    def _next(self) -> int:
        return self._records[-1][0] + 1 if self._records else self._first

    def _encode(self, position: int) -> str:
        content = json.dumps({"p": position, "t": int(time.time())})
        return f"{self.arn}|1|{base64.b64encode(content.encode()).decode()}"

    def records(self, iterator: str, limit: int | None) -> tuple[list[dict[str, Any]], str | None]:
        """Records from an iterator on, and the next iterator (None at the end of a closed shard).

        Raises:
            ServiceError: the iterator is malformed or expired.
        """
        try:
            content = json.loads(base64.b64decode(iterator.rpartition("|")[2]))
            position, made = int(content["p"]), int(content["t"])
        except (ValueError, KeyError, TypeError):
            raise invalid("Invalid ShardIterator") from None
        if time.time() - made > _ITERATOR_SECONDS:
            raise ServiceError("ExpiredIteratorException", "The shard iterator has expired")
        found: list[dict[str, Any]] = []
        total = 0
        if self._records:
            start = max(0, position - self._records[0][0])
            for number, record in itertools.islice(self._records, start, None):
                total += record["dynamodb"]["SizeBytes"]
                if len(found) >= (limit or _MAX_RECORDS) or (found and total > _MAX_BYTES):
                    break
                found.append(record)
                position = number + 1
        ended = not self.enabled and position >= self._next()
        return found, None if ended else self._encode(position)
