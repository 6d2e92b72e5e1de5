"""A state that cannot be trusted stops every command before anything is started, moved or written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine import StateFile

if TYPE_CHECKING:
    from ops.workspace import Workspace


def require_sound(workspace: Workspace, passphrase: str) -> None:
    """Read the state once.

    Raises:
        StateCorrupted: it is damaged; the message names the file and the way out.
        EngineError: it cannot be read, such as with another passphrase.
    """
    if workspace.state.exists():
        StateFile(workspace.state, passphrase).load()
