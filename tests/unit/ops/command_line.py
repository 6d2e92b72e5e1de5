"""The command line as its tests walk it: every command that has none beneath it."""

from __future__ import annotations

from typer.main import get_command

from ops.table import COMMANDS, app


def _leaves(words, command):
    """The commands under a command: itself where it has none."""
    below = getattr(command, "commands", None)
    if not below:
        yield " ".join(words), command
        return
    for name, one in below.items():
        yield from _leaves((*words, name), one)


GROUP = get_command(app)
LEAVES = dict(pair for name in COMMANDS for pair in _leaves((name,), GROUP.get_command(None, name)))
"""Words → command."""
