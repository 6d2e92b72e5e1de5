"""Starts a provider instance on a port of its own."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.provider.cloud import Door
from sandbox.provider.faults import ProviderError
from sandbox.provider.plugin import Plugin
from sandbox.provider.servicer import Servicer

THREADS = 24
"""Requests at once; more than an engine's default parallelism of 16."""
MESSAGE_BYTES = 400 * 1024 * 1024
"""The largest message, as the engine and the SDK set it."""
PACKAGES = ("aws", "eks", "kubernetes")


def plugin(package: str, door: Door) -> Plugin:
    """A new instance of a package's provider; `ProviderError` for a package that has no stand-in."""
    if package == "aws":
        from sandbox.provider.aws.plugin import AwsPlugin  # noqa: PLC0415  only what is asked for is loaded

        return AwsPlugin(door)
    if package == "eks":
        from sandbox.provider.eks.plugin import EksPlugin  # noqa: PLC0415  loaded only where it is needed

        return EksPlugin(door)
    if package == "kubernetes":
        from sandbox.provider.kubernetes.plugin import KubernetesPlugin  # noqa: PLC0415  loaded only where it is needed

        return KubernetesPlugin(door)
    raise ProviderError(
        f"the sandbox has no provider for package {package!r}; it has {', '.join(PACKAGES)}. "
        "Deploy what needs it with ENGINE=pulumi"
    )


def sandbox_directory() -> Path | None:
    """The sandbox that HOLDFAST_SANDBOX names; None when it names none."""
    value = os.environ.get("HOLDFAST_SANDBOX")
    return Path(value) if value else None


async def serve(
    instance: Plugin, executor: ThreadPoolExecutor, engine_address: str = ""
) -> tuple[grpc.aio.Server, int]:
    """Serve one instance on loopback; returns the server and its port."""
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", MESSAGE_BYTES),
            ("grpc.max_send_message_length", MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
        ]
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(instance, executor, engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port
