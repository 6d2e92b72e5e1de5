"""The first look of `status`, begun before the command line is read.

Reading the command line takes longer than a region takes to answer, and an operator at three in the morning wants to
see at once who answers. Only words that are sure to mean the same to the command line are understood here, and only a
stack in the sandbox is looked at, which needs no boto3; for all else `status` looks when it runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.console import Output
from ops.errors import OpsError
from ops.estate.access import open_estate
from ops.estate.look import Look, Looking, first_line
from ops.workspace import open_workspace

FIRST_SECONDS = 1.0
"""So long the first answer is waited for, and then the command line is read."""
OTHERS_SECONDS = 0.03
"""So long those of the other regions, which come right behind it where all is well."""
_FLAGS = {"--json", "--plain", "--watch", "-w"}
_VALUES = {"--stack": "stack", "-s": "stack", "--topology": "topology"}


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A look around that is under way."""

    started: float
    """`time.monotonic()`."""
    shown: Sequence[Look]
    """Whose lines were said."""
    rest: Iterator[Look]
    """Who has not answered yet."""


_begun: Begun | None = None


def begin(words: Sequence[str]) -> None:
    """Look around, and say the lines of the regions that answer at once.

    Args:
        words: what follows `status` on the command line. Where they are not understood, nothing is done.
    """
    global _begun  # noqa: PLW0603 (there is one command line in a process, and typer is between here and the command)
    read = _read(words)
    if read is None:
        return
    flags, values = read
    try:
        workspace = open_workspace(values.get("stack"))
        topology = values.get("topology")
        estate = open_estate(workspace, topology=None if topology is None else Path(topology))
        if not estate.sandboxed:
            return
        started = time.monotonic()
        looking = Looking(estate)
    except (OpsError, OSError):
        return  # The command finds the same, and says it.
    output = Output(as_json="--json" in flags, plain="--plain" in flags)
    shown: list[Look] = []
    while (look := looking.next(OTHERS_SECONDS if shown else FIRST_SECONDS)) is not None:
        shown.append(look)
        output.say(first_line(look), style="red" if look.fault else None)
    _begun = Begun(started=started, shown=shown, rest=looking)


def taken() -> Begun | None:
    """What was begun, once."""
    global _begun
    begun, _begun = _begun, None
    return begun


def _read(words: Sequence[str]) -> tuple[set[str], dict[str, str]] | None:
    """The flags, and the options with their values; None where there is any other word."""
    flags: set[str] = set()
    values: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if word in _FLAGS:
            flags.add(word)
        elif word in _VALUES and left and not left[0].startswith("-"):
            values[_VALUES[word]] = left.pop(0)
        else:
            return None
    return flags, values
