"""Runs the program in its child process, and reads its end."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import Process

from sandbox.engine.errors import EngineError
from sandbox.engine.model import Program
from sandbox.engine.processes import forward, spawn, stop
from sandbox.engine.run import Run
from sandbox.engine.runner import SHOWN


class ProgramHost:
    """One run of the program."""

    def __init__(self, program: Program, run: Run, address: str) -> None:
        self._program = program
        self._run = run
        self._address = address
        self._process: Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._errors: list[str] = []

    async def start(self) -> None:
        """Start the child. Raises `EngineError` if there is no program."""
        program = self._program
        if not (program.directory / "__main__.py").is_file():
            raise EngineError(f"{program.directory} holds no program: there is no __main__.py")
        self._process = await spawn(["program"], directory=program.directory, environment={}, python=program.python)
        description = {
            "directory": str(program.directory.resolve()),
            "monitor": self._address,
            "engine": self._address,
            "project": program.project,
            "stack": program.stack,
            "organization": program.organization,
            "config": dict(program.config),
            "secretKeys": sorted(program.secret_keys),
            "parallel": self._run.parallel,
            "dryRun": self._run.preview,
        }
        assert self._process.stdin is not None  # noqa: S101 - spawn makes a pipe
        self._process.stdin.write(json.dumps(description).encode() + b"\n")
        await self._process.stdin.drain()
        self._readers = [
            asyncio.create_task(forward(self._process.stdout, lambda line: self._run.say("info", line))),
            asyncio.create_task(forward(self._process.stderr, self._error)),
        ]

    def _error(self, line: str) -> None:
        self._errors.append(line)
        self._run.say("info", line)

    async def wait(self) -> int:
        """Wait for the child's end; give its exit code."""
        assert self._process is not None  # noqa: S101 - started before
        code = await self._process.wait()
        await asyncio.gather(*self._readers)
        return code

    def judge(self, code: int, *, finished: bool) -> None:
        """Fail the run if the program did not end well."""
        if self._run.aborted.is_set() or (code == 0 and finished):
            return
        self._run.abort()
        if code == SHOWN or any(one.severity == "error" for one in self._run.diagnostics):
            return
        last = "\n".join(self._errors[-20:])
        self._run.say("error", f"the program ended with exit code {code}\n{last}".rstrip())

    async def stop(self) -> None:
        """End the child, whatever it does."""
        if self._process is not None:
            await stop(self._process)
            await asyncio.gather(*self._readers, return_exceptions=True)
