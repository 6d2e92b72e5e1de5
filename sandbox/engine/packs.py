"""Policy packs: one process each, spoken to in Pulumi's analyzer protocol.

Per resource: remediations, pack after pack, each seeing what the one before made of the inputs; then all packs
judge at the same time. At the end each judges the stack. A pack that fails has not judged, and the run stops.
"""

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
from sandbox.engine import urns
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Finding, Level, Pack, Program
from sandbox.engine.plugin import CHANNEL_OPTIONS
from sandbox.engine.processes import forward, lines, spawn, stop
from sandbox.engine.resource import Goal, Properties, State
from sandbox.engine.run import Run

LEVELS: Final = ("advisory", "mandatory", "disabled", "remediate")
_SEVERITIES: Final = ("unspecified", "low", "medium", "high", "critical")
_START_SECONDS: Final = 60.0


@dataclass
class _Running:
    pack: Pack
    process: Process
    channel: grpc.aio.Channel
    stub: analyzer_pb2_grpc.AnalyzerStub
    info: analyzer_pb2.AnalyzerInfo
    remediates: bool
    noise: list[str] = field(default_factory=list)
    readers: list[asyncio.Task[None]] = field(default_factory=list)


class Packs:
    """The packs of a run."""

    def __init__(self, packs: Sequence[Pack], program: Program) -> None:
        self._packs = packs
        self._program = program
        self._running: list[_Running] = []
        self._deletes_first: dict[str, bool | None] = {}
        self._starting: asyncio.Task[None] | None = None

    def start(self, engine_address: str, *, preview: bool) -> None:
        """Begin to start all packs at the same time; who needs one waits for all of them."""
        if self._packs:
            self._starting = asyncio.create_task(self._start_all(engine_address, preview=preview))

    async def ready(self) -> None:
        """Wait until all packs are up. Raises `EngineError` naming the one that does not come up."""
        if self._starting is not None:
            await asyncio.shield(self._starting)

    async def _start_all(self, engine_address: str, *, preview: bool) -> None:
        starting = [asyncio.create_task(self._start(pack, engine_address, preview=preview)) for pack in self._packs]
        done = await asyncio.gather(*starting, return_exceptions=True)
        self._running = [one for one in done if isinstance(one, _Running)]
        for fault in done:
            if isinstance(fault, BaseException):
                raise fault

    async def _start(self, pack: Pack, engine_address: str, *, preview: bool) -> _Running:
        program = self._program
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
            raise EngineError(f"the policy pack {pack.name!r} did not start: {_tail(noise) or error}") from error
        rest = asyncio.create_task(forward(process.stdout, noise.append))
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
        stub = analyzer_pb2_grpc.AnalyzerStub(channel)
        try:
            info, remediates = await self._configure(pack, stub, preview=preview)
        except grpc.aio.AioRpcError as error:
            await stop(process)
            raise EngineError(f"the policy pack {pack.name!r} did not start: {error.details()}") from error
        except EngineError:
            await stop(process)
            raise
        return _Running(pack, process, channel, stub, info, remediates, noise, [errors, rest])

    async def _configure(
        self, pack: Pack, stub: analyzer_pb2_grpc.AnalyzerStub, *, preview: bool
    ) -> tuple[analyzer_pb2.AnalyzerInfo, bool]:
        program = self._program
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

    async def close(self) -> None:
        """Stop all packs."""
        if self._starting is not None:
            await asyncio.gather(self._starting, return_exceptions=True)
        for running in self._running:
            await running.channel.close()
        await asyncio.gather(*(stop(running.process) for running in self._running))
        for running in self._running:
            await asyncio.gather(*running.readers, return_exceptions=True)

    # --- judging

    async def judge(self, run: Run, state: State, goal: Goal) -> Properties:
        """Let every pack remediate and judge a resource; give its inputs as the remediations left them.

        Raises `EngineError` on a mandatory finding in an update, where nothing more may be made.
        """
        inputs = state.inputs
        await self.ready()
        if not self._running:
            return inputs
        self._deletes_first[state.urn] = goal.delete_before_replace
        for running in self._running:
            if running.remediates:
                inputs = await self._remediate(run, running, state, inputs)
        request = self._request(run, state, inputs)
        answers = await asyncio.gather(*(self._call(running, "Analyze", request) for running in self._running))
        blocked = False
        for running, answer in zip(self._running, answers, strict=True):
            for diagnostic in answer.diagnostics:
                finding = self._finding(running, diagnostic, diagnostic.urn or state.urn)
                blocked = blocked or finding.blocking
                run.find(finding)
        if blocked and not run.preview:
            run.abort()
            raise EngineError(f"resource {state.urn} is invalid: a mandatory policy refuses it")
        return inputs

    async def _remediate(self, run: Run, running: _Running, state: State, inputs: Properties) -> Properties:
        answer = await self._call(running, "Remediate", self._request(run, state, inputs))
        for remediation in answer.remediations:
            if remediation.diagnostic:
                run.find(self._remark(running, remediation, state.urn, remediation.diagnostic, remediated=False))
                continue
            new = codec.decode(remediation.properties)
            hidden = {key: value for key, value in inputs.items() if key.startswith("__")}
            inputs = {**hidden, **new}
            shown = "the inputs were changed by the policy's own fix"
            run.find(self._remark(running, remediation, state.urn, shown, remediated=True))
        return inputs

    async def stack(self, run: Run) -> None:
        """Let every pack judge the whole stack, by outputs."""
        if not self._running:
            return
        request = analyzer_pb2.AnalyzeStackRequest()
        for state in run.news.values():
            self._stack_resource(run, state, request.resources.add())
        answers = await asyncio.gather(*(self._call(running, "AnalyzeStack", request) for running in self._running))
        root = next((state.urn for state in run.news.values() if state.type == urns.STACK_TYPE), "")
        for running, answer in zip(self._running, answers, strict=True):
            for diagnostic in answer.diagnostics:
                urn = diagnostic.urn if diagnostic.urn in run.news else root
                finding = self._finding(running, diagnostic, urn)
                run.find(finding)

    @staticmethod
    async def _call(running: _Running, method: str, request: Any) -> Any:
        try:
            return await getattr(running.stub, method)(request)
        except grpc.aio.AioRpcError as error:
            what = getattr(request, "urn", "the stack")
            raise EngineError(
                f"the policy pack {running.pack.name!r} failed and has not judged {what}: "
                f"{error.details()}\n{_tail(running.noise)}".rstrip()
            ) from error

    def _request(self, run: Run, state: State, inputs: Properties) -> analyzer_pb2.AnalyzeRequest:
        return analyzer_pb2.AnalyzeRequest(
            type=state.type,
            urn=state.urn,
            name=state.name,
            properties=_seen(inputs),
            options=self._options(state),
            provider=_provider(run, state),
        )

    def _stack_resource(self, run: Run, state: State, target: analyzer_pb2.AnalyzerResource) -> None:
        target.type, target.urn, target.name, target.parent = state.type, state.urn, state.name, state.parent
        target.properties.CopyFrom(_seen(state.outputs))
        target.options.CopyFrom(self._options(state))
        target.dependencies.extend(state.dependencies)
        for key, several in state.property_dependencies.items():
            target.propertyDependencies[key].urns.extend(several)
        provider = _provider(run, state)
        if provider is not None:
            target.provider.CopyFrom(provider)

    def _options(self, state: State) -> analyzer_pb2.AnalyzerResourceOptions:
        first = self._deletes_first.get(state.urn)
        return analyzer_pb2.AnalyzerResourceOptions(
            protect=state.protect,
            ignoreChanges=state.ignore_changes,
            deleteBeforeReplace=bool(first),
            deleteBeforeReplaceDefined=first is not None,
            additionalSecretOutputs=state.additional_secret_outputs,
            aliases=state.aliases,
            parent=state.parent,
            customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
                create=state.timeouts.create, update=state.timeouts.update, delete=state.timeouts.delete
            ),
        )

    @staticmethod
    def _finding(running: _Running, diagnostic: analyzer_pb2.AnalyzeDiagnostic, urn: str) -> Finding:
        level = LEVELS[diagnostic.enforcementLevel]
        description = diagnostic.description
        message = diagnostic.message.removeprefix(description).lstrip("\n") or description
        return Finding(
            pack=diagnostic.policyPackName or running.pack.name,
            policy=diagnostic.policyName,
            level=cast("Level", "mandatory" if level == "remediate" else level),
            severity=_severity(running, diagnostic),
            urn=urn,
            message=message,
            description=description,
        )

    @staticmethod
    def _remark(
        running: _Running, remediation: analyzer_pb2.Remediation, urn: str, message: str, *, remediated: bool
    ) -> Finding:
        return Finding(
            pack=remediation.policyPackName or running.pack.name,
            policy=remediation.policyName,
            level="remediate" if remediated else "advisory",
            severity="",
            urn=urn,
            message=message,
            description=remediation.description,
            remediated=remediated,
        )


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


