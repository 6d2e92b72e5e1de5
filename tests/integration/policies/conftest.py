"""A client of the Analyzer protocol, and packs started as the engine starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi.runtime.proto import analyzer_pb2_grpc

from holdfast_policies.packs import PACKS as PACK_NAMES
from holdfast_policies.resource import Resource, Stack
from holdfast_policies.wire import resource_of, stack_of
from ops.package.build import build
from sandbox.engine import Engine, Outcome, Pack, Program, StateFile
from sandbox.provider.host import LocalHost
from settings import load_stack, read_stack_file

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
        return list(self.stub.Analyze(self.request(kind, name, properties, **fields), timeout=200).diagnostics)

    def close(self) -> None:
        self._channel.close()
        self.process.terminate()
        self.process.wait(60)


@pytest.fixture
def pack_folders() -> Path:
    """Where the packs and the distribution's project file are."""
    return PACKS


@pytest.fixture(scope="session")
def start_pack() -> Iterator[Callable[..., PackClient]]:
    """Start a pack by name: `python -u -m pulumi.policy ADDRESS DIR` in the pack's folder."""
    clients: list[PackClient] = []

    def start(pack: str, *, folder: Path | None = None, **environment: str) -> PackClient:
        folder = folder or PACKS / pack
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


@dataclass
class Previewed:
    """A stack's first preview: what the packs said, and what they were shown."""

    outcome: Outcome
    requests: list[wire.AnalyzeRequest]
    stack_request: wire.AnalyzeStackRequest

    @cached_property
    def resources(self) -> list[Resource]:
        """The resources as rules see them one by one."""
        return [resource_of(request) for request in self.requests]

    @cached_property
    def stack(self) -> Stack:
        """The resources as stack rules see them."""
        return stack_of(self.stack_request)


@pytest.fixture(scope="session")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Previewed]:
    """Preview a stack of this repository from nothing, under its own packs, by the sandbox's engine."""
    done: dict[str, Previewed] = {}

    def run(stack: str) -> Previewed:
        if stack not in done:
            done[stack] = _preview(stack, tmp_path_factory.mktemp(f"preview-{stack}"))
        return done[stack]

    return run


def _preview(name: str, folder: Path) -> Previewed:
    root = PACKS.parent
    file = read_stack_file(root / f"Pulumi.{name}.yaml")
    build(root, load_stack(name, root))  # what functions are made of, where the stack has any
    packs = [Pack(name=pack, directory=PACKS / pack) for pack in PACK_NAMES]
    packs.append(Pack(name="recorder", directory=Path(__file__).parent / "recorder"))
    program = Program(directory=root, project="holdfast", stack=name, config=file.pulumi_config())
    os.environ["HOLDFAST_RECORDING"] = str(folder / "seen")
    host = LocalHost(None)
    try:
        engine = Engine(
            program, state=StateFile(folder / "state.json", "test"), plugins=host, packs=packs, passphrase="test"
        )
        outcome = engine.preview()
    finally:
        host.close()
        del os.environ["HOLDFAST_RECORDING"]
    request = wire.AnalyzeStackRequest.FromString((folder / "seen.stack").read_bytes())
    return Previewed(outcome, list(_requests(folder / "seen.resources")), request)


def _requests(path: Path) -> Iterator[wire.AnalyzeRequest]:
    data = path.read_bytes()
    while data:
        size = int.from_bytes(data[:4], "big")
        yield wire.AnalyzeRequest.FromString(data[4 : 4 + size])
        data = data[4 + size :]
