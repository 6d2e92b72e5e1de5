"""The provider `test` as a plugin of its own process: prints its port.

With SANDBOX_TEST_WORLD it keeps its world in that file, as the real engine starts a process for each run.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.engine.testing.provider import TestProvider, World


class _Saving(grpc.ServerInterceptor):  # type: ignore[misc]  # grpc has no types for its interceptors
    """Saves the world after every call."""

    def __init__(self, world: World, path: Path) -> None:
        self._world, self._path = world, path

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler

        def call(request: Any, context: Any) -> Any:
            try:
                return handler.unary_unary(request, context)
            finally:
                with self._world.lock:
                    self._world.save(self._path)

        return grpc.unary_unary_rpc_method_handler(
            call, request_deserializer=handler.request_deserializer, response_serializer=handler.response_serializer
        )


def main() -> None:
    """Serve until standard input closes or the engine ends the process."""
    kept = os.environ.get("SANDBOX_TEST_WORLD")
    world = World.load(Path(kept)) if kept else World()
    saving = [_Saving(world, Path(kept))] if kept else []
    server = grpc.server(ThreadPoolExecutor(max_workers=16), interceptors=saving)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(TestProvider(world), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    parent = os.getppid()
    stop = threading.Event()
    while not stop.wait(1):
        if os.getppid() != parent:
            sys.exit(0)


if __name__ == "__main__":
    main()
