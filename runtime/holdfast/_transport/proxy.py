"""HTTP proxies of the environment (HTTPS_PROXY, NO_PROXY): a tunnel to the endpoint, through which TLS then goes."""

from __future__ import annotations

import os
import socket
import time
from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from holdfast.errors import ConfigurationError, ConnectError

if TYPE_CHECKING:
    from holdfast._control.plane import Endpoint

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MAX_HEAD = 65536
_clock = time.monotonic


class Proxy(NamedTuple):
    """Where the proxy listens, and what it wants to see."""

    host: str
    port: int
    authorization: str | None = None
    """Value of Proxy-Authorization."""

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"


def proxy_for(endpoint: Endpoint) -> Proxy | None:
    """The proxy through which botocore would reach that endpoint; None where it would go straight.

    The own machine is always reached straight.

    Raises:
        ConfigurationError: a proxy is asked for that this transport cannot use.
    """
    if endpoint.host in _LOOPBACK or not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from botocore.utils import get_environ_proxies  # noqa: PLC0415 - botocore is loaded when it is first needed

    scheme = "https" if endpoint.tls else "http"
    proxies = get_environ_proxies(f"{scheme}://{endpoint.authority}{endpoint.path}")
    url = proxies.get(scheme) or proxies.get("all")
    if not url:
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    instead = f"add {endpoint.host} to NO_PROXY, or use transport='botocore'"
    if parts.scheme != "http" or not parts.hostname:
        raise ConfigurationError(f"the proxy {_shown(parts.hostname)} is asked for by {parts.scheme}://; {instead}")
    if not endpoint.tls:
        raise ConfigurationError(
            f"HTTP_PROXY stands before the endpoint http://{endpoint.authority}, and only TLS goes through a proxy; "
            f"{instead}"
        )
    authorization = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + b64encode(pair.encode()).decode("ascii")
    return Proxy(parts.hostname, parts.port or 80, authorization)


def open_tunnel(connected: socket.socket, proxy: Proxy, endpoint: Endpoint, deadline: float) -> None:
    """Ask a connected proxy for a tunnel to the endpoint. Raises ConnectError."""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    target = f"{host}:{endpoint.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    head = b""
    try:
        connected.settimeout(max(deadline - _clock(), 0.001))
        connected.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in head:
            connected.settimeout(max(deadline - _clock(), 0.001))
            # Byte by byte would be exact; nothing may follow the head before the client speaks, so more is safe.
            received = connected.recv(4096)
            if not received or len(head) > _MAX_HEAD:
                raise ConnectError(f"the proxy {proxy!r} gave no answer to CONNECT {target}")
            head += received
    except OSError as error:
        raise ConnectError(f"the proxy {proxy!r} gave no tunnel to {target}: {error or 'timed out'}") from error
    status = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    if len(status) < 2 or status[1] != "200":
        raise ConnectError(f"the proxy {proxy!r} refused a tunnel to {target}: {' '.join(status[1:]) or 'no HTTP'}")


def _shown(host: str | None) -> str:
    return host or "without a name"
