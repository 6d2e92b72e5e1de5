"""A client of the Analyzer protocol, and packs started as the engine starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi.runtime.proto import analyzer_pb2_grpc

PACKS = Path(__file__).parents[3] / "policies"


class PackClient:
    """Speaks to one started pack as Pulumi's engine does."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self._channel = grpc.insecure_channel(
            f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
        )
        self.stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)

    @staticmethod
    def request(kind: str, name: str, properties: dict, **fields: object) -> wire.AnalyzeRequest:
        struct = struct_pb2.Struct()
        struct.update(properties)
        urn = f"urn:pulumi:prod::holdfast::{kind}::{name}"
        return wire.AnalyzeRequest(type=kind, name=name, urn=urn, properties=struct, **fields)

    def analyze(self, kind: str, name: str, properties: dict, **fields: object) -> list[wire.AnalyzeDiagnostic]:
        return list(self.stub.Analyze(self.request(kind, name, properties, **fields), timeout=30).diagnostics)

    def close(self) -> None:
        self._channel.close()
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="session")
def start_pack() -> Iterator[Callable[..., PackClient]]:
    """Start a pack by name: `python -u -m pulumi.policy ADDRESS DIR` in the pack's folder."""
    clients: list[PackClient] = []

    def start(pack: str, **environment: str) -> PackClient:
        folder = PACKS / pack
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)],
            cwd=folder,
            env={
                **os.environ,
                "PULUMI_PROJECT": "holdfast",
                "PULUMI_STACK": "prod",
                "PULUMI_DRY_RUN": "true",
                **environment,
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        client = PackClient(process, int(process.stdout.readline()))
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.close()
