"""What the engine refuses, each with what to do next."""

from __future__ import annotations

from pathlib import Path


class EngineError(Exception):
    """The run cannot go on; the message says where, what, why and what to do instead."""


class StateCorrupted(EngineError):  # noqa: N818 - named for what happened, as the way out is in the message
    """The state file cannot be trusted. It is left as it is."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(
            f"{path}: {reason}\n"
            f"  nothing was changed; the last good states are in {path.parent / 'history'}\n"
            f"  to go back to one, copy it over {path.name} and delete {path.name}.sha256; "
            "to keep an edit that you made on purpose, delete the .sha256 file"
        )


class Unsupported(EngineError):  # noqa: N818 - as StateCorrupted
    """The program asks for something that this engine does not do; the real one may."""

    def __init__(self, feature: str, instead: str) -> None:
        super().__init__(f"{feature} is not supported by the sandbox engine: {instead}")