def _seen(properties: Properties) -> Any:
    """Properties as a pack gets them: secrets stay wrapped, references are ids, outputs plain, `__` keys left out."""
    shown = {key: value for key, value in properties.items() if not key.startswith("__")}
    return codec.encode(shown, keep_outputs=False, keep_resources=False)


def _provider(run: Run, state: State) -> analyzer_pb2.AnalyzerProviderResource | None:
    if not state.provider:
        return None
    urn = urns.reference_urn(state.provider)
    provider = run.providers.get(urn) or run.olds.get(urn)
    if provider is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(
        type=provider.type, urn=provider.urn, name=provider.name, properties=_seen(provider.inputs)
    )


def _severity(running: _Running, diagnostic: analyzer_pb2.AnalyzeDiagnostic) -> str:
    given = _SEVERITIES[diagnostic.severity]
    if given != "unspecified":
        return given
    for policy in running.info.policies:
        if policy.name == diagnostic.policyName and policy.severity:
            return _SEVERITIES[policy.severity]
    return ""


async def _port(process: Process) -> int:
    async for line in lines(process.stdout):
        if line.strip().isdigit():
            return int(line)
    raise EngineError("it ended without giving its port")


def _tail(noise: Sequence[str]) -> str:
    return "\n".join(noise[-12:])
