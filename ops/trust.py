"""Whether the recorded state of a stack can be trusted, before anything is told of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sandbox.engine import StateFile

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE_VARIABLE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105 (the name of a variable)


def refuse_damaged(path: Path) -> None:
    """Read a state that the engine wrote, and forget it.

    Raises:
        StateCorrupted: it does not match its checksum, or is none.
        EngineError: its secrets are of another passphrase than the environment's.
    """
    StateFile(path, os.environ.get(PASSPHRASE_VARIABLE, "")).load()
