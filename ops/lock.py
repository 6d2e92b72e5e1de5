"""One command at a time changes a stack. The lock is the kernel's, so a killed holder never leaves it behind."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def hold(path: Path, *, command: str | None = None) -> Iterator[None]:
    """Hold the lock of a stack while the block runs.

    The file keeps the holder's pid, command and start, for the one who is refused. It stays after release:
    removing it would let a third command lock a file that the second still holds.

    Raises:
        OpsError: another command holds it; the message names the holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _refusal(path, os.pread(descriptor, 4096, 0)) from None
        holder = {
            "pid": os.getpid(),
            "command": command or " ".join(["holdfast", *sys.argv[1:]]),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _refusal(path: Path, content: bytes) -> OpsError:
    try:
        holder: dict[str, Any] = json.loads(content)
        who = f"`{holder['command']}` (pid {holder['pid']}, since {holder['since']})"
        fix = f"wait for it, or stop it with: kill {holder['pid']}"
    except (ValueError, KeyError, TypeError):
        # The holder has the lock and has not yet written who it is.
        who, fix = "another command", "try again in a moment"
    return OpsError(
        f"stack {path.parent.name!r} is held by {who}",
        why="two commands at once would write one state",
        fix=fix,
        code=Exit.BUSY,
    )
