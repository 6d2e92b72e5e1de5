"""The process of a policy pack: how it is started and configured."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from sandbox import codec
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Pack, Program
from sandbox.engine.plugin import CHANNEL_OPTIONS
from sandbox.engine.processes import forward, lines, spawn, stop

LEVELS: Final = ("advisory", "mandatory", "disabled", "remediate")
_START_SECONDS: Final = 60.0


@dataclass
class RunningPack:
    """A pack that is up and configured."""

    pack: Pack
    process: Process
    channel: grpc.aio.Channel
    stub: analyzer_pb2_grpc.AnalyzerStub
    info: analyzer_pb2.AnalyzerInfo
    remediates: bool
    """Whether a policy of it may change inputs."""
    noise: list[str] = field(default_factory=list)
    readers: list[asyncio.Task[None]] = field(default_factory=list)


async def start(pack: Pack, program: Program, engine_address: str, *, preview: bool) -> RunningPack:
    """Start a pack and configure it. Raises `EngineError` naming it if it does not come up."""
    if not pack.directory.is_dir():
        raise EngineError(f"the policy pack {pack.name!r} is not at {pack.directory}")
    environment = {
        "PULUMI_PROJECT": program.project,
        "PULUMI_STACK": program.stack,
        "PULUMI_ORGANIZATION": program.organization,
        "PULUMI_DRY_RUN": "true" if preview else "false",
        "PULUMI_CONFIG": json.dumps(dict(program.config)),
    }
    process = await spawn(
        ["module", "pulumi.policy", engine_address, str(pack.directory)],
        directory=pack.directory,
        environment=environment,
        python=program.python,
    )
    noise: list[str] = []
    errors = asyncio.create_task(forward(process.stderr, noise.append))
    try:
        port = await asyncio.wait_for(_port(process), _START_SECONDS)
    except (TimeoutError, EngineError) as error:
        await stop(process)
        await errors
        raise EngineError(f"the policy pack {pack.name!r} did not start: {tail(noise) or error}") from error
    rest = asyncio.create_task(forward(process.stdout, noise.append))
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
    stub = analyzer_pb2_grpc.AnalyzerStub(channel)
    try:
        info, remediates = await _configure(pack, program, stub, preview=preview)
    except grpc.aio.AioRpcError as error:
        await stop(process)
        raise EngineError(f"the policy pack {pack.name!r} did not start: {error.details()}") from error
    except EngineError:
        await stop(process)
        raise
    return RunningPack(pack, process, channel, stub, info, remediates, noise, [errors, rest])


async def _configure(
    pack: Pack, program: Program, stub: analyzer_pb2_grpc.AnalyzerStub, *, preview: bool
) -> tuple[analyzer_pb2.AnalyzerInfo, bool]:
    await stub.ConfigureStack(
        analyzer_pb2.AnalyzerStackConfigureRequest(
            stack=program.stack,
            project=program.project,
            organization=program.organization,
            dry_run=preview,
            config=dict(program.config),
            config_secret_keys=sorted(program.secret_keys),
        )
    )
    info = await stub.GetAnalyzerInfo(empty_pb2.Empty())
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    chosen = configuration(info, pack)
    for name, (level, properties) in chosen.items():
        entry = request.policyConfig[name]
        entry.enforcementLevel = cast("Any", LEVELS.index(level))
        entry.properties.update(properties)
    await stub.Configure(request)
    return info, any(level == "remediate" for level, _ in chosen.values())


def configuration(info: analyzer_pb2.AnalyzerInfo, pack: Pack) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every policy's level and properties: the pack's defaults, what it starts with, and the configuration.

    `all` speaks for the policies that are not named. Raises `EngineError` on a name or level that does not exist.
    """
    names = [policy.name for policy in info.policies]
    chosen: dict[str, tuple[str, dict[str, Any]]] = {}
    given = {name: _entry(pack, name, value) for name, value in pack.config.items()}
    for name in given:
        if name not in (*names, "all"):
            raise EngineError(f"the configuration of the pack {pack.name!r} names {name!r}; it has {', '.join(names)}")
    for policy in info.policies:
        level = LEVELS[policy.enforcementLevel]
        properties: dict[str, Any] = {}
        initial = info.initialConfig.get(policy.name)
        if initial is not None:
            level, properties = LEVELS[initial.enforcementLevel], codec.decode(initial.properties)
        wanted_level, wanted = given.get(policy.name, (None, {}))
        level = wanted_level or given.get("all", (None, {}))[0] or level
        schema = policy.configSchema
        defaults = {
            key: detail["default"]
            for key, detail in codec.decode(schema.properties).items()
            if isinstance(detail, dict) and "default" in detail
        }
        properties = {**defaults, **properties, **wanted}
        missing = [key for key in schema.required if key not in properties]
        if missing and level != "disabled":
            raise EngineError(f"the policy {policy.name!r} of the pack {pack.name!r} needs {', '.join(missing)}")
        chosen[policy.name] = (level, properties)
    return chosen


def _entry(pack: Pack, name: str, value: Any) -> tuple[str | None, dict[str, Any]]:
    properties = dict(value) if isinstance(value, Mapping) else {"enforcementLevel": value}
    level = properties.pop("enforcementLevel", None)
    if level is not None and level not in LEVELS:
        raise EngineError(f"the pack {pack.name!r}: {name}: the level {level!r} is none of {', '.join(LEVELS)}")
    return level, properties


async def _port(process: Process) -> int:
    async for line in lines(process.stdout):
        if line.strip().isdigit():
            return int(line)
    raise EngineError("it ended without giving its port")


def tail(noise: Sequence[str]) -> str:
    """The last lines of what a pack has written."""
    return "\n".join(noise[-12:])
