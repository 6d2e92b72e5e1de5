"""The connections of one region, last used first."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from holdfast._transport.connection import Connection, connect
from holdfast.errors import PoolTimeoutError

if TYPE_CHECKING:
    import ssl

    from holdfast._control.plane import Endpoint
    from holdfast._transport.proxy import Proxy

_clock = time.monotonic


class Pool:
    """At most `limit` connections. The common path takes no lock: a deque's ends are safe between threads."""

    def __init__(
        self,
        endpoint: Endpoint,
        context: ssl.SSLContext | None,
        limit: int,
        idle_seconds: float,
        proxy: Proxy | None = None,
    ) -> None:
        self._proxy = proxy
        self._endpoint = endpoint
        self._context = context
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._idle: deque[Connection] = deque()
        self._changed = threading.Condition()
        self._open = 0
        self._waiting = 0
        self._closed = False

    def acquire(self, timeout: float) -> Connection:
        """A connection that is alive, or a new one.

        Raises:
            PoolTimeoutError: all are in use for `timeout` seconds.
            ConnectError: no new one could be made.
        """
        idle = self._idle
        while True:
            try:
                connection = idle.pop()
            except IndexError:
                found = self._new_or_wait(timeout)
                if found is not None:
                    return found
                continue
            if _clock() - connection.used < self._idle_seconds and connection.alive():
                return connection
            self.discard(connection)

    def release(self, connection: Connection) -> None:
        """Give back a connection after a complete answer."""
        if self._closed or not connection.reader.reusable():
            self.discard(connection)
            return
        now = connection.used = _clock()
        idle = self._idle
        idle.append(connection)
        if self._waiting:
            with self._changed:
                self._changed.notify()
        elif now - idle[0].used > self._idle_seconds:
            self._prune()

    def discard(self, connection: Connection) -> None:
        """Close a connection that cannot be used again."""
        connection.close()
        with self._changed:
            self._open -= 1
            self._changed.notify()

    def warm(self, connections: int, timeout: float) -> None:
        """Have that many connections open."""
        while True:
            with self._changed:
                if self._open >= connections:
                    return
                self._open += 1
            self._idle.append(self._connect(timeout))

    def close(self) -> None:
        """Close what is idle now, and what is in use when it comes back."""
        self._closed = True
        while self._idle:
            try:
                self.discard(self._idle.pop())
            except IndexError:
                return

    def abandon(self) -> None:
        """In a forked child: close the descriptors, which says nothing to the other side."""
        for connection in self._idle:
            connection.close()

    def _new_or_wait(self, timeout: float) -> Connection | None:
        """A new connection where the limit allows; else wait for one to come back, and None."""
        with self._changed:
            if self._open >= self._limit:
                self._waiting += 1
                try:
                    if not self._idle and not self._changed.wait(timeout):
                        raise PoolTimeoutError(
                            f"all {self._limit} connections to {self._endpoint.authority} stayed in use "
                            f"for {timeout:g} s; raise max_connections, or send less at once"
                        )
                finally:
                    self._waiting -= 1
                return None
            self._open += 1
        return self._connect(timeout)

    def _connect(self, timeout: float) -> Connection:
        try:
            return connect(self._endpoint, self._context, timeout, self._proxy)
        except BaseException:
            with self._changed:
                self._open -= 1
                self._changed.notify()
            raise

    def _prune(self) -> None:
        """Close the connection that was idle the longest."""
        try:
            oldest = self._idle.popleft()
        except IndexError:
            return
        if _clock() - oldest.used > self._idle_seconds:
            self.discard(oldest)
        else:
            self._idle.appendleft(oldest)
