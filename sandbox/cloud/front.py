"""The door before a node of a cache: TLS ends here, plain connections pass, and a cut region's door stays shut.

One port takes both, told apart by the first byte (0x16 begins a TLS handshake, no Redis or DAX request does): Redis
nodes talk to each other in plain at the port that clients use with TLS, which is the one that the cluster announces.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any, cast

_HANDSHAKE = 0x16
_FIRST_BYTE_SECONDS = 30.0

Blocked = Callable[[], str | None]
"""Says whether the region is `cut` or `blackhole` for its cache now, or None."""


class Front:
    """A listening port that forwards to a node."""

    def __init__(self, port: int, context: ssl.SSLContext | None, blocked: Blocked) -> None:
        """Make a front.

        Args:
            port: the node's own port.
            context: how to end TLS, or None to take plain connections only.
            blocked: asked at each connection.
        """
        self._target = port
        self._context = context
        self._blocked = blocked
        self._socket: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[_Side] = set()

    def listen(self, port: int) -> None:
        """Open the port on loopback.

        Raises:
            OSError: it is taken.
        """
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen(128)
        server.setblocking(False)
        self._socket = server
        self._start(self._accept(server))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, server: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(server)
            client.setblocking(False)
            self._start(self._serve(client))

    async def _serve(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        blocked = self._blocked()
        if blocked == "cut":
            client.close()
            return
        try:
            first = await asyncio.wait_for(_first_byte(loop, client), _FIRST_BYTE_SECONDS)
            if first is None:
                client.close()
                return
            # A node that is dead must look dead: ask it before the client's handshake is answered.
            _, outer = await loop.create_connection(lambda: _Side(self), "127.0.0.1", self._target)
        except (OSError, TimeoutError):
            client.close()
            return
        inner = _Side(self)
        try:
            # From here on the socket is the transport's, which closes it.
            tls = self._context if first == _HANDSHAKE else None
            await loop.connect_accepted_socket(lambda: inner, client, ssl=tls)
        except OSError:  # a handshake that fails is one
            outer.abort()
            return
        inner.join(outer)

    @property
    def silent(self) -> bool:
        """Whether nothing passes now."""
        return self._blocked() == "blackhole"

    def opened(self, side: _Side) -> None:
        """A connection is there."""
        self._open.add(side)

    def closed(self, side: _Side) -> None:
        """A connection is gone."""
        self._open.discard(side)

    def cut(self) -> None:
        """Reset what is open."""
        for side in list(self._open):
            side.abort()

    def close(self) -> None:
        """Close the port and what is open."""
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            self._socket.close()
        self.cut()


async def _first_byte(loop: asyncio.AbstractEventLoop, client: socket.socket) -> int | None:
    """The first byte of a connection, left in it; None when the client hung up."""
    while True:
        try:
            data = client.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            ready: asyncio.Future[None] = loop.create_future()
            loop.add_reader(client.fileno(), _settle, ready)
            try:
                await ready
            finally:
                loop.remove_reader(client.fileno())
            continue
        return data[0] if data else None


def _settle(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


class _Side(asyncio.Protocol):
    """One of the two connections of a pair."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._transport: asyncio.Transport | None = None
        self._other: _Side | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._front.opened(self)

    def join(self, other: _Side) -> None:
        """Forward to and from the other side from now on."""
        self._other, other._other = other, self
        for data in self._early:
            other.send(data)
        self._early.clear()
        if self._transport is None:
            other.abort()

    def send(self, data: bytes) -> None:
        """Write, unless nothing passes."""
        if self._transport is not None and not self._front.silent:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self._other is None:
            self._early.append(data)
        else:
            self._other.send(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        self._front.closed(self)
        if self._other is not None:
            self._other.end()

    def end(self) -> None:
        """Close when what was written has left."""
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()
