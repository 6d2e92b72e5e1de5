"""Attempts over pooled keep-alive connections on an asyncio event loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError

from holdfast import errors
from holdfast._attempt import Call, Reply, Timeouts
from holdfast._transport.aioconnection import AsyncConnection
from holdfast._transport.channel import Channel
from holdfast._transport.connection import reach

if TYPE_CHECKING:
    import socket
    import ssl

    from holdfast._control.plane import ControlPlane
    from holdfast._transport.proxy import Proxy
    from holdfast.topology import Region

_clock = time.monotonic


class AsyncHttpSender:
    """Sends attempts; one pool per region. Belongs to the loop that first uses it; another loop starts it afresh."""

    def __init__(self, plane: ControlPlane, *, max_connections: int = 50, idle_seconds: float = 20.0) -> None:
        self._plane = plane
        self._max_connections = max_connections
        self._idle_seconds = idle_seconds
        self._lanes: dict[str, AsyncLane] = {}
        self._opening: dict[str, asyncio.Task[AsyncLane]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    async def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        """As `holdfast._attempt.AsyncSender.send`."""
        lane = self._lanes.get(region.name)
        if lane is None or self._loop is not asyncio.get_running_loop():
            lane = await self._open(region)
        channel = lane.channel
        data = channel.request_at_once(call)
        if data is None:
            await asyncio.to_thread(channel.credentials.get)  # files, processes, the network: not on the loop
            data = channel.request(call)
        started = _clock()
        connection = lane.idle_connection(started)
        if connection is None:
            try:
                connection = await lane.connection(timeouts.connect)
            except errors.TransportError as error:
                error.operation, error.table, error.region = call.operation.name, call.table, region.name
                raise
            started = _clock()
        try:
            connection.begin(data, started, timeouts.attempt)
            await connection
            now = _clock()
            reply = connection.reader.reply(call, region.name, now - started)
        except errors.ServiceError as error:
            channel.learn(error, connection.reader)
            lane.release(connection, _clock())
            raise
        except BaseException as error:
            lane.discard(connection)
            fault = _fault(error, call, region.name, timeouts, sent=connection.sent)
            if fault is error:
                raise
            raise fault from error
        lane.release(connection, now)
        return reply

    async def warm(self, region: Region, connections: int, timeouts: Timeouts) -> None:
        """Open connections before they are needed.

        Raises:
            ConnectError: the region does not accept them.
        """
        lane = await self._open(region)
        missing = min(connections, self._max_connections) - lane.open
        for connection in await asyncio.gather(*(lane.connection(timeouts.connect) for _ in range(missing))):
            lane.release(connection, _clock(), used=False)

    async def close(self) -> None:
        """Close every connection, and wait until they are closed."""
        self._closed = True
        lanes, self._lanes = list(self._lanes.values()), {}
        await asyncio.gather(*(lane.close() for lane in lanes))

    async def _open(self, region: Region) -> AsyncLane:
        if self._closed:
            raise errors.ClientClosedError("the client is closed; make a new one")
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # a new loop, or a forked child's: the old connections are not ours to use
            self._loop, self._lanes, self._opening = loop, {}, {}
        lane = self._lanes.get(region.name)
        if lane is not None:
            return lane
        task = self._opening.get(region.name)
        if task is None:
            task = self._opening[region.name] = loop.create_task(self._make(region))
            task.add_done_callback(lambda _: self._opening.pop(region.name, None))
        return await asyncio.shield(task)

    async def _make(self, region: Region) -> AsyncLane:
        # botocore reads files and may be imported here: not on the loop
        channel = await asyncio.to_thread(Channel, region, self._plane)
        context = await asyncio.to_thread(self._plane.tls) if channel.endpoint.tls else None
        lane = self._lanes[region.name] = AsyncLane(channel, context, self._max_connections, self._idle_seconds)
        return lane


class AsyncLane:
    """The connections of one region, last used first, for one loop."""

    def __init__(
        self, channel: Channel, context: ssl.SSLContext | None, max_connections: int, idle_seconds: float
    ) -> None:
        self.channel = channel
        self.open = 0
        self._context = context
        self._limit = max_connections
        self._idle_seconds = idle_seconds
        self._loop = asyncio.get_running_loop()
        self._idle: deque[AsyncConnection] = deque()
        self._all: set[AsyncConnection] = set()
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._closed = False

    def idle_connection(self, now: float) -> AsyncConnection | None:
        """An idle connection that is alive, if there is one. `now` is `time.monotonic()`."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.alive and now - connection.used < self._idle_seconds:
                return connection
            self.discard(connection)
        return None

    async def connection(self, timeout: float) -> AsyncConnection:  # noqa: ASYNC109 - part of a Timeouts, in seconds
        """An idle connection, or a new one.

        Raises:
            PoolTimeoutError: all are in use for `timeout` seconds.
            ConnectError: no new one could be made.
        """
        while True:
            connection = self.idle_connection(_clock())
            if connection is not None:
                return connection
            if self.open < self._limit:
                return await self._connect(timeout)
            await self._wait(timeout)

    def release(self, connection: AsyncConnection, now: float, *, used: bool = True) -> None:
        """Give back a connection after a complete answer."""
        if self._closed or not connection.alive or (used and not connection.reader.reusable()):
            self.discard(connection)
            return
        connection.used = now
        idle = self._idle
        idle.append(connection)
        if self._waiters:
            self._wake()
        elif now - idle[0].used > self._idle_seconds:
            self.discard(idle.popleft())

    def discard(self, connection: AsyncConnection) -> None:
        """Close a connection that cannot be used again."""
        connection.abort()
        self._all.discard(connection)
        self.open -= 1
        self._wake()

    async def close(self) -> None:
        """Close what is idle, and what is in use when it comes back."""
        self._closed = True
        closing = list(self._all)
        while self._idle:
            self.discard(self._idle.pop())
        for connection in closing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(connection.closed.wait(), 1)

    async def _connect(self, timeout: float) -> AsyncConnection:  # noqa: ASYNC109 - see above
        endpoint = self.channel.endpoint
        options: dict[str, Any] = {"ssl": self._context}
        if self._context is not None:
            options["server_hostname"] = endpoint.host
        self.open += 1
        try:
            async with asyncio.timeout(timeout):
                if self.channel.proxy is None:
                    options |= {"host": endpoint.host, "port": endpoint.port, "happy_eyeballs_delay": 0.25}
                else:
                    options["sock"] = await self._tunnel(self.channel.proxy, timeout)
                _, connection = await self._loop.create_connection(lambda: AsyncConnection(self._loop), **options)
        except BaseException as error:
            self.open -= 1
            self._wake()
            if isinstance(error, OSError):  # TimeoutError and ssl.SSLError among them
                raise errors.ConnectError(
                    f"no connection to {endpoint.authority} within {timeout:g} s: {error or 'timed out'}"
                ) from error
            raise
        self._all.add(connection)
        return connection

    async def _tunnel(self, proxy: Proxy, timeout: float) -> socket.socket:  # noqa: ASYNC109 - see above
        """A tunnel of the proxy to the endpoint. It is asked for in a thread: new connections are rare."""
        connected = await asyncio.to_thread(reach, self.channel.endpoint, proxy, timeout)
        connected.setblocking(False)
        return connected

    async def _wait(self, timeout: float) -> None:  # noqa: ASYNC109 - see above
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter
        except TimeoutError:
            raise errors.PoolTimeoutError(
                f"all {self._limit} connections to {self.channel.endpoint.authority} stayed in use for {timeout:g} s; "
                "raise max_connections, or send less at once"
            ) from None
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self._wake()  # the turn came as we were cancelled: hand it on
            raise
        finally:
            with contextlib.suppress(ValueError):
                self._waiters.remove(waiter)

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return


def _fault(error: BaseException, call: Call, region: str, timeouts: Timeouts, *, sent: bool) -> BaseException:
    """What went wrong in an exchange, as the caller shall see it."""
    where: dict[str, Any] = {"operation": call.operation.name, "table": call.table, "region": region}
    if isinstance(error, TimeoutError):
        return errors.AttemptTimeoutError(f"no answer within {timeouts.attempt:g} s", sent=sent, **where)
    if isinstance(error, OSError | EOFError):
        return errors.ConnectionLostError(f"connection lost: {error}", sent=sent, **where)
    if isinstance(error, HttpParserError):
        return errors.InvalidResponseError("the answer is not HTTP", **where)
    return error
