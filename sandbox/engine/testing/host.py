"""A plugin host for the provider `test`, in threads of this process or of a helper's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.engine.plugin import CHANNEL_OPTIONS
from sandbox.engine.testing.provider import TestProvider, World


class TestHost:
    """Hosts instances that share a world."""

    __test__ = False

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.started: list[tuple[str, str | None, str]] = []
        self._servers: list[grpc.Server] = []

    def start(self, package: str, version: str | None, name: str) -> str:
        """Start an instance. Raises `LookupError` for another package."""
        if package != "test":
            raise LookupError(f"there is no package {package!r} here, only 'test'")
        self.started.append((package, version, name))
        server = grpc.server(ThreadPoolExecutor(max_workers=16), options=CHANNEL_OPTIONS)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(TestProvider(self.world), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self._servers.append(server)
        return f"127.0.0.1:{port}"

    def close(self) -> None:
        """Stop all instances."""
        for server in self._servers:
            server.stop(grace=None)
        self._servers.clear()
