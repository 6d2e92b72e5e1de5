"""Serves a provider over Pulumi's `ResourceProvider` protocol.

Requests run on a pool of threads, because clients of the cloud block; `Construct` and `Call` run on the event loop,
where the SDK's own `ProviderServicer` wants them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf import empty_pb2, struct_pb2
from pulumi.provider import Provider
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import plugin_pb2, provider_pb2, status_pb2

from sandbox import codec
from sandbox.codec import Value
from sandbox.provider.faults import Failure, PartlyMadeError, ProviderError
from sandbox.provider.plugin import Plugin

log = logging.getLogger(__name__)
T = TypeVar("T")
_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
}


class _Components(Provider):
    """The SDK's idea of a provider, with the plugin's own `construct` and `call`."""

    def __init__(self, plugin: Plugin) -> None:
        super().__init__(version=plugin.version)
        self._plugin = plugin

    def construct(self, name: str, resource_type: str, inputs: Any, options: Any = None) -> Any:
        """Make a remote component's children."""
        return self._plugin.construct(name, resource_type, inputs, options)

    def call(self, token: str, args: Any) -> Any:
        """Call a component's method."""
        return self._plugin.call(token, args)


class Servicer(ProviderServicer):
    """One provider instance."""

    def __init__(self, plugin: Plugin, executor: Executor, engine_address: str = "") -> None:
        super().__init__(_Components(plugin), [], engine_address)
        self._plugin = plugin
        self._executor = executor

    async def _run(self, context: Any, work: Callable[[], T]) -> T:
        """Run `work` on the pool; a `ProviderError` ends the call with its one line."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        except PartlyMadeError as error:
            await context.abort_with_status(_partly_made(error))
            raise
        except ProviderError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
            raise
        except codec.CodecError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            raise
        except Exception as error:
            # A fault of this plugin: the log has the traceback, the engine one line.
            log.exception("the %s provider failed", self._plugin.package)
            await context.abort(
                grpc.StatusCode.INTERNAL, f"the {self._plugin.package} stand-in failed: {type(error).__name__}: {error}"
            )
            raise

    # --- the instance

    async def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802  the protocol's
        """Say what this plugin understands."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802  the protocol's
        """Report the SDK's version: the stand-in is as old as the SDK it reads."""
        return plugin_pb2.PluginInfo(version=self._plugin.version)

    async def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Check the provider resource's own inputs."""

        def work() -> Any:
            news = codec.decode(request.news)
            return _checked(news, self._plugin.check_config(news))

        return await self._run(context, work)

    async def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Tell whether another region or account asks for another provider."""

        def work() -> Any:
            olds = codec.decode(request.old_inputs if request.HasField("old_inputs") else request.olds)
            changed, replaces = self._plugin.diff_config(olds, codec.decode(request.news))
            return provider_pb2.DiffResponse(
                changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
                diffs=changed,
                replaces=replaces,
            )

        return await self._run(context, work)

    async def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Take the provider's configuration: its region above all."""

        def work() -> Any:
            self._plugin.configure(_configuration(request))
            return provider_pb2.ConfigureResponse(
                acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
            )

        return await self._run(context, work)

    async def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802  the protocol's
        """Refuse: the schema belongs to the real plugin."""
        await context.abort(
            grpc.StatusCode.UNIMPLEMENTED, f"the {self._plugin.package} stand-in has no schema; use the installed SDK"
        )

    # --- a resource

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Check a resource's inputs and fill in what the provider fills in."""

        def work() -> Any:
            inputs, failures = self._plugin.check(
                request.urn, codec.decode(request.olds), codec.decode(request.news), request.randomSeed
            )
            return _checked(inputs, failures)

        return await self._run(context, work)

    async def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Tell what an update would change."""

        def work() -> Any:
            olds = codec.decode(request.old_inputs if request.HasField("old_inputs") else request.olds)
            difference, deletes_first = self._plugin.diff(
                request.urn, request.id, olds, codec.decode(request.news), frozenset(request.ignoreChanges)
            )
            detailed = {
                path: provider_pb2.PropertyDiff(kind=_KINDS[change, path in difference.forcing], inputDiff=True)
                for path, change in difference.changes.items()
            }
            response = provider_pb2.DiffResponse
            return response(
                changes=response.DIFF_SOME if detailed else response.DIFF_NONE,
                diffs=difference.top_level(),
                replaces=difference.top_level_forcing(),
                detailedDiff=detailed,
                hasDetailedDiff=True,
                deleteBeforeReplace=difference.replaces and deletes_first,
            )

        return await self._run(context, work)

    async def Create(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Create a resource, or tell what is known of it in a preview."""

        def work() -> Any:
            physical_id, outputs = self._plugin.create(
                request.urn, codec.decode(request.properties), preview=request.preview
            )
            return provider_pb2.CreateResponse(id=physical_id, properties=_outputs(outputs))

        return await self._run(context, work)

    async def Read(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Read a resource as the cloud has it; an empty id says that it is gone."""

        def work() -> Any:
            found = self._plugin.read(
                request.urn, request.id, codec.decode(request.properties), codec.decode(request.inputs)
            )
            if found is None:
                return provider_pb2.ReadResponse(id="")
            outputs, inputs = found
            return provider_pb2.ReadResponse(id=request.id, properties=_outputs(outputs), inputs=_outputs(inputs))

        return await self._run(context, work)

    async def Update(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Bring a resource to new inputs."""

        def work() -> Any:
            state = codec.decode(request.olds)
            olds = codec.decode(request.old_inputs) if request.HasField("old_inputs") else state
            outputs = self._plugin.update(
                request.urn, request.id, state, olds, codec.decode(request.news), preview=request.preview
            )
            return provider_pb2.UpdateResponse(properties=_outputs(outputs))

        return await self._run(context, work)

    async def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Delete a resource; one that is gone already is deleted."""

        def work() -> Any:
            self._plugin.delete(request.urn, request.id, codec.decode(request.properties))
            return empty_pb2.Empty()

        return await self._run(context, work)

    async def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Answer a function of the SDK; an unknown one is refused by name."""

        def work() -> Any:
            answer = self._plugin.invoke(request.tok, codec.unwrap_secrets(codec.decode(request.args)))
            if isinstance(answer, list):
                return provider_pb2.InvokeResponse(failures=_failures(answer))
            response = provider_pb2.InvokeResponse()
            getattr(response, "return").CopyFrom(_outputs(answer))
            return response

        return await self._run(context, work)

    async def Construct(self, request: Any, context: Any) -> Any:  # noqa: N802  the protocol's name
        """Make a remote component; a refusal is one line."""
        try:
            return await self._construct(request, context)
        except ProviderError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
            raise

    async def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802  the protocol's
        """Nothing runs longer than its request."""
        return empty_pb2.Empty()

    async def Attach(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802  the protocol's
        """Take note of an engine; the plugin never calls it."""
        return empty_pb2.Empty()


def _configuration(request: Any) -> dict[str, Value]:
    """The provider's inputs; an engine sends them as a struct, older ones as strings only."""
    if request.HasField("args") and request.args.fields:
        return codec.unwrap_secrets(codec.decode(request.args))  # type: ignore[no-any-return]  # a map stays one
    return {key.split(":")[-1]: value for key, value in request.variables.items()}


def _outputs(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    return codec.encode(properties)


def _checked(inputs: Mapping[str, Value], failures: list[Failure]) -> Any:
    return provider_pb2.CheckResponse(inputs=codec.encode(inputs), failures=_failures(failures))


def _failures(failures: list[Failure]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures]


def _partly_made(error: PartlyMadeError) -> Any:
    status = grpc.Status()
    status.code = grpc.StatusCode.UNKNOWN
    status.details = str(error)
    details = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    details.details.add().Pack(
        provider_pb2.ErrorResourceInitFailed(id=error.id, properties=codec.encode(error.outputs), reasons=[str(error)])
    )
    status.trailing_metadata = (("grpc-status-details-bin", details.SerializeToString()),)
    return status
