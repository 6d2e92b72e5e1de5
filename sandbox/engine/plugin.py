"""One provider instance, spoken to in Pulumi's provider protocol.

What the instance does not take (secrets, references) is lowered on the way out and put back on the way in; an
instance whose configuration is not known in a preview is not called at all (engine 3.260, provider_plugin.go).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from sandbox import codec
from sandbox.codec import Secret, contains_secret, contains_unknown
from sandbox.engine import urns
from sandbox.engine.assets import elided
from sandbox.engine.diffs import Diff
from sandbox.engine.errors import EngineError
from sandbox.engine.resource import Properties, State, Timeouts

MESSAGE_BYTES: Final = 400 * 1024 * 1024
CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
)
UNKNOWN_CONFIG = (
    "The provider for this resource has inputs that are not known during preview.\n"
    "This preview may not correctly represent the changes that will be applied during an update."
)
_KINDS: Final = {0: "add", 1: "add-replace", 2: "delete", 3: "delete-replace", 4: "update", 5: "update-replace"}


class ProviderError(EngineError):
    """The provider refused or failed; the message is its own."""


class PartlyMade(ProviderError):  # noqa: N818 - it says what the object is
    """The object exists, but is not well; its id and outputs are kept."""

    def __init__(self, reasons: Sequence[str], id_: str, outputs: Properties) -> None:
        super().__init__("\n".join(reasons) or "resource init failed")
        self.reasons = list(reasons)
        self.id = id_
        self.outputs = outputs


class ProviderGone(ProviderError):  # noqa: N818 - it says what happened
    """The instance does not answer: whether it did what it was asked is not known."""


class TookTooLong(ProviderGone):
    """The operation went on beyond its `customTimeouts`: whether it was done is not known."""


class DiffUnavailable(Exception):  # noqa: N818 - the engine takes it as an answer, not as an error
    """The provider cannot be asked in this preview; the resource is taken to change."""


@dataclass(frozen=True)
class Failure:
    """An input that the provider does not accept. `property` is empty for the resource as a whole."""

    property: str
    reason: str


@dataclass(frozen=True)
class Live:
    """What a Read found; `id` is empty when the object is gone."""

    id: str
    inputs: Properties | None
    outputs: Properties
    init_errors: tuple[str, ...] = ()


class Plugin:
    """A client of one instance."""

    def __init__(self, address: str, package: str) -> None:
        self.package = package
        self._channel = grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.configured = False
        self._accept_secrets = True
        self._accept_resources = True
        self._accept_outputs = False
        self._supports_preview = True

    async def close(self) -> None:
        """Close the connection; the host stops the instance."""
        await self._channel.close()

    async def cancel(self) -> None:
        """Ask the instance to give up what it is doing."""
        try:
            await self._stub.Cancel(empty_pb2.Empty(), timeout=2)
        except grpc.RpcError:
            return

    async def _call(self, method: str, request: Any, *, seconds: float = 0) -> Any:
        """Call the instance; `seconds` is what the resource's `customTimeouts` grant, 0 no limit."""
        try:
            return await getattr(self._stub, method)(request, timeout=seconds or None)
        except grpc.aio.AioRpcError as error:
            if seconds and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
                what = method.lower()
                raise TookTooLong(
                    f"{what} took longer than the {seconds:g} s of customTimeouts.{what}; whether it was done is not "
                    "known, and the next run looks again"
                ) from error
            raise _error(error, self.package) from error

    def _encode(self, values: Mapping[str, Any], *, unknowns: bool, assets: bool = True) -> Any:
        return codec.encode(
            values if assets else elided(values),
            keep_secrets=self._accept_secrets,
            keep_unknowns=unknowns,
            keep_outputs=False,
            keep_resources=self._accept_resources,
        )

    def _decode(self, struct: Any, like: Mapping[str, Any]) -> Properties:
        values = codec.decode(struct)
        if not self._accept_secrets:
            annotate_secrets(values, like)
        return values

    # --- configuration

    async def check_config(self, urn: str, old: Properties, new: Properties) -> tuple[Properties, list[Failure]]:
        """Check a provider resource's inputs."""
        request = provider_pb2.CheckRequest(
            urn=urn,
            name=urns.name_of(urn),
            type=urns.type_of(urn),
            olds=codec.encode(old, keep_secrets=False, keep_outputs=False, keep_resources=False),
            news=codec.encode(new, keep_secrets=False, keep_outputs=False, keep_resources=False),
        )
        try:
            answer = await self._stub.CheckConfig(request)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.UNIMPLEMENTED:
                return new, []
            raise _error(error, self.package) from error
        checked = codec.decode(answer.inputs)
        annotate_secrets(checked, new)
        return checked, [Failure(failure.property, failure.reason) for failure in answer.failures]

    async def diff_config(self, urn: str, old: Properties, outputs: Properties, new: Properties) -> Diff:
        """Compare a provider resource's inputs; unimplemented is `unknown`."""
        request = provider_pb2.DiffRequest(
            urn=urn,
            name=urns.name_of(urn),
            type=urns.type_of(urn),
            old_inputs=codec.encode(old, keep_secrets=False, keep_outputs=False, keep_resources=False),
            olds=codec.encode(outputs, keep_secrets=False, keep_outputs=False, keep_resources=False),
            news=codec.encode(new, keep_secrets=False, keep_outputs=False, keep_resources=False),
        )
        try:
            return _diff(await self._stub.DiffConfig(request))
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.UNIMPLEMENTED:
                return Diff(changed=False, unknown=True)
            raise _error(error, self.package) from error

    async def configure(self, urn: str, id_: str, inputs: Properties) -> None:
        """Configure the instance, unless an input is unknown: then it stays unconfigured."""
        variables = {}
        for key, value in inputs.items():
            if key == "version":
                continue
            if contains_unknown(value):
                return
            plain = codec.plain(value)
            text = plain if isinstance(plain, str) else json.dumps(plain)
            variables[f"{self.package}:config:{key}"] = text
        answer = await self._call(
            "Configure",
            provider_pb2.ConfigureRequest(
                urn=urn,
                name=urns.name_of(urn),
                type=urns.type_of(urn),
                id=id_,
                acceptSecrets=True,
                acceptResources=True,
                sends_old_inputs=True,
                sends_old_inputs_to_delete=True,
                variables=variables,
                args=codec.encode(inputs),
            ),
        )
        self._accept_secrets = answer.acceptSecrets
        self._accept_resources = answer.acceptResources
        self._accept_outputs = answer.acceptOutputs
        self._supports_preview = answer.supportsPreview
        self.configured = True

    # --- resources

    async def check(
        self, urn: str, old: Properties, new: Properties, seed: bytes, *, preview: bool
    ) -> tuple[Properties, list[Failure]]:
        """Check inputs and fill in defaults."""
        if not self.configured:
            return new, []
        answer = await self._call(
            "Check",
            provider_pb2.CheckRequest(
                urn=urn,
                name=urns.name_of(urn),
                type=urns.type_of(urn),
                olds=self._encode(old, unknowns=preview),
                news=self._encode(new, unknowns=preview),
                randomSeed=seed,
            ),
        )
        checked = self._decode(answer.inputs, new)
        return checked, [Failure(failure.property, failure.reason) for failure in answer.failures]

    async def diff(self, urn: str, old: State, new: Properties, ignored: Sequence[str], *, preview: bool) -> Diff:
        """Compare. Raises `DiffUnavailable` if the instance is not configured."""
        if not self.configured:
            raise DiffUnavailable
        answer = await self._call(
            "Diff",
            provider_pb2.DiffRequest(
                id=old.id,
                urn=urn,
                name=urns.name_of(urn),
                type=urns.type_of(urn),
                old_inputs=self._encode(old.inputs, unknowns=preview, assets=False),
                olds=self._encode(old.outputs, unknowns=preview, assets=False),
                news=self._encode(new, unknowns=preview, assets=False),
                ignoreChanges=ignored,
            ),
        )
        return _diff(answer)

    async def create(
        self, urn: str, inputs: Properties, timeouts: Timeouts, *, preview: bool
    ) -> tuple[str, Properties]:
        """Create; give id and outputs. In a preview the id is empty and unknown outputs are left out.

        Raises `PartlyMade` if the object exists and is not well.
        """
        if preview:
            if not self.configured:
                return "", {}
            if not self._supports_preview:
                return "", inputs
        answer = await self._call(
            "Create",
            provider_pb2.CreateRequest(
                urn=urn,
                name=urns.name_of(urn),
                type=urns.type_of(urn),
                properties=self._encode(inputs, unknowns=preview),
                timeout=timeouts.create,
                preview=preview,
            ),
            seconds=timeouts.create,
        )
        if not answer.id and not preview:
            raise ProviderError(f"the provider {self.package!r} gave no id for {urn}")
        return answer.id, self._decode(answer.properties, inputs)

    async def update(self, old: State, new: State, *, preview: bool) -> Properties:
        """Update; give the new outputs. Raises `PartlyMade` as `create` does."""
        if preview:
            if not self.configured:
                return {}
            if not self._supports_preview:
                return new.inputs
        answer = await self._call(
            "Update",
            provider_pb2.UpdateRequest(
                id=old.id,
                urn=new.urn,
                name=new.name,
                type=new.type,
                old_inputs=self._encode(old.inputs, unknowns=preview, assets=False),
                olds=self._encode(old.outputs, unknowns=preview, assets=False),
                news=self._encode(new.inputs, unknowns=preview),
                timeout=new.timeouts.update,
                ignoreChanges=new.ignore_changes,
                preview=preview,
            ),
            seconds=new.timeouts.update,
        )
        return self._decode(answer.properties, new.inputs)

    async def delete(self, state: State) -> None:
        """Delete."""
        await self._call(
            "Delete",
            provider_pb2.DeleteRequest(
                id=state.id,
                urn=state.urn,
                name=state.name,
                type=state.type,
                properties=self._encode(state.outputs, unknowns=False, assets=False),
                old_inputs=self._encode(state.inputs, unknowns=False, assets=False),
                timeout=state.timeouts.delete,
            ),
            seconds=state.timeouts.delete,
        )

    async def read(self, urn: str, id_: str, inputs: Properties, outputs: Properties) -> Live:
        """Read the object as it is."""
        if not self.configured:
            return Live(id_, {}, {})
        request = provider_pb2.ReadRequest(
            id=id_,
            urn=urn,
            name=urns.name_of(urn),
            type=urns.type_of(urn),
            properties=self._encode(outputs, unknowns=False, assets=False),
            inputs=self._encode(inputs, unknowns=False, assets=False),
        )
        try:
            answer = await self._call("Read", request)
        except PartlyMade as partly:
            return Live(partly.id, None, partly.outputs, tuple(partly.reasons))
        found = self._decode(answer.inputs, inputs) if answer.HasField("inputs") else None
        return Live(answer.id, found, self._decode(answer.properties, outputs))

    # --- functions and components

    async def invoke(self, token: str, args: Properties, *, preview: bool) -> tuple[Properties, list[Failure]]:
        """Call a function; nothing is known of its result if the instance is not configured."""
        if not self.configured:
            return {}, []
        answer = await self._call(
            "Invoke",
            provider_pb2.InvokeRequest(tok=token, args=self._encode(args, unknowns=False), preview=preview),
        )
        result = codec.decode(getattr(answer, "return"))
        if not self._accept_secrets and contains_secret(args):
            result = {key: value if isinstance(value, Secret) else Secret(value) for key, value in result.items()}
        return result, [Failure(failure.property, failure.reason) for failure in answer.failures]

    async def construct(self, request: Any, inputs: Properties) -> Any:
        """Make a remote component; the request is complete but for its inputs."""
        if not self._accept_secrets:
            raise ProviderError(f"the provider {self.package!r} makes components and does not take secrets")
        request.inputs.CopyFrom(codec.encode(inputs, keep_outputs=self._accept_outputs))
        return await self._call("Construct", request)

    async def call(self, request: Any, args: Properties) -> Any:
        """Call a component's method; the request is complete but for its arguments."""
        request.args.CopyFrom(codec.encode(args, keep_outputs=self._accept_outputs))
        return await self._call("Call", request)


