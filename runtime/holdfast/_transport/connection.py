"""One blocking connection."""

from __future__ import annotations

import select
import socket
import time
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError

from holdfast import errors
from holdfast._core.response import ResponseReader
from holdfast._transport.proxy import open_tunnel
from holdfast.errors import ConnectError

if TYPE_CHECKING:
    import ssl

    from holdfast._attempt import Call, Timeouts
    from holdfast._control.plane import Endpoint
    from holdfast._transport.proxy import Proxy

_RECEIVE = 65536
_clock = time.monotonic


class Connection:
    """A keep-alive connection: one exchange at a time."""

    __slots__ = ("_poll", "_socket", "_timeout", "reader", "sent", "used")

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._timeout: float | None = -1
        self._poll = select.poll()
        self._poll.register(connected.fileno(), select.POLLIN | select.POLLHUP)
        self.reader = ResponseReader()
        self.sent = False
        """Whether the last request left whole, so that it may have been carried out."""
        self.used = _clock()

    def alive(self) -> bool:
        """Whether the idle connection can carry a request: nothing has come, neither data nor an end."""
        return not self._poll.poll(0)

    def exchange(self, data: bytes, timeout: float) -> None:
        """Send a request and read its whole answer into `reader`. Raises TimeoutError, OSError, EOFError."""
        self.sent = False
        connected = self._socket
        if self._timeout != timeout:
            connected.settimeout(timeout)
            self._timeout = timeout
        deadline = _clock() + timeout
        reader = self.reader
        reader.expect()
        connected.sendall(data)  # when this raises, the service has not got the whole body
        self.sent = True
        if len(data) > _RECEIVE:
            self._limit(deadline)
        received = connected.recv(_RECEIVE)

        while received and not reader.feed(received):
            self._limit(deadline)
            received = connected.recv(_RECEIVE)
        if not received:
            raise EOFError("closed by the other side before the answer was complete")

    # The same in parts, for a thread that waits for two connections.

    def begin(self, data: bytes, timeout: float) -> None:
        """Send a request. Raises as `exchange`."""
        self.sent = False
        if self._timeout != timeout:
            self._socket.settimeout(timeout)
            self._timeout = timeout
        self.reader.expect()
        self._socket.sendall(data)
        self.sent = True

    def ready(self, seconds: float) -> bool:
        """Whether something comes within `seconds`: an answer, or an end."""
        return bool(self._poll.poll(max(0.0, seconds) * 1000))

    def advance(self) -> bool:
        """Read what is there, without waiting. Whether the answer is whole. Raises as `exchange`."""
        connected = self._socket
        connected.settimeout(0)
        self._timeout = -1
        while True:
            try:
                received = connected.recv(_RECEIVE)
            except OSError as error:
                if isinstance(error, BlockingIOError) or type(error).__name__ == "SSLWantReadError":
                    return False
                raise
            if not received:
                raise EOFError("closed by the other side before the answer was complete")
            if self.reader.feed(received):
                return True

    def finish(self, deadline: float, *, ready: bool) -> None:
        """Read the rest of the answer until `deadline`; `ready`: some of it is there. Raises as `exchange`."""
        connected = self._socket
        if not ready or hasattr(connected, "pending"):  # what is ready with TLS may be no part of an answer
            self._limit(deadline)
        received = connected.recv(_RECEIVE)
        while received and not self.reader.feed(received):
            self._limit(deadline)
            received = connected.recv(_RECEIVE)
        if not received:
            raise EOFError("closed by the other side before the answer was complete")

    def fileno(self) -> int:
        """Of its socket, to poll."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close it, without a word to the other side."""
        self._socket.close()

    def _limit(self, deadline: float) -> None:
        """Let the next step take what is left of the time."""
        left = deadline - _clock()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        self._timeout = -1


def connect(
    endpoint: Endpoint, context: ssl.SSLContext | None, timeout: float, proxy: Proxy | None = None
) -> Connection:
    """A new connection within `timeout` seconds, over whichever address answers (IPv6 or IPv4).

    Raises:
        ConnectError: no address accepted it, or TLS failed, or the proxy gave no tunnel.
    """
    deadline = _clock() + timeout
    plain = reach(endpoint, proxy, timeout)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if context is None:
            return Connection(plain)
        plain.settimeout(max(deadline - _clock(), 0.001))
        return Connection(context.wrap_socket(plain, server_hostname=endpoint.host))
    except OSError as error:
        plain.close()
        raise ConnectError(f"no TLS connection to {endpoint.authority}: {error}") from error


def reach(endpoint: Endpoint, proxy: Proxy | None, timeout: float) -> socket.socket:
    """A plain connection to the endpoint, or the tunnel of a proxy to it.

    Raises:
        ConnectError: no address accepted it, or the proxy gave no tunnel.
    """
    deadline = _clock() + timeout
    target = endpoint.authority if proxy is None else f"the proxy {proxy!r}"
    try:
        connected = _reach(*((endpoint.host, endpoint.port) if proxy is None else (proxy.host, proxy.port)), deadline)
    except OSError as error:
        raise ConnectError(f"no connection to {target} within {timeout:g} s: {error or 'timed out'}") from error
    if proxy is not None:
        try:
            open_tunnel(connected, proxy, endpoint, deadline)
        except BaseException:
            connected.close()
            raise
    return connected


def _reach(host: str, port: int, deadline: float) -> socket.socket:
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    last: OSError = OSError("the name has no address")
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        candidate = socket.socket(family, kind, protocol)
        # An address that does not answer may use its share of the time only: the next may be well.
        candidate.settimeout(max((deadline - _clock()) / (len(addresses) - index), 0.001))
        try:
            candidate.connect(address)
        except OSError as error:
            candidate.close()
            last = error
        else:
            return candidate
    raise last


def where_of(call: Call, region: str) -> dict[str, Any]:
    """What every error says of its call."""
    return {"operation": call.operation.name, "table": call.table, "region": region}


def fault_of(
    error: BaseException, call: Call, region: str, timeouts: Timeouts, connection: Connection
) -> BaseException:
    """The error as one of `holdfast.errors`, where it is one of the network's; else itself."""
    where = where_of(call, region)
    sent = connection.sent
    if isinstance(error, TimeoutError):
        return errors.AttemptTimeoutError(f"no answer within {timeouts.attempt:g} s", sent=sent, **where)
    if isinstance(error, OSError | EOFError):  # ssl.SSLError is an OSError
        return errors.ConnectionLostError(f"connection lost: {error}", sent=sent, **where)
    if isinstance(error, HttpParserError):
        return errors.InvalidResponseError("the answer is not HTTP", **where)
    return error
