"""One cluster: nodes, fronts, and the slots between them."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.cloud.certificates import Certificates
from sandbox.cloud.errors import SandboxError
from sandbox.cloud.front import Blocked, Front
from sandbox.cloud.ports import free_port, in_use
from sandbox.cloud.redis.resp import Session
from sandbox.cloud.redis.server import Node, arguments, find_program
from sandbox.cloud.supervisor.environment import base_environment
from sandbox.cloud.supervisor.parts import Part

_NODE_TIMEOUT_MS = 1000
_READY_SECONDS = 90.0
_POLL_SECONDS = 0.05
_BUS_OFFSET = 10_000
_HIGHEST_PORT = 65_535
_SLOTS = 16_384


@dataclass(frozen=True, kw_only=True)
class RedisOptions:
    """What a cluster is like."""

    shards: int = 3
    replicas: int = 2
    """Replicas of each shard, beside its primary."""
    tls: bool = True
    auth_token: str | None = None

    def __post_init__(self) -> None:
        """Refuse what Redis Cluster refuses.

        Raises:
            SandboxError: fewer than three shards, or more than ElastiCache's five replicas.
        """
        if self.shards < 3:  # a cluster elects with a majority of primaries
            raise SandboxError(f"a Redis cluster has at least 3 shards, not {self.shards}")
        if not 0 <= self.replicas <= 5:
            raise SandboxError(f"a shard has 0 to 5 replicas, not {self.replicas}")


class RedisCluster:
    """The cluster of a region."""

    def __init__(
        self,
        region: str,
        options: RedisOptions,
        *,
        directory: Path,
        logs: Path,
        tls: Certificates,
        blocked: Blocked,
    ) -> None:
        self.region = region
        self.options = options
        self.parts: list[Part] = []
        self._directory = directory / f"redis-{region}"
        self._logs = logs
        self._tls = tls
        self._blocked = blocked
        self._fronts: list[Front] = []
        self._program = find_program()
        self._nodes: list[Node] = []

    async def start(self, on_crash: Callable[[Part], None], *, port: int | None = None) -> None:
        """Start the nodes and join them; returns when the cluster serves.

        Args:
            on_crash: is told of a node that ends by itself.
            port: the first node's port; free ones where it is None.

        Raises:
            SandboxError: a node does not start, or the cluster does not come together.
        """
        shutil.rmtree(self._directory, ignore_errors=True)
        count = self.options.shards * (1 + self.options.replicas)
        own_tls = self.options.tls and self._program.own_tls
        self._nodes = _ports(count, first=port)
        for node in self._nodes:
            words = arguments(
                self._program,
                node,
                self._directory / str(node.number),
                tls=self._tls if own_tls else None,
                password=self.options.auth_token,
                timeout_ms=_NODE_TIMEOUT_MS,
            )
            name = f"redis/{self.region}/{node.number}"
            log = self._logs / f"redis-{self.region}-{node.number}.log"
            part = Part(name, words, env=base_environment(), log=log)
            part.on_crash = on_crash
            self.parts.append(part)
            # A server that ends TLS itself has a front all the same: a region that is cut takes it along.
            front = Front(node.inner, None if own_tls else self._context(), self._blocked)
            front.listen(node.port)
            self._fronts.append(front)
        await asyncio.gather(*(part.start() for part in self.parts))
        await self._until(self._all_answer, "its nodes do not answer")
        await self._join()

    def _context(self) -> ssl.SSLContext | None:
        if not self.options.tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._tls.certificate, self._tls.key)
        return context

    async def _until(self, check: Callable[[], Awaitable[bool]], trouble: str) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _READY_SECONDS
        while not await check():
            dead = next((part for part in self.parts if not part.running), None)
            if dead is not None or loop.time() > deadline:
                detail = dead.status().detail if dead is not None else f"after {_READY_SECONDS:g} s"
                raise SandboxError(f"the Redis cluster of {self.region} does not start: {trouble}: {detail}")
            await asyncio.sleep(_POLL_SECONDS)

    async def _session(self, node: Node) -> Session:
        context = None
        if self.options.tls and self._program.own_tls:
            context = ssl.create_default_context(cafile=str(self._tls.ca))
        return await Session.open(node.inner, password=self.options.auth_token, context=context)

    async def _all_answer(self) -> bool:
        try:
            sessions = await asyncio.gather(*(self._session(node) for node in self._nodes))
        except OSError:
            return False
        for session in sessions:
            session.close()
        return True

    async def _join(self) -> None:
        """Give the slots out, let the nodes meet, and set the replicas to follow, spread over the shards."""
        sessions = [await self._session(node) for node in self._nodes]
        primaries = sessions[: self.options.shards]
        for number, session in enumerate(primaries):
            first = _SLOTS * number // self.options.shards
            last = _SLOTS * (number + 1) // self.options.shards
            await session.run("CLUSTER", "ADDSLOTS", *range(first, last))
        for epoch, session in enumerate(sessions, 1):
            await session.run("CLUSTER", "SET-CONFIG-EPOCH", epoch)
        for node in self._nodes[1:]:
            await sessions[0].run("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus)
        names = [await session.run("CLUSTER", "MYID") for session in sessions]

        async def met() -> bool:
            known = [await session.run("CLUSTER", "NODES") for session in sessions]
            return all(all(name in text for name in names) and "handshake" not in text for text in known)

        await self._until(met, "its nodes do not meet")
        for number, session in enumerate(sessions[self.options.shards :]):
            await session.run("CLUSTER", "REPLICATE", names[number % self.options.shards])

        async def whole() -> bool:
            states = [await session.run("CLUSTER", "INFO") for session in sessions]
            roles = [await session.run("INFO", "replication") for session in sessions[self.options.shards :]]
            return all("cluster_state:ok" in state for state in states) and all(
                "master_link_status:up" in role for role in roles
            )

        await self._until(whole, "its slots are not covered")
        for session in sessions:
            session.close()

    def cut(self) -> None:
        """The region is cut: reset what is open."""
        for front in self._fronts:
            front.cut()

    def describe(self) -> dict[str, Any]:
        """Where it is found."""
        return {
            "host": "127.0.0.1",
            "port": self._nodes[0].port,
            "tls": self.options.tls,
            "ca_file": str(self._tls.ca) if self.options.tls else None,
            "version": ".".join(map(str, self._program.version)),
            "nodes": [f"127.0.0.1:{node.port}" for node in self._nodes],
        }

    async def stop(self) -> None:
        """Stop the nodes and close the fronts."""
        for front in self._fronts:
            front.close()
        await asyncio.gather(*(part.stop() for part in self.parts))
        shutil.rmtree(self._directory, ignore_errors=True)


def _ports(count: int, *, first: int | None) -> list[Node]:
    """Ports for the nodes. A server's bus port lies 10,000 above its own (Redis before 7 cannot set it)."""
    nodes: list[Node] = []
    taken: set[int] = set()
    while len(nodes) < count:
        port = first + len(nodes) if first is not None else _free(taken)
        inner = _free(taken | {port}, below=_HIGHEST_PORT - _BUS_OFFSET)
        bus = inner + _BUS_OFFSET if inner + _BUS_OFFSET <= _HIGHEST_PORT else _free(taken | {port, inner})
        nodes.append(Node(len(nodes), port, inner, bus))
        taken |= {port, inner, bus}
    return nodes


def _free(taken: set[int], *, below: int = _HIGHEST_PORT) -> int:
    """A free port whose bus port is free too. The kernel's free ports are mostly above the limit: look below it."""
    candidate = free_port()
    while (
        candidate > below
        or candidate in taken
        or in_use(candidate)
        or (candidate + _BUS_OFFSET <= _HIGHEST_PORT and in_use(candidate + _BUS_OFFSET))
    ):
        candidate = candidate - 7919 if candidate > below else free_port()
        if candidate < 1024:
            candidate = free_port()
    return candidate
