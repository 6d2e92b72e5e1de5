"""The edges of the regions, their front doors, and the names that lead to them."""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sandbox.cloud.certificates import certificates
from sandbox.cloud.errors import SandboxError
from sandbox.cloud.gateway import Gateway
from sandbox.cloud.http import Connection, Request, Upstream
from sandbox.cloud.supervisor.environment import base_environment, service_environment
from sandbox.cloud.supervisor.parts import Part

_READY_SECONDS = 120.0
_POLL_SECONDS = 0.05
_FIRST_FRONT = 11
"""Front doors are 127.0.1.11, 127.0.1.12 and so on: a name leads to an address, and all regions share one port."""


class Edges:
    """One edge process a region, and one process for the names."""

    def __init__(
        self,
        path: Path,
        logs: Path,
        account: str,
        *,
        gateways: Mapping[str, Gateway],
        urls: Mapping[str, str],
        crashed: Callable[[Part], None],
    ) -> None:
        self.parts: dict[str, Part] = {}
        self.fronts: dict[str, str] = {}
        self.port = 0
        self.tls_port = 0
        """TLS 1.2 and later ends at the doors' second port, with certificates of `ca_file` for the APIs' domains."""
        self.ca_file = path / "edge" / "tls" / "ca.pem"
        self._named: frozenset[str] = frozenset()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._folder = path / "edge"
        self._logs, self._account = logs, account
        self._gateways, self._urls, self._crashed = gateways, urls, crashed
        self._servers: list[asyncio.Server] = []
        self._reloads = itertools.count()
        self._lock = asyncio.Lock()

    async def start(self, region: str, document: Mapping[str, Any]) -> None:
        """Serve a region's API and functions, or what has changed of them.

        Raises:
            SandboxError: a function cannot be started.
        """
        async with self._lock:
            name = f"edge/{region}"
            options = {
                "region": region,
                "account": self._account,
                "document": str(self._write(region, document)),
                "environment": json.dumps(service_environment(region, self._urls[region], {})),
            }
            await self._run(name, [sys.executable, "-m", "sandbox.cloud.edge", json.dumps(options)])
            gateway = self._gateways[region]
            hosts = {host for api in document.get("apis", ()) for host in api["hosts"]}
            gateway.serve_api(Upstream(self.parts[name].ready["port"]), hosts)
            self._certify(hosts)
            await self._open_front(region)

    def _certify(self, hosts: set[str]) -> None:
        """Show a certificate for these domains too; connections that are open keep theirs."""
        if self.fronts and hosts <= self._named:
            return
        self._named |= hosts
        files = certificates(self.ca_file.parent, sorted(self._named))
        self._context.load_cert_chain(files.certificate, files.key)

    async def start_names(self, document: Mapping[str, Any], aws_port: int) -> dict[str, Any]:
        """Answer names and check health; says the address of the resolver.

        Raises:
            SandboxError: it does not start.
        """
        async with self._lock:
            path = self._write("names", {**document, "fronts": self.fronts, "port": self.port})
            options = {"document": str(path), "aws_port": aws_port}
            await self._run("dns", [sys.executable, "-m", "sandbox.cloud.dns", json.dumps(options)])
            ready = self.parts["dns"].ready
        return {
            "resolver": ["127.0.0.1", ready["dns"]],
            "port": self.port,
            "tls_port": self.tls_port,
            "ca_file": str(self.ca_file),
            "fronts": dict(self.fronts),
        }

    async def names(self) -> Any:
        """The state of every health check.

        Raises:
            SandboxError: no names are served.
        """
        part = self.parts.get("dns")
        if part is None or not part.running:
            raise SandboxError("no names are served here: the stack has no holdfast:edge, or it is not up")
        response = await Upstream(part.ready["port"]).ask(Request(b"GET", b"/", [(b"host", b"127.0.0.1")], b""))
        return json.loads(response.body)

    async def figures(self, region: str) -> Any:
        """Figures of a region's functions."""
        part = self.parts.get(f"edge/{region}")
        if part is None or not part.running:
            raise SandboxError(f"no edge runs in {region}")
        request = Request(b"GET", b"/_holdfast/edge", [(b"host", b"127.0.0.1")], b"")
        return json.loads((await Upstream(part.ready["port"]).ask(request)).body)

    def _write(self, name: str, document: Mapping[str, Any]) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.json"
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(document))
        temporary.replace(path)
        return path

    async def _run(self, name: str, argv: list[str]) -> None:
        part = self.parts.get(name)
        if part is not None and part.running and part.argv == tuple(argv):
            await self._reload(part, Path(json.loads(argv[-1])["document"]))
            return
        if part is not None:
            await part.stop()
        part = Part(name, argv, env=base_environment(), log=self._logs / f"{name.replace('/', '-')}.log")
        part.on_crash = self._crashed
        self.parts[name] = part
        await part.start()
        await part.wait_ready(_READY_SECONDS)

    async def _reload(self, part: Part, path: Path) -> None:
        word = f"loaded-{next(self._reloads)}"
        answer = path.with_suffix(f".{word}")
        part.tell(f"{word}\n")
        end = time.monotonic() + _READY_SECONDS
        while not answer.exists():
            if time.monotonic() > end or not part.running:
                raise SandboxError(f"{part.name} does not take its document: see its log")
            await asyncio.sleep(_POLL_SECONDS)
        said = json.loads(answer.read_text() or "{}")
        answer.unlink()
        if "fault" in said:
            raise SandboxError(said["fault"])

    async def _open_front(self, region: str) -> None:
        """A door of the region's gateway on an address of its own, so that DNS can lead to it."""
        if region in self.fronts:
            return
        address = f"127.0.1.{_FIRST_FRONT + len(self.fronts)}"
        gateway = self._gateways[region]
        loop = asyncio.get_running_loop()
        try:
            plain = await loop.create_server(lambda: Connection(gateway), address, self.port, backlog=512)
            self._servers.append(plain)
            secured = await loop.create_server(
                lambda: Connection(gateway), address, self.tls_port, backlog=512, ssl=self._context
            )
            self._servers.append(secured)
        except OSError as error:
            raise SandboxError(
                f"the front door of {region} cannot listen on {address}:{self.port or 'any port'} ({error.strerror}); "
                f"where loopback has one address only (macOS), add it: sudo ifconfig lo0 alias {address}"
            ) from None
        self.port, self.tls_port = (int(server.sockets[0].getsockname()[1]) for server in (plain, secured))
        self.fronts[region] = address

    async def stop(self) -> None:
        """Close the doors and stop the processes."""
        for server in self._servers:
            server.close()
        await asyncio.gather(*(part.stop() for part in self.parts.values()))
