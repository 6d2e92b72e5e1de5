"""Service processes of a region, such as the orders service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.cloud.errors import PortInUse, SandboxError
from sandbox.cloud.http import Request, Upstream, UpstreamError
from sandbox.cloud.ports import free_port, in_use
from sandbox.cloud.supervisor.environment import service_environment
from sandbox.cloud.supervisor.parts import Part

_READY_SECONDS = 90.0
_POLL_SECONDS = 0.05


class Services:
    """The services that were started, by `name@region`."""

    def __init__(self, logs: Path, gateways: Mapping[str, str]) -> None:
        self.parts: dict[str, Part] = {}
        self.urls: dict[str, str] = {}
        self._logs = logs
        self._gateways = gateways
        self._locks: dict[str, asyncio.Lock] = {}

    async def start(
        self,
        name: str,
        region: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        port: int | None,
        ready_path: str,
        cwd: str | None,
    ) -> str:
        """Start a service, or leave it be when it runs with the same command and environment; says its URL.

        `{port}` in a word of `argv` becomes the port, which the service also sees as PORT.

        Raises:
            SandboxError: it ended, or did not answer its ready path with 2xx in time.
            PortInUse: the port that was asked for is taken.
        """
        if region not in self._gateways:
            raise SandboxError(
                f"service {name}: the sandbox has no region {region!r}; it has {', '.join(self._gateways)}"
            )
        key = f"{name}@{region}"
        async with self._locks.setdefault(key, asyncio.Lock()):
            return await self._start(key, name, region, argv, env, port=port, ready_path=ready_path, cwd=cwd)

    async def _start(
        self,
        key: str,
        name: str,
        region: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        port: int | None,
        ready_path: str,
        cwd: str | None,
    ) -> str:
        previous = self.parts.get(key)
        known = int(self.urls[key].rpartition(":")[2]) if key in self.urls else None
        if port is None:
            port = known or free_port()
        full = {**service_environment(region, self._gateways[region], env), "PORT": str(port)}
        words = tuple(word.replace("{port}", str(port)) for word in argv)
        if words and words[0] in ("python", "python3"):
            words = (sys.executable, *words[1:])
        if previous is not None:
            if previous.running and previous.argv == words and previous.env == full:
                return self.urls[key]
            await self.stop(key)
        if in_use(port):
            raise PortInUse(key, port)
        part = Part(key, words, env=full, log=self._logs / f"{name}-{region}.log", cwd=Path(cwd) if cwd else None)
        self.parts[key] = part
        await part.start()
        self.urls[key] = f"http://127.0.0.1:{port}"
        await self._wait(part, port, ready_path)
        return self.urls[key]

    async def _wait(self, part: Part, port: int, ready_path: str) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _READY_SECONDS
        upstream = Upstream(port)
        request = Request(b"GET", ready_path.encode(), [(b"host", b"127.0.0.1"), (b"connection", b"close")], b"")
        answer = "nothing"
        while loop.time() < deadline and part.running:
            try:
                response = await asyncio.wait_for(upstream.ask(request), 2)
            except (UpstreamError, TimeoutError):
                await asyncio.sleep(_POLL_SECONDS)
                continue
            if 200 <= response.status < 300:
                upstream.close()
                return
            answer = f"{response.status}"
            await asyncio.sleep(_POLL_SECONDS)
        upstream.close()
        if not part.running:
            await part.wait_ready(0.5)
        await part.stop()
        raise SandboxError(
            f"{part.name} does not serve after {_READY_SECONDS:g} s: GET {ready_path} answered {answer}; "
            f"see logs/{part.name.replace('@', '-')}.log"
        )

    async def stop(self, key: str) -> bool:
        """Stop a service; says whether there was one."""
        part = self.parts.pop(key, None)
        if part is None:
            return False
        await part.stop()
        return True

    async def stop_all(self) -> None:
        """Stop every service."""
        await asyncio.gather(*(part.stop() for part in self.parts.values()))
