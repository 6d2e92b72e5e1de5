"""Policy packs: one process each, spoken to in Pulumi's analyzer protocol.

Per resource: remediations, pack after pack, each seeing what the one before made of the inputs; then all packs
judge at the same time. At the end each judges the stack. A pack that fails has not judged, and the run stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, cast

import grpc
import grpc.aio
from pulumi.runtime.proto import analyzer_pb2

from sandbox import codec
from sandbox.engine import urns
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Finding, Level, Pack, Program
from sandbox.engine.pack_process import LEVELS, RunningPack, start, tail
from sandbox.engine.processes import stop
from sandbox.engine.resource import Goal, Properties, State
from sandbox.engine.run import Run

_SEVERITIES: Final = ("unspecified", "low", "medium", "high", "critical")


class Packs:
    """The packs of a run."""

    def __init__(self, packs: Sequence[Pack], program: Program) -> None:
        self._packs = packs
        self._program = program
        self._running: list[RunningPack] = []
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
        starting = [
            asyncio.create_task(start(pack, self._program, engine_address, preview=preview)) for pack in self._packs
        ]
        done = await asyncio.gather(*starting, return_exceptions=True)
        self._running = [one for one in done if isinstance(one, RunningPack)]
        for fault in done:
            if isinstance(fault, BaseException):
                raise fault

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

    async def _remediate(self, run: Run, running: RunningPack, state: State, inputs: Properties) -> Properties:
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
    async def _call(running: RunningPack, method: str, request: Any) -> Any:
        try:
            return await getattr(running.stub, method)(request)
        except grpc.aio.AioRpcError as error:
            what = getattr(request, "urn", "the stack")
            raise EngineError(
                f"the policy pack {running.pack.name!r} failed and has not judged {what}: "
                f"{error.details()}\n{tail(running.noise)}".rstrip()
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
    def _finding(running: RunningPack, diagnostic: analyzer_pb2.AnalyzeDiagnostic, urn: str) -> Finding:
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
        running: RunningPack, remediation: analyzer_pb2.Remediation, urn: str, message: str, *, remediated: bool
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


def _severity(running: RunningPack, diagnostic: analyzer_pb2.AnalyzeDiagnostic) -> str:
    given = _SEVERITIES[diagnostic.severity]
    if given != "unspecified":
        return given
    for policy in running.info.policies:
        if policy.name == diagnostic.policyName and policy.severity:
            return _SEVERITIES[policy.severity]
    return ""
