"""An answer, from bytes to a `Reply` or an error. No input or output: transports feed it what arrives."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

import httptools
import orjson

from holdfast import errors
from holdfast._attempt import Call, Reply
from holdfast._core.classify import classify

if TYPE_CHECKING:
    from holdfast.errors import HoldfastError


class ResponseReader:
    """Reads the answers of one connection, one after the other.

    Callbacks are bound methods of built-in containers: no Python frame per header or chunk.
    """

    __slots__ = ("_chunks", "_headers", "_parser", "_pending", "on_body", "on_header", "on_message_complete")

    def __init__(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._chunks: list[bytes] = []
        self._pending: list[bool] = []
        self.on_header = self._headers.__setitem__
        self.on_body = self._chunks.append
        self.on_message_complete = self._pending.clear
        self._parser = httptools.HttpResponseParser(self)

    def expect(self) -> None:
        """Get ready for the answer to a request that is about to be sent."""
        self._headers.clear()
        self._chunks.clear()
        self._pending.append(True)

    def feed(self, data: bytes | memoryview) -> bool:
        """Take what arrived; True when the answer is complete.

        Raises:
            httptools.HttpParserError: it is not HTTP.
        """
        self._parser.feed_data(data)
        if self._pending:
            return False
        if self._parser.get_status_code() < 200:  # 100 Continue, though nobody asked for it: the answer follows
            self._pending.append(True)
            return False
        return True

    @property
    def status(self) -> int:
        """The HTTP status; 0 before the status line."""
        try:
            return int(self._parser.get_status_code())
        except AttributeError:
            return 0

    @property
    def body(self) -> bytes:
        """What has come of the body."""
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def header(self, name: bytes, lowered: bytes) -> bytes | None:
        """A header's value. `name` is as DynamoDB writes it; another spelling costs a search."""
        headers = self._headers
        value = headers.get(name)
        if value is None:
            value = headers.get(lowered)
            if value is None:
                for given, candidate in headers.items():
                    if given.lower() == lowered:
                        return candidate
        return value

    def reusable(self) -> bool:
        """Whether the connection may carry another request."""
        connection = self._headers.get(b"Connection") or self.header(b"Connection", b"connection")
        if connection == b"keep-alive":
            return True
        if connection is None:
            return bool(self._parser.get_http_version() != "1.0")
        return b"close" not in connection.lower()

    def reply(self, call: Call, region: str, seconds: float) -> Reply:
        """The reply of a complete answer.

        Raises:
            ServiceError: the service says so.
            InvalidResponseError: a wrong checksum, or nothing that DynamoDB would answer.
        """
        headers = self._headers
        body = self.body
        checksum = headers.get(b"x-amz-crc32") or self.header(b"x-amz-crc32", b"x-amz-crc32")
        if checksum is not None and not _matches(checksum, body):
            raise errors.InvalidResponseError("the checksum of the answer is wrong", **_where(call, region))
        request_id = headers.get(b"x-amzn-RequestId") or self.header(b"x-amzn-RequestId", b"x-amzn-requestid")
        named = None if request_id is None else request_id.decode("latin-1")
        if self._parser.get_status_code() == 200:
            if body[:1] != b"{":
                raise errors.InvalidResponseError("the answer is not a JSON document", **_where(call, region))
            return Reply(body, region, named, seconds)
        raise self._fault(call, region, body, named)

    def skew(self, now: float) -> float | None:
        """Seconds that the service's clock is ahead of `now`, by the answer's Date header."""
        date = self.header(b"Date", b"date")
        if date is None:
            return None
        try:
            return parsedate_to_datetime(date.decode("latin-1")).timestamp() - now
        except ValueError:
            return None

    def _fault(self, call: Call, region: str, body: bytes, request_id: str | None) -> HoldfastError:
        status = self.status
        where = _where(call, region)
        try:
            document = orjson.loads(body)
            code = str(document.get("__type") or document.get("code") or "").rpartition("#")[2].partition(":")[0]
            message = str(document.get("message") or document.get("Message") or "")
        except (ValueError, AttributeError):
            # A load balancer or a proxy speaking for the service, or a body cut short.
            if status == 429 or status >= 500:
                return classify(status, "", "an answer that is not DynamoDB's", {}, request_id, **where)
            return errors.InvalidResponseError(f"HTTP {status} with an answer that is not DynamoDB's", **where)
        return classify(status, code, message, document, request_id, **where)


def _matches(checksum: bytes, body: bytes) -> bool:
    try:
        return int(checksum) == crc32(body)
    except ValueError:
        return False


def _where(call: Call, region: str) -> dict[str, Any]:
    return {"operation": call.operation.name, "table": call.table, "region": region}
