"""Child processes that die with this one, and their output by lines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

_RUNNER = Path(__file__).with_name("runner.py")
_LINE_BYTES = 16 * 1024 * 1024
_PATIENCE_SECONDS = 5.0
_QUIET = {"GRPC_VERBOSITY": os.environ.get("GRPC_VERBOSITY", "NONE")}
"""gRPC's core writes to standard error when a connection ends; a program's output is the program's own."""


async def spawn(
    arguments: Sequence[str], *, directory: Path, environment: Mapping[str, str], python: Path | None = None
) -> Process:
    """Start `runner.py` with arguments. Its standard input is ours, and must stay open while it is to live.

    `-P` keeps the runner's own folder off the module path, `-u` lets what it prints come at once.
    """
    return await asyncio.create_subprocess_exec(
        str(python or sys.executable),
        "-u",
        "-P",
        str(_RUNNER),
        *arguments,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=directory,
        env={**os.environ, **_QUIET, "PYTHONUNBUFFERED": "1", **environment},
        limit=_LINE_BYTES,
        start_new_session=True,
    )


async def lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """The lines of a stream until it closes."""
    if stream is None:
        return
    while line := await stream.readline():
        yield line.decode(errors="replace").rstrip("\r\n")


async def forward(stream: asyncio.StreamReader | None, take: Callable[[str], None]) -> None:
    """Give every line to a function, until the stream closes."""
    async for line in lines(stream):
        take(line)


async def stop(process: Process) -> None:
    """End a child: by closing its input, and by force if that does not do."""
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