def _diff(answer: Any) -> Diff:
    changes = answer.changes
    detailed = {path: _KINDS.get(part.kind, "update") for path, part in answer.detailedDiff.items()}
    return Diff(
        changed=changes == provider_pb2.DiffResponse.DIFF_SOME,
        unknown=changes == provider_pb2.DiffResponse.DIFF_UNKNOWN,
        replace_keys=tuple(answer.replaces),
        changed_keys=tuple(answer.diffs),
        detailed=detailed if answer.hasDetailedDiff else {},
        delete_before_replace=answer.deleteBeforeReplace,
    )


def _error(error: grpc.aio.AioRpcError, package: str) -> ProviderError:
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for detail in status_pb2.Status.FromString(value).details:
            partly = provider_pb2.ErrorResourceInitFailed()
            if detail.Unpack(partly):
                return PartlyMade(partly.reasons, partly.id, codec.decode(partly.properties))
    if error.code() == grpc.StatusCode.UNAVAILABLE:
        return ProviderGone(f"the provider {package!r} does not answer: {error.details()}")
    return ProviderError(error.details() or f"the provider {package!r} failed: {error.code()}")


def annotate_secrets(outputs: dict[str, Any], inputs: Mapping[str, Any]) -> None:
    """Make secret, in place, what was secret in the inputs under the same name; inside objects, name by name."""
    for key, value in inputs.items():
        if key not in outputs or isinstance(outputs[key], Secret):
            continue
        if isinstance(outputs[key], dict) and isinstance(value, dict):
            annotate_secrets(outputs[key], value)
        elif contains_secret(value):
            outputs[key] = Secret(outputs[key])


async def close_all(plugins: Sequence[Plugin]) -> None:
    """Close connections, whatever state they are in."""
    await asyncio.gather(*(plugin.close() for plugin in plugins), return_exceptions=True)
