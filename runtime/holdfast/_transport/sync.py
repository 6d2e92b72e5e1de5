"""Attempts over pooled keep-alive connections on blocking sockets."""

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import TYPE_CHECKING

from holdfast import errors
from holdfast._attempt import Call, Reply, Timeouts
from holdfast._transport.channel import Channel
from holdfast._transport.connection import fault_of
from holdfast._transport.pool import Pool
from holdfast._transport.race import race

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast._control.plane import ControlPlane
    from holdfast.topology import Region

_clock = time.perf_counter


class HttpSender:
    """Sends attempts; one pool per region, opened when first used. Safe to use from threads and after a fork."""

    def __init__(self, plane: ControlPlane, *, max_connections: int = 50, idle_seconds: float = 20.0) -> None:
        self._plane = plane
        self._max_connections = max_connections
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._lanes: dict[str, tuple[Channel, Pool]] = {}
        self._closed = False
        _senders.add(self)

    def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        """As `holdfast._attempt.Sender.send`."""
        channel, pool = self._lanes.get(region.name) or self._open(region)
        data = channel.request(call)
        try:
            connection = pool.acquire(timeouts.connect)
        except errors.TransportError as error:
            error.operation, error.table, error.region = call.operation.name, call.table, region.name
            raise
        try:
            started = _clock()
            connection.exchange(data, timeouts.attempt)
            reply = connection.reader.reply(call, region.name, _clock() - started)
        except errors.ServiceError as error:
            channel.learn(error, connection.reader)
            pool.release(connection)
            raise
        except BaseException as error:
            pool.discard(connection)
            fault = fault_of(error, call, region.name, timeouts, connection)
            if fault is error:
                raise
            raise fault from error
        pool.release(connection)
        return reply

    def send_hedged(
        self, call: Call, region: Region, *, timeouts: Timeouts, after: float, launch: Callable[[], bool]
    ) -> Reply:
        """Send a read; when `after` seconds have brought no answer and `launch()` agrees, once more beside it."""
        channel, pool = self._lanes.get(region.name) or self._open(region)
        return race(channel, pool, call, region, timeouts=timeouts, after=after, launch=launch)

    def warm(self, region: Region, connections: int, timeouts: Timeouts) -> None:
        """Open connections before they are needed.

        Raises:
            ConnectError: the region does not accept them.
        """
        _, pool = self._lanes.get(region.name) or self._open(region)
        pool.warm(min(connections, self._max_connections), timeouts.connect)

    def close(self) -> None:
        """Close every connection; those in use close when their call ends."""
        with self._lock:
            self._closed = True
            lanes, self._lanes = list(self._lanes.values()), {}
        for _, pool in lanes:
            pool.close()

    def after_fork(self) -> None:
        """In a child: the parent's connections are not ours to use."""
        self._lock = threading.Lock()
        for _, pool in self._lanes.values():
            pool.abandon()
        self._lanes = {}

    def _open(self, region: Region) -> tuple[Channel, Pool]:
        with self._lock:
            if self._closed:
                raise errors.ClientClosedError("the client is closed; make a new one")
            lane = self._lanes.get(region.name)
            if lane is None:
                channel = Channel(region, self._plane)
                context = self._plane.tls() if channel.endpoint.tls else None
                pool = Pool(channel.endpoint, context, self._max_connections, self._idle_seconds, channel.proxy)
                lane = self._lanes[region.name] = (channel, pool)
            return lane


_senders: weakref.WeakSet[HttpSender] = weakref.WeakSet()


def _after_fork() -> None:
    for sender in list(_senders):
        sender.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
