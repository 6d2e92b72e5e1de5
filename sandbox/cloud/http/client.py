"""The client side: a pool of connections to one server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import httptools

from sandbox.cloud.http.messages import Headers, Request, Response

Done = Callable[[Response | None], None]
"""Called once with the response, or with None when the server is not there or hung up."""


class UpstreamError(ConnectionError):
    """The server behind the gateway is not there, or hung up before it answered."""


class _Wire(asyncio.Protocol):
    """One connection of the pool: a request at a time."""

    def __init__(self, pool: Upstream) -> None:
        self.transport: asyncio.Transport | None = None
        self.used = False
        self._pool = pool
        self._done: Done | None = None
        self._payload = b""
        self._head_only = False
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: Headers = []
        self._body: list[bytes] = []
        self._heard = False
        self._framed_by_close = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def request(self, payload: bytes, done: Done, *, head_only: bool) -> None:
        """Send; `done` hears the outcome."""
        self._done = done
        self._payload = payload
        self._head_only = head_only
        self._begin()
        if self.transport is None:
            self.connection_lost(None)
        else:
            self.transport.write(payload)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.transport = None
        self._pool.forget(self)
        if self._framed_by_close and self._done is not None:
            self._complete(reusable=False)
        done, self._done = self._done, None
        if done is None:
            return
        if self.used and not self._heard:
            # An idle connection that the server had closed: the request was never read.
            self._pool.open(self._payload, done, head_only=self._head_only)
        else:
            done(None)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if self.transport is not None:
                self.transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self._parser.get_status_code() == 100:
            return
        if self._head_only:
            # Its Content-Length speaks of a body that does not come.
            self._complete(reusable=False)
            return
        names = {name for name, _ in self._headers}
        self._framed_by_close = not names & {b"content-length", b"transfer-encoding"}

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._done is not None and self._parser.get_status_code() != 100:
            self._complete(reusable=self._parser.should_keep_alive())

    def _complete(self, *, reusable: bool) -> None:
        done, self._done = self._done, None
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        response = Response(self._parser.get_status_code(), self._headers, body)
        self.used = True
        if reusable:
            self._pool.release(self)
        elif self.transport is not None:
            self.transport.close()
        if done is not None:
            done(response)


class Upstream:
    """A server on loopback and the connections kept to it."""

    def __init__(self, port: int, *, idle_limit: int = 64) -> None:
        self.port = port
        self._idle: list[_Wire] = []
        self._idle_limit = idle_limit
        self._opening: set[asyncio.Task[None]] = set()

    def send(self, request: Request, done: Done) -> None:
        """Send a request; `done` is called in the event loop, once."""
        payload = request.encode()
        head_only = request.method == b"HEAD"
        if self._idle:
            self._idle.pop().request(payload, done, head_only=head_only)
        else:
            self.open(payload, done, head_only=head_only)

    async def ask(self, request: Request) -> Response:
        """Send a request and wait for its response.

        Raises:
            UpstreamError: the server is not there, or hung up.
        """
        future: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()
        self.send(request, lambda response: None if future.done() else future.set_result(response))
        response = await future
        if response is None:
            raise UpstreamError(f"127.0.0.1:{self.port} does not answer")
        return response

    def open(self, payload: bytes, done: Done, *, head_only: bool) -> None:
        """Send on a new connection."""
        task = asyncio.get_running_loop().create_task(self._open(payload, done, head_only=head_only))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, payload: bytes, done: Done, *, head_only: bool) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, wire = await loop.create_connection(lambda: _Wire(self), "127.0.0.1", self.port)
        except OSError:
            done(None)
            return
        wire.request(payload, done, head_only=head_only)

    def release(self, wire: _Wire) -> None:
        """A connection is free for the next request."""
        if len(self._idle) < self._idle_limit:
            self._idle.append(wire)
        elif wire.transport is not None:
            wire.transport.close()

    def forget(self, wire: _Wire) -> None:
        """A connection is gone."""
        if wire in self._idle:
            self._idle.remove(wire)

    def close(self) -> None:
        """Close what is idle."""
        for wire in list(self._idle):
            if wire.transport is not None:
                wire.transport.close()
        self._idle.clear()
