"""The resource monitor: what the program's SDK, and remote components, talk to (engine 3.260, source_eval.go)."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import callback_pb2, provider_pb2, resource_pb2, resource_pb2_grpc

from sandbox import codec
from sandbox.codec import UNKNOWN_STRING
from sandbox.engine import urns
from sandbox.engine.assets import with_hashes
from sandbox.engine.callbacks import Callbacks
from sandbox.engine.defaults import DefaultProviders
from sandbox.engine.errors import EngineError, Unsupported
from sandbox.engine.lineage import Lineage
from sandbox.engine.model import Program
from sandbox.engine.names import Names
from sandbox.engine.registrar import Registrar
from sandbox.engine.remote import call_request, call_response, construct_request, construct_response
from sandbox.engine.requests import (
    as_outputs,
    dependencies_of,
    goal_of,
    options_of,
    output_dependencies,
    position_of,
    refuse_unsupported,
    with_dependencies,
)
from sandbox.engine.resource import Goal, Properties, State
from sandbox.engine.run import Aborted, Run
from sandbox.engine.work import Provider, Work

_F = resource_pb2.ResourceMonitorFeature
FEATURES: Final = {
    "secrets": _F.RESOURCE_MONITOR_FEATURE_SECRETS,
    "resourceReferences": _F.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    "outputValues": _F.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    "aliasSpecs": _F.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    "replacementTrigger": _F.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    "deletedWith": _F.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    "replaceWith": _F.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    "transforms": _F.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    "invokeTransforms": _F.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    "parameterization": _F.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    "resourceHooks": _F.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    "errorHooks": _F.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
}
"""By the id that SupportsFeature asks for. Hooks are named so that a program that uses one is refused by name
here, rather than by an SDK that says the CLI is too old."""
SHUT_DOWN = "resource monitor shut down"
_Method = TypeVar("_Method", bound=Callable[..., Awaitable[Any]])


def _refusing(method: _Method) -> _Method:
    """Turn the engine's errors into the protocol's: a program sees one line, never a traceback of the engine."""

    @functools.wraps(method)
    async def guarded(self: Monitor, request: Any, context: Any) -> Any:
        try:
            return await method(self, request, context)
        except EngineError as error:
            if not isinstance(error, Aborted):
                self.refuse(error)
            # The SDK takes it as the end of the run, which the engine has told: nothing is left for it to say.
            await context.abort(grpc.StatusCode.UNAVAILABLE, SHUT_DOWN)

    return guarded  # type: ignore[return-value]  # the wrapper has the method's own shape


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Serves one program."""

    def __init__(
        self,
        *,
        run: Run,
        program: Program,
        names: Names,
        registrar: Registrar,
        work: Work,
        defaults: DefaultProviders,
        callbacks: Callbacks,
    ) -> None:
        self._run = run
        self._program = program
        self._names = names
        self._registrar = registrar
        self._work = work
        self._defaults = defaults
        self._callbacks = callbacks
        self.address = ""
        self._directory = program.directory.resolve()
        self._lineage = Lineage(program.stack, program.project)
        self._invoke_transforms: list[callback_pb2.Callback] = []
        self._packages: dict[str, tuple[str, str]] = {}
        self.stack_outputs: Properties | None = None
        self.finished = asyncio.Event()
        """The program has registered everything."""
        self.released = asyncio.Event()
        """The program may end."""

    def refuse(self, error: EngineError) -> None:
        """What the program asked for cannot be: say so, once, and stop."""
        if not self._run.aborted.is_set():
            self._run.say("error", str(error))
            self._run.abort()

    # --- what the engine can do

    async def GetDeploymentInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Who runs what, and with which features."""
        identity = self._identity()
        del identity["monitorEndpoint"]
        return resource_pb2.DeploymentInfo(**identity, supportedFeatures=list(FEATURES.values()))

    async def SupportsFeature(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """The same, one by one, for older SDKs."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in FEATURES)

    # --- resources

    @_refusing
    async def RegisterResource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Register a resource, or have a remote component constructed."""
        self._run.check_alive()
        refuse_unsupported(request)
        self._lineage.inherit(request)
        properties = with_hashes(codec.decode(request.object, keep_outputs=True), self._directory)
        dependencies, by_property = dependencies_of(request, properties)
        options = options_of(request, self._lineage.provider_of(request))
        transforms = self._lineage.transforms_of(request)
        if transforms:
            properties = {key: as_outputs(value) for key, value in properties.items()}
        if request.transforms:
            properties = with_dependencies(properties, by_property)
        for transform in transforms:
            properties, options = await self._callbacks.transform(transform, request, properties, options)
        if request.transforms:
            # A resource's own transforms say anew what it depends on; those of the stack only add to it.
            dependencies, by_property = dict.fromkeys(options.depends_on), {}
        for key, value in properties.items():
            found = output_dependencies(value)
            by_property.setdefault(key, {}).update(found)
            if request.transforms:
                dependencies.update(found)
        properties = with_hashes(properties, self._directory)
        self._lineage.inherit_providers(request, options)
        provider = await self._provider(request, options)
        goal = goal_of(
            request,
            options,
            properties=properties,
            dependencies=list(dependencies),
            by_property=by_property,
            provider=provider,
            source_position=position_of(request, self._directory),
        )
        if request.remote:
            return await self._construct(request, options, goal, properties)
        goal.properties = codec.lower_outputs(properties)
        registered = await self._registrar.register(goal)
        state = registered.state
        providers = None if request.custom else options.providers
        self._lineage.remember(state.urn, request.parent, goal=goal, providers=providers)
        return self._answer(request, state, unknown=registered.unknown)

    def _answer(self, request: Any, state: State, *, unknown: bool) -> Any:
        # A local component's outputs may name resources that are not registered yet: it gets none.
        outputs = state.outputs if request.custom else {}
        if not request.supportsPartialValues:
            outputs = {key: value for key, value in outputs.items() if not codec.contains_unknown(value)}
        return resource_pb2.RegisterResourceResponse(
            urn=state.urn,
            id="" if unknown else state.id,
            object=codec.encode(
                outputs, keep_secrets=request.acceptSecrets, keep_outputs=False, keep_resources=request.acceptResources
            ),
            result=resource_pb2.Result.SUCCESS,
            unknown=unknown,
        )

    async def _provider(self, request: Any, options: Any) -> str:
        """The reference of the provider that serves the resource; empty for a local component or a provider."""
        if not (request.custom or request.remote) or urns.is_provider(request.type):
            return ""
        package, version = self._package(request, urns.package_of(request.type), options.version)
        if options.provider:
            return str(options.provider)
        return await self._defaults.reference(package, version, f"{request.type} '{request.name}'")

    def _package(self, request: Any, package: str, version: str) -> tuple[str, str]:
        if request.packageRef:
            if request.packageRef not in self._packages:
                raise EngineError(f"unknown provider package {request.packageRef!r}")
            return self._packages[request.packageRef]
        return package, version

    # --- remote components

    async def _construct(self, request: Any, options: Any, goal: Goal, properties: Properties) -> Any:
        provider = self._run.registry.find(goal.provider)
        if provider is None:
            raise EngineError(f"{request.type} '{request.name}' uses an unknown provider {goal.provider!r}")
        if not provider.configured:
            # Nothing can be said of it yet but its name: register it in its provider's place.
            own = Goal(type=request.type, name=request.name, custom=False, properties={}, parent=request.parent)
            registered = await self._registrar.register(own)
            self._lineage.remember(registered.state.urn, request.parent, goal=own, providers=options.providers)
            return resource_pb2.RegisterResourceResponse(urn=registered.state.urn)
        message = construct_request(self._identity(), goal, options)
        answer = await provider.construct(message, {key: as_outputs(value) for key, value in properties.items()})
        self._lineage.remember(answer.urn, request.parent, providers=options.providers)
        return construct_response(answer, keep_secrets=request.acceptSecrets)

    def _identity(self) -> dict[str, Any]:
        """Who runs what, as the requests to remote components say it."""
        program = self._program
        return {
            "project": program.project,
            "stack": program.stack,
            "organization": program.organization,
            "config": dict(program.config),
            "configSecretKeys": sorted(program.secret_keys),
            "dryRun": self._run.preview,
            "parallel": self._run.parallel,
            "monitorEndpoint": self.address,
        }

    @_refusing
    async def RegisterResourceOutputs(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Set a component's outputs; the stack's own count when the run is over."""
        outputs = with_hashes(codec.decode(request.outputs), self._directory)
        if urns.is_valid(request.urn) and urns.type_of(request.urn) == urns.STACK_TYPE:
            self.stack_outputs = outputs
            return empty_pb2.Empty()
        state = self._run.news.get(request.urn)
        if state is None:
            if request.urn in self._run.ledger.skipped:
                return empty_pb2.Empty()
            raise EngineError(f"outputs for {request.urn}, which is not registered")
        state.outputs = outputs
        self._run.snapshot.changed(state)
        return empty_pb2.Empty()

    @_refusing
    async def ReadResource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Read an object that the program names by its id."""
        run = self._run
        run.check_alive()
        what = f"{request.type} '{request.name}'"
        provider = request.provider
        if not provider:
            package, version = self._package(request, urns.package_of(request.type), request.version)
            provider = await self._defaults.reference(package, version, what)
        instance = await self._instance(provider, what)
        urn = self._names.claim(request.parent, request.type, request.name)
        if not request.id:
            raise EngineError(f"{what} is read without an id")
        state = State(
            urn=urn,
            type=request.type,
            custom=True,
            id=request.id,
            inputs=with_hashes(codec.decode(request.properties), self._directory),
            parent=request.parent,
            external=True,
            dependencies=list(request.dependencies),
            provider=provider,
            additional_secret_outputs=list(request.additionalSecretOutputs),
            source_position=position_of(request, self._directory),
        )
        read = await self._work.read(state, run.olds.get(urn), instance)
        self._lineage.remember(urn, request.parent)
        return resource_pb2.ReadResourceResponse(
            urn=urn,
            properties=codec.encode(
                read.outputs,
                keep_secrets=request.acceptSecrets,
                keep_outputs=False,
                keep_resources=request.acceptResources,
            ),
        )

    async def _instance(self, reference: str, what: str) -> Provider:
        found = self._run.registry.find(reference)
        if found is None and reference in self._run.old_providers:
            found = await self._run.registry.ensure(reference, self._run.old_providers)
        if found is None:
            raise EngineError(f"{what} uses an unknown provider {reference!r}")
        return found

    # --- functions

    @_refusing
    async def Invoke(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Call a provider's function."""
        args = with_hashes(codec.decode(request.args), self._directory)
        package = urns.package_of(request.tok)
        options = resource_pb2.TransformInvokeOptions(
            provider=self._lineage.resolve(request.provider, {}, request.parent, package), version=request.version
        )
        for transform in self._invoke_transforms:
            args, options = await self._callbacks.transform_invoke(transform, request.tok, args, options)
        reference = options.provider
        if not reference:
            name, version = self._package(request, package, options.version)
            reference = await self._defaults.reference(name, version, f"the function {request.tok}")
        provider = await self._instance(reference, f"the function {request.tok}")
        for urn in request.dependsOn:
            state = self._run.news.get(urn)
            if state is not None and state.custom and state.id in ("", UNKNOWN_STRING):
                return resource_pb2.ResourceInvokeResponse(unknown=True)
        try:
            result, failures = await provider.invoke(request.tok, args, preview=self._run.preview)
        except EngineError as error:
            raise EngineError(f"the function {request.tok} failed: {error}") from error
        keep = request.acceptResources or request.tok == "pulumi:pulumi:getResource"
        answer = resource_pb2.ResourceInvokeResponse(
            failures=[provider_pb2.CheckFailure(property=one.property, reason=one.reason) for one in failures]
        )
        getattr(answer, "return").CopyFrom(codec.encode(result, keep_outputs=False, keep_resources=keep))
        return answer

    @_refusing
    async def Call(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Call a component's method."""
        args = codec.decode(request.args, keep_outputs=True)
        reference = request.provider
        package = urns.package_of(request.tok)
        own = args.get("__self__")
        if not reference and isinstance(own, codec.ResourceRef):
            reference = self._lineage.resolve("", {}, own.urn, package)
        if not reference:
            name, version = self._package(request, package, request.version)
            reference = await self._defaults.reference(name, version, f"the method {request.tok}")
        provider = await self._instance(reference, f"the method {request.tok}")
        if not provider.configured:
            return provider_pb2.CallResponse()
        message = call_request(self._identity(), request, args)
        return call_response(await provider.call(message, args))

    # --- the rest

    async def RegisterStackTransform(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """A transform for every resource."""
        self._lineage.stack_transforms.append(request)
        return empty_pb2.Empty()

    async def RegisterStackInvokeTransform(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """A transform for every invoke."""
        self._invoke_transforms.append(request)
        return empty_pb2.Empty()

    @_refusing
    async def RegisterResourceHook(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Refused by name."""
        raise Unsupported(f"the resource hook {request.name!r}", "run this program under the Pulumi CLI")

    @_refusing
    async def RegisterErrorHook(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Refused by name."""
        raise Unsupported(f"the error hook {request.name!r}", "run this program under the Pulumi CLI")

    @_refusing
    async def RegisterPackage(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Give a package a reference; one with parameters is refused."""
        if request.HasField("parameterization") or request.HasField("extension"):
            raise Unsupported(f"the parameterized package {request.name!r}", "use a package that has an SDK of its own")
        reference = f"{request.name}@{request.version}"
        self._packages[reference] = (request.name, request.version)
        return resource_pb2.RegisterPackageResponse(ref=reference)

    async def SignalAndWaitForShutdown(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """The program has registered everything; it waits here while deletions run."""
        self.finished.set()
        await self.released.wait()
        return empty_pb2.Empty()
