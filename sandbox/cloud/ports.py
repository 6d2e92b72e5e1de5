"""Free and configured ports on loopback."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from sandbox.cloud.errors import PortInUse


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def in_use(port: int) -> bool:
    """Whether something is bound to a port of loopback."""
    with socket.socket() as probe:
        # As a server binds: a connection of a server that has just ended is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def require_free(ports: Mapping[str, int]) -> None:
    """Check configured ports.

    Raises:
        PortInUse: one is taken, or given twice.
    """
    seen: set[int] = set()
    for name, port in ports.items():
        if port in seen or (port and in_use(port)):
            raise PortInUse(name, port)
        seen.add(port)
