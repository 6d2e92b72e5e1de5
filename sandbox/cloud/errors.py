"""What can go wrong with a sandbox, in words that say what to do."""

from __future__ import annotations


class SandboxError(RuntimeError):
    """The sandbox could not be started, reached or told; the message says why and what to do next."""


class Refused(SandboxError):  # noqa: N818 - the condition's own name, as ConnectionRefused is
    """The sandbox runs and does not take what it was asked; the message says what to write instead."""


class PortInUse(SandboxError):  # noqa: N818 - the condition's own name, as ConnectionRefused is
    """A configured port belongs to another process.

    Attributes:
        name: what the port is for (a region's name, `admin`, `redis`).
        port: the port.
    """

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"port {port}, configured for {name}, is in use; free it, configure another under holdfast:sandbox.ports, "
            "or leave it out and a free one is chosen"
        )
        self.name = name
        self.port = port
