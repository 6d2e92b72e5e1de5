"""Functions: a pool of execution environments each, with Lambda's limits of concurrency and time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.cloud.edge.document import FunctionSpec

MOST_ENVIRONMENTS = 3
"""Processes of one function on a laptop. A request beyond them waits, where Lambda would start another environment."""
_LINE = 16 * 2**20
_START_SECONDS = 60.0
_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


class FunctionError(Exception):
    """A call that Lambda itself answers with an error."""


class ThrottledError(FunctionError):
    """More requests at once than the function's reserved concurrency."""


class TimedOutError(FunctionError):
    """The handler took longer than the function's time limit; its environment was ended."""


class HandlerError(FunctionError):
    """The handler raised; the message is its own."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Environment:
    """One process that runs the handler."""

    def __init__(self, process: asyncio.subprocess.Process, init_seconds: float) -> None:
        self._process = process
        self.init_seconds = init_seconds

    @classmethod
    async def start(cls, spec: FunctionSpec, base: Mapping[str, str], *, provisioned: bool) -> Environment:
        """Start a process and wait until the handler is imported.

        Raises:
            FunctionError: it cannot be imported.
        """
        kind = "provisioned-concurrency" if provisioned else "on-demand"
        env = {
            **base,
            **spec.environment,
            "AWS_LAMBDA_FUNCTION_NAME": spec.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": kind,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(_BOOTSTRAP),
            spec.package,
            spec.handler,
            env=env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE,
        )
        made = cls(process, 0.0)
        started = time.monotonic()
        try:
            first = await asyncio.wait_for(made._line(), _START_SECONDS)
        except (TimeoutError, FunctionError):
            await made.ended()
            raise FunctionError(f"{spec.name} does not start: see the log of the edge") from None
        if "init_error" in first:
            await made.ended()
            raise FunctionError(f"{spec.name} does not start: {first['init_error']}")
        made.init_seconds = time.monotonic() - started
        return made

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.returncode is None

    async def call(self, event: Any, seconds: float) -> Any:
        """Run the handler.

        Raises:
            TimedOutError, HandlerError, FunctionError: see there; the environment is of no more use after the first.
        """
        request_id = str(uuid.uuid4())
        line = json.dumps({"id": request_id, "event": event, "deadline": time.time() + seconds}) + "\n"
        if self._process.stdin is None:
            raise FunctionError("the environment has ended")
        try:
            self._process.stdin.write(line.encode())
            answer = await asyncio.wait_for(self._line(), seconds)
        except TimeoutError:
            await self.ended()
            raise TimedOutError(f"Task timed out after {seconds:.2f} seconds") from None
        except ConnectionError:
            raise FunctionError("the environment has ended") from None
        if "error" in answer:
            raise HandlerError(answer["error"]["errorType"], answer["error"]["errorMessage"])
        return answer["answer"]

    async def _line(self) -> dict[str, Any]:
        if self._process.stdout is None:
            raise FunctionError("the environment has ended")
        line = await self._process.stdout.readline()
        if not line:
            raise FunctionError("the environment has ended")
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> None:
        """End the process."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> None:
        """End the process and wait until it is gone."""
        self.end()
        await self._process.wait()


class Function:
    """A function and its environments, the warmest first."""

    def __init__(self, spec: FunctionSpec, base: Mapping[str, str], *, most: int = MOST_ENVIRONMENTS) -> None:
        self.spec = spec
        self.digest = spec.digest
        self.running = 0
        self.cold_starts: list[float] = []
        """Seconds of the cold starts that requests waited for."""
        self.throttles = 0
        self._base = dict(base)
        self._idle: list[Environment] = []
        self._room = asyncio.Semaphore(min(most, spec.reserved or most))
        self._most = min(most, spec.reserved or most)

    async def prepare(self) -> None:
        """Start the environments of provisioned concurrency, as many as a laptop bears.

        Raises:
            FunctionError: the handler cannot be imported.
        """
        for _ in range(min(self.spec.ready, self._most)):
            self._idle.append(await Environment.start(self.spec, self._base, provisioned=True))

    async def call(self, event: Any) -> Any:
        """Run the handler in an environment of its own.

        Raises:
            FunctionError: as Lambda would answer.
        """
        limit = self.spec.reserved
        if limit is not None and self.running >= limit:
            self.throttles += 1
            raise ThrottledError("Rate Exceeded.")
        self.running += 1
        try:
            async with self._room:
                environment = await self._environment()
                try:
                    return await environment.call(event, self.spec.timeout_seconds)
                finally:
                    if environment.alive:
                        self._idle.append(environment)
        finally:
            self.running -= 1

    async def _environment(self) -> Environment:
        while self._idle:
            environment = self._idle.pop()
            if environment.alive:
                return environment
        made = await Environment.start(self.spec, self._base, provisioned=False)
        self.cold_starts.append(made.init_seconds)
        return made

    def describe(self) -> dict[str, Any]:
        """Figures of the function."""
        return {
            "name": self.spec.name,
            "idle": len(self._idle),
            "running": self.running,
            "throttles": self.throttles,
            "cold_starts_seconds": [round(seconds, 3) for seconds in self.cold_starts[-20:]],
        }

    async def end(self) -> None:
        """End every environment that is not at work; those end with this process."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(environment.ended() for environment in idle))
