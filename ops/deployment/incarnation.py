"""Whether the cloud that the recorded state speaks of still exists.

A sandbox keeps its cloud in memory. Each start is an incarnation of its own; the stack remembers the one that its
state was made in. After a reboot the two differ, and the state describes things that are gone.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ops.workspace import Workspace


def recorded(workspace: Workspace) -> str | None:
    """The incarnation that the state was made in, or None where nothing says so."""
    try:
        return workspace.built_in.read_text().strip() or None
    except FileNotFoundError:
        return None


def record(workspace: Workspace, incarnation: str) -> None:
    """Remember it, in one step, before the first resource is made."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    temporary = workspace.built_in.with_suffix(".new")
    temporary.write_text(incarnation + "\n")
    temporary.replace(workspace.built_in)


def has_resources(state: Path) -> bool:
    """Whether a state file that is known to be sound records anything."""
    try:
        document = json.loads(state.read_bytes())
    except FileNotFoundError:
        return False
    deployment = document.get("deployment") or document
    return bool(deployment.get("resources") or deployment.get("pending_operations"))


def is_lost(workspace: Workspace, current: str | None) -> bool:
    """Whether the state records resources of a cloud other than the running one (None: nothing runs)."""
    return has_resources(workspace.state) and (current is None or recorded(workspace) != current)


def set_aside(workspace: Workspace) -> Path:
    """Move the state of a lost cloud, and what belongs to it, into the history; give the folder."""
    folder = workspace.history / f"lost-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    folder.mkdir(parents=True)
    # The state goes last: were this interrupted, the next run would find the state and do the rest.
    for path in (
        workspace.topology,
        workspace.built_in,
        workspace.state.with_name("state.json.sha256"),
        workspace.state,
    ):
        if path.exists():
            path.rename(folder / path.name)
    return folder
