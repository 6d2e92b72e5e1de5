"""A DAX cluster of a region: one process for its nodes, a front before each."""

from __future__ import annotations

import json
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.cloud.certificates import Certificates
from sandbox.cloud.errors import SandboxError
from sandbox.cloud.front import Blocked, Front
from sandbox.cloud.ports import free_port
from sandbox.cloud.supervisor.environment import ACCESS_KEY, base_environment
from sandbox.cloud.supervisor.parts import Part

_READY_SECONDS = 90.0


class DaxCluster:
    """The cluster of a region."""

    def __init__(
        self, region: str, *, gateway: str, nodes: int, record_ttl: float, query_ttl: float, logs: Path
    ) -> None:
        if not 1 <= nodes <= 11:
            raise SandboxError(f"a DAX cluster has 1 to 11 nodes, not {nodes}")
        self.region = region
        self.shape = (nodes, record_ttl, query_ttl)
        self._ports = [free_port() for _ in range(nodes)]
        options = {
            "gateway": int(gateway.rpartition(":")[2]),
            "region": region,
            "access_key": ACCESS_KEY,
            "announced": self._ports,
            "record_ttl": record_ttl,
            "query_ttl": query_ttl,
        }
        words = [sys.executable, "-m", "sandbox.cloud.dax", json.dumps(options)]
        self.part = Part(f"dax/{region}", words, env=base_environment(), log=logs / f"dax-{region}.log")
        self._fronts: dict[int, Front] = {}

    async def start(self, tls: Certificates, blocked: Blocked, on_crash: Callable[[Part], None]) -> None:
        """Start the nodes and open their ports.

        Raises:
            SandboxError: they do not start.
        """
        self.part.on_crash = on_crash
        await self.part.start()
        ready = await self.part.wait_ready(_READY_SECONDS)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        for number, (port, inner) in enumerate(zip(self._ports, ready["ports"], strict=True)):
            front = Front(inner, context, blocked)
            front.listen(port)
            self._fronts[number] = front

    def kill_node(self, number: int) -> None:
        """Take a node away: its connections break, and discovery no longer names it.

        Raises:
            SandboxError: there is no such node, or it is the last.
        """
        if number not in self._fronts:
            raise SandboxError(f"the DAX cluster of {self.region} has no node {number}; it has {sorted(self._fronts)}")
        if len(self._fronts) == 1:
            raise SandboxError(
                f"node {number} is the last of the DAX cluster of {self.region}: stop the cluster instead"
            )
        self.part.tell(f"remove {number}\n")
        self._fronts.pop(number).close()

    def cut(self) -> None:
        """The region is cut: reset what is open."""
        for front in self._fronts.values():
            front.cut()

    def describe(self) -> str:
        """The endpoint: the first node that lives."""
        return f"dax://127.0.0.1:{self._ports[min(self._fronts)]}"

    def ports(self) -> dict[str, Any]:
        """Ports of the nodes that live, by their numbers."""
        return {str(number): self._ports[number] for number in self._fronts}

    async def stop(self) -> None:
        """Close the ports and stop the nodes."""
        for front in self._fronts.values():
            front.close()
        await self.part.stop()
