"""The server side: whole requests go to a handler, which answers at once or later."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from typing import Protocol, cast

import httptools

from sandbox.cloud.http.messages import Headers, Request, Response


class Handler(Protocol):
    """What a server does with connections and requests. Called in the event loop; must not block."""

    def opened(self, connection: Connection) -> None:
        """A client connected."""

    def closed(self, connection: Connection) -> None:
        """A client went away."""

    def handle(self, request: Request, connection: Connection) -> None:
        """Answer through `connection.reply`, now or later, or `connection.abort`; or never."""


class Connection(asyncio.Protocol):
    """One client's connection. Requests on it are handled one after the other, in their order."""

    def __init__(self, handler: Handler) -> None:
        self.transport: asyncio.Transport | None = None
        self._handler = handler
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._headers: Headers = []
        self._body: list[bytes] = []
        self._waiting: deque[Request] = deque()
        self._current: Request | None = None
        self._last = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's: the client is here."""
        self.transport = cast("asyncio.Transport", transport)
        self._handler.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's: the client is gone."""
        del exc
        self.transport = None
        self._waiting.clear()
        self._handler.closed(self)

    def data_received(self, data: bytes) -> None:
        """asyncio's: some bytes."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.reply(Response(400, [], b"no upgrade is served here"), close=True)
        except httptools.HttpParserError:
            self.reply(Response(400, [], b"not an HTTP/1.1 request"), close=True)

    # httptools calls these while it parses.

    def on_message_begin(self) -> None:
        """A request starts."""
        self._target = b""
        self._headers = []
        self._body = []

    def on_url(self, url: bytes) -> None:
        """A piece of the request target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is whole: a client that asks whether to send its body is told to."""
        for name, value in self._headers:
            if name == b"expect" and value.lower() == b"100-continue" and self.transport is not None:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        request = Request(self._parser.get_method(), self._target, self._headers, body)
        self._last = not self._parser.should_keep_alive()
        if self._current is not None:
            self._waiting.append(request)
            return
        self._current = request
        self._handler.handle(request, self)

    def reply(self, response: Response, *, close: bool = False) -> None:
        """Answer the current request; nothing happens when the client is gone."""
        head_only = self._current is not None and self._current.method == b"HEAD"
        self.send(response.encode(head_only=head_only))
        self.finish(close=close)

    def send(self, data: bytes) -> None:
        """Write raw bytes; `finish` must follow when the answer is whole."""
        if self.transport is not None:
            self.transport.write(data)

    def finish(self, *, close: bool = False) -> None:
        """The current request is answered: close, or go on with the next one."""
        self._current = None
        if close or (self._last and not self._waiting):
            if self.transport is not None:
                self.transport.close()
        elif self._waiting:
            self._current = self._waiting.popleft()
            self._handler.handle(self._current, self)

    def abort(self) -> None:
        """Reset the connection: the client sees ECONNRESET, not an orderly end."""
        if self.transport is None:
            return
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):  # gone already
                # Linger of zero seconds: the kernel sends RST instead of FIN.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.transport.abort()


async def serve(handler: Handler, *, port: int = 0) -> asyncio.Server:
    """Listen on loopback.

    Args:
        handler: what answers.
        port: a port, or 0 for a free one.

    Raises:
        OSError: the port is taken.
    """
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(handler), "127.0.0.1", port, backlog=512)


def port_of(server: asyncio.Server) -> int:
    """The port that a server listens on."""
    return int(server.sockets[0].getsockname()[1])
