"""A small HTTP/1.1 client for load: keep-alive connections, JSON bodies, one timeout, TLS where the URL says so.

A general client costs about four milliseconds of CPU a request; sixteen writers would then measure themselves
rather than the service. This one costs a tenth of that, and does what the orders service needs, no more.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


class HttpError(Exception):
    """No usable answer came. The message is one word for a histogram of errors."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return json.loads(self.body)


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Http:
    """Requests to one server. Connections are kept and used again, the warmest first."""

    def __init__(self, url: str, *, timeout: float, name: str | None = None) -> None:
        """Name the server (`http://host:port` or `https://host`) and the seconds that one request may take in all.

        `name` is the host that requests speak of, where it is another than the address that they are sent to.
        """
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or (443 if secure else 80)
        self._tls = ssl.create_default_context() if secure else None
        self._timeout = timeout
        self._name = name or self._host
        self._idle: list[_Connection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._idle:
            connection.writer.close()
        self._idle.clear()

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """GET a path. Raises `HttpError` where no answer comes."""
        query = f"?{urlencode(params)}" if params else ""
        return await self.request("GET", quote(path) + query, {}, b"")

    async def post(self, path: str, document: Any, headers: Mapping[str, str] | None = None) -> Answer:
        """POST a document as JSON. Raises `HttpError` where no answer comes."""
        body = json.dumps(document, separators=(",", ":")).encode()
        return await self.request("POST", path, {"content-type": "application/json", **(headers or {})}, body)

    async def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request and read its answer. Raises `HttpError` where no answer comes."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {target} HTTP/1.1\r\nhost: {self._name}\r\ncontent-length: {len(body)}\r\n{lines}\r\n"
        connection = None
        try:
            async with asyncio.timeout(self._timeout):
                connection = self._kept() or await self._connect()
                connection.writer.write(head.encode("latin-1") + body)
                answer, keep = await _read(connection.reader)
        except (TimeoutError, OSError, EOFError, ValueError) as error:
            if connection is not None:
                connection.writer.close()
            raise HttpError(type(error).__name__) from None
        if keep:
            self._idle.append(connection)
        else:
            connection.writer.close()
        return answer

    def _kept(self) -> _Connection | None:
        """An idle connection that the server has not closed meanwhile."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.reader.at_eof():
                return connection
            connection.writer.close()
        return None

    async def _connect(self) -> _Connection:
        return _Connection(*await asyncio.open_connection(self._host, self._port, ssl=self._tls))


async def _read(reader: asyncio.StreamReader) -> tuple[Answer, bool]:
    """An answer with a content length, and whether the connection may be used again."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head.split("\r\n")
    headers = {}
    for line in lines:
        name, separator, value = line.partition(":")
        if separator:
            headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(int(status_line.split(" ", 2)[1]), headers, body), headers.get("connection", "").lower() != "close"
