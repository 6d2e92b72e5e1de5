"""Runs the program without an engine and records what it registers, with the options of each registration."""

import asyncio
import contextvars
import logging
import re
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import empty_pb2, json_format
from pulumi.runtime import mocks, rpc
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack

PROGRAM = Path(__file__).parents[3] / "__main__.py"
ACCOUNT = "111122223333"


@dataclass(frozen=True)
class Registered:
    """One registration: what was wanted and how."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    urn: str
    parent: str
    provider: str
    protect: bool
    retained: bool
    custom: bool
    ignore_changes: tuple[str, ...]
    dependencies: tuple[str, ...]

    @property
    def layer(self) -> str:
        """Second token of the innermost layer component, `platform` if there is none."""
        found = re.findall(r"holdfast:(\w+):", self.urn.split("::")[2])
        return found[-1] if found else "platform"

    @property
    def provider_name(self) -> str:
        """Name of the explicit provider, empty for a component."""
        return self.provider.split("::")[-2] if self.provider else ""


@dataclass
class Recording:
    """Everything that one run registered."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: str, *, name: str = "") -> list[Registered]:
        """Registrations of a type (its token ends so) whose name contains a text."""
        return [item for item in self.resources if item.type.endswith(kind) and name in item.name]

    def one(self, kind: str, name: str) -> Registered:
        """The only registration of a type with exactly that name."""
        found = [item for item in self.resources if item.type.endswith(kind) and item.name == name]
        assert len(found) == 1, f"{kind} {name}: {len(found)} of {[r.name for r in self.of(kind)]}"
        return found[0]


class _Nothing(mocks.Mocks):
    def call(self, args):
        raise AssertionError(f"the program asks the cloud: {args.token}; previews must be complete offline")

    def new_resource(self, args):
        return _state(args.typ, args.name, args.inputs)


class _Monitor(mocks.MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Nothing())
        self.recording = recording

    def RegisterResource(self, request):  # noqa: N802 - the protocol's name
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        inputs = self._tagged(request, _plain(json_format.MessageToDict(request.object)))
        id_, state = _state(request.type, request.name, inputs, _region_of(request.provider))
        self.resources[urn] = mocks.MockMonitor.ResourceRegistration(urn, id_, state)
        self.recording.resources.append(
            Registered(
                type=request.type,
                name=request.name,
                inputs=inputs,
                urn=urn,
                parent=request.parent,
                provider=request.provider,
                protect=request.protect,
                retained=request.retainOnDelete,
                custom=request.custom,
                ignore_changes=tuple(request.ignoreChanges),
                dependencies=tuple(request.dependencies),
            )
        )
        answer = resource_pb2.RegisterResourceResponse(urn=urn, id=id_)
        answer.object.update(state)
        return answer

    def _tagged(self, request, inputs: dict[str, Any]) -> dict[str, Any]:
        """What the transforms of the program, which this monitor does not call, make of the inputs."""
        for transform in self._stack_transforms:
            args = pulumi.ResourceTransformArgs(
                custom=request.custom,
                type_=request.type,
                name=request.name,
                props=inputs,
                opts=pulumi.ResourceOptions(),
            )
            result = transform(args)
            if result is not None:
                inputs = dict(result.props)
        return inputs

    def RegisterResourceOutputs(self, request):  # noqa: N802 - the protocol's name
        if "pulumi:pulumi:Stack" in request.urn:
            self.recording.outputs.update(_plain(json_format.MessageToDict(request.outputs)))
        return super().RegisterResourceOutputs(request)

    def RegisterPackage(self, request):  # noqa: N802 - the protocol's name
        return resource_pb2.RegisterPackageResponse(ref="")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        signature = value.get(rpc._special_sig_key)
        if signature == rpc._special_secret_sig:
            return _plain(value["value"])
        if signature == rpc._special_resource_sig:
            return value["urn"]
        if signature is not None:
            return signature
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _region_of(provider: str) -> str:
    """Region of a provider of AWS, from its URN; home for any other."""
    found = re.search(r"::(\w+-\w+-\d)::", provider)
    return found[1] if found else "us-east-1"


def _state(kind: str, name: str, inputs: Mapping[str, Any], region: str = "us-east-1") -> tuple[str, dict[str, Any]]:
    """An id and outputs that look like the cloud's, so that documents built from them can be read."""
    module, _, short = kind.partition(":")[2].partition("/")
    service = {"kms": "kms", "cloudwatch": "logs"}.get(module, module)
    resource = {"kms/key:Key": "key/mrk", "kms/replicaKey:ReplicaKey": "key/mrk"}.get(f"{module}/{short}", short)
    state = dict(inputs)
    state.setdefault("arn", f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}/{inputs.get('name', name)}")
    if short == "certificate:Certificate" and module == "acm":
        proof = {"resourceRecordName": "_p.example.com", "resourceRecordType": "CNAME", "resourceRecordValue": "_v"}
        state["domainValidationOptions"] = [proof]
    if short == "launchTemplate:LaunchTemplate":
        state["latestVersion"] = 1
    return f"{name}-id", state


def record(config: Mapping[str, str], *, stack: str = "prod", preview: bool = False) -> Recording:
    """Run the program with a configuration and record what it registers.

    Raises whatever the program raises.
    """
    recording = Recording()

    def body() -> None:
        monitor = _Monitor(recording)
        set_all_config(dict(config))
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)

        async def run() -> None:
            features = set(monitor.GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures)
            configure(
                mocks.MockSettings(
                    monitor=monitor,
                    monitor_features=features,
                    engine=mocks.MockEngine(logging.getLogger("pulumi")),
                    project="holdfast",
                    stack=stack,
                    dry_run=preview,
                    organization="organization",
                    callbacks=None,
                )
            )
            await run_in_stack(lambda: runpy.run_path(str(PROGRAM), run_name="__main__") and None)

        try:
            loop.run_until_complete(run())
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    contextvars.Context().run(body)
    return recording
