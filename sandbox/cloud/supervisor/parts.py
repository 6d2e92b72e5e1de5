"""A part: one process that the supervisor starts, listens to, and takes with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from sandbox.cloud.errors import SandboxError
from sandbox.cloud.status import PartStatus
from sandbox.cloud.supervisor.logs import BoundedLog

READY = b"READY "
"""How a part of our own says that it serves: `READY {"port": 1234}` on a line of its stdout."""

_STOP_SECONDS = 3.0
_STREAM_LIMIT = 2**20


class Part:
    """A supervised process with a bounded log."""

    def __init__(
        self, name: str, argv: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path | None = None
    ) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.env = dict(env)
        self.ready: dict[str, Any] = {}
        self.on_crash: Callable[[Part], None] | None = None
        self._log = BoundedLog(log)
        self._cwd = cwd
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the process; does not wait until it serves."""
        self._stopping = False
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.argv,
                env=self.env,
                cwd=self._cwd,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=_STREAM_LIMIT,
            )
        except OSError as error:
            raise SandboxError(f"{self.name} cannot be started: {self.argv[0]}: {error.strerror}") from None
        for work in (self._listen(self._process), self._watch(self._process)):
            task = asyncio.get_running_loop().create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        if stream is None:
            return
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # a line beyond the limit: its bytes are dropped
                continue
            if not line:
                return
            if line.startswith(READY) and not self._ready.is_set():
                self.ready = json.loads(line[len(READY) :])
                self._ready.set()
            self._log.write(line)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self._ended.set()
        if not self._stopping:
            self._log.write(f"{time.strftime('%H:%M:%S')} {self.name} {self._ending()}\n".encode())
            if self.on_crash is not None:
                self.on_crash(self)

    async def wait_ready(self, seconds: float) -> dict[str, Any]:
        """Wait for the line that says that the part serves.

        Raises:
            SandboxError: it ended before, or took longer.
        """
        waits = [asyncio.ensure_future(self._ready.wait()), asyncio.ensure_future(self._ended.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if self._ready.is_set():
            return self.ready
        await asyncio.sleep(0.05)  # its last words
        how = self._ending() if self._ended.is_set() else f"does not serve after {seconds:g} s"
        raise SandboxError(f"{self.name} {how}: {self._log.last_line() or 'it said nothing'} (see {self._log.path})")

    def tell(self, line: str) -> None:
        """Write a line to its stdin."""
        if self._process is not None and self._process.stdin is not None and self.running:
            self._process.stdin.write(line.encode())

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and not self._ended.is_set()

    @property
    def pid(self) -> int | None:
        """The process's id while it lives."""
        return self._process.pid if self._process is not None and self.running else None

    def _ending(self) -> str:
        code = self._process.returncode if self._process is not None else None
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def status(self) -> PartStatus:
        """The part as it is now."""
        if self.running:
            return PartStatus(name=self.name, state="running", pid=self.pid, memory_mb=memory_mb(self.pid))
        if self._process is None or self._stopping:
            return PartStatus(name=self.name, state="stopped", pid=None, memory_mb=0)
        detail = f"{self._ending()}; last line: {self._log.last_line()}"
        return PartStatus(name=self.name, state="crashed", pid=None, memory_mb=0, detail=detail)

    async def stop(self) -> None:
        """End the process: asked first, killed after three seconds."""
        self._stopping = True
        if self._process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._ended.wait(), _STOP_SECONDS)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._ended.wait()
        self._log.close()


def memory_mb(pid: int | None) -> float:
    """Resident memory of a process and its children in MB, 0 when it is gone."""
    try:
        process = psutil.Process(pid)
        sizes = [process.memory_info().rss]
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                sizes.append(child.memory_info().rss)
    except psutil.Error:
        return 0.0
    return round(sum(sizes) / 2**20, 1)
