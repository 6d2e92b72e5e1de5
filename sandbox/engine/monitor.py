"""The resource monitor: what the program's SDK, and remote components, talk to (engine 3.260, source_eval.go)."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import alias_pb2, callback_pb2, provider_pb2, resource_pb2, resource_pb2_grpc

from sandbox import codec
from sandbox.codec import UNKNOWN, UNKNOWN_STRING, Output, Secret, Unknown
from sandbox.engine import urns
from sandbox.engine.assets import with_hashes
from sandbox.engine.callbacks import Callbacks
from sandbox.engine.defaults import DefaultProviders
from sandbox.engine.errors import EngineError, Unsupported
from sandbox.engine.model import Program
from sandbox.engine.registrar import Registrar
from sandbox.engine.resource import Alias, Goal, Properties, State, Timeouts
from sandbox.engine.run import Aborted, Run
from sandbox.engine.timeouts import seconds
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
_Method = TypeVar("_Method", bound=Callable[..., Awaitable[Any]])


def _refusing(method: _Method) -> _Method:
    """Turn the engine's errors into the protocol's: a program sees one line, never a traceback of the engine."""

    @functools.wraps(method)
    async def guarded(self: Monitor, request: Any, context: Any) -> Any:
        try:
            return await method(self, request, context)
        except Aborted:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "resource monitor shut down")
        except EngineError as error:
            self.refuse(error)
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return guarded  # type: ignore[return-value]  # the wrapper has the method's own shape


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Serves one program."""

    def __init__(
        self,
        *,
        run: Run,
        program: Program,
        registrar: Registrar,
        work: Work,
        defaults: DefaultProviders,
        callbacks: Callbacks,
    ) -> None:
        self._run = run
        self._program = program
        self._registrar = registrar
        self._work = work
        self._defaults = defaults
        self._callbacks = callbacks
        self.address = ""
        self._directory = program.directory.resolve()
        self._goals: dict[str, Goal] = {}
        self._parents: dict[str, str] = {}
        self._providers: dict[str, dict[str, str]] = {}
        self._stack_transforms: list[callback_pb2.Callback] = []
        self._invoke_transforms: list[callback_pb2.Callback] = []
        self._transforms: dict[str, list[callback_pb2.Callback]] = {}
        self._pending_transforms: dict[str, list[callback_pb2.Callback]] = {}
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
        program = self._program
        return resource_pb2.DeploymentInfo(
            project=program.project,
            stack=program.stack,
            organization=program.organization,
            config=dict(program.config),
            configSecretKeys=sorted(program.secret_keys),
            dryRun=self._run.preview,
            parallel=self._run.parallel,
            supportedFeatures=list(FEATURES.values()),
        )

    async def SupportsFeature(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """The same, one by one, for older SDKs."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in FEATURES)

    # --- resources

    @_refusing
    async def RegisterResource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Register a resource, or have a remote component constructed."""
        self._run.check_alive()
        self._refuse_unsupported(request)
        self._inherit(request)
        properties = with_hashes(codec.decode(request.object, keep_outputs=True), self._directory)
        dependencies, by_property = _dependencies(request, properties)
        options = self._options(request)
        transforms = self._collect_transforms(request)
        if transforms:
            properties = {key: _as_outputs(value) for key, value in properties.items()}
        if request.transforms:
            properties = _with_dependencies(properties, by_property)
        for transform in transforms:
            properties, options = await self._callbacks.transform(transform, request, properties, options)
        if request.transforms:
            # A resource's own transforms say anew what it depends on; those of the stack only add to it.
            dependencies, by_property = dict.fromkeys(options.depends_on), {}
        for key, value in properties.items():
            found = _output_dependencies(value)
            by_property.setdefault(key, {}).update(found)
            if request.transforms:
                dependencies.update(found)
        properties = with_hashes(properties, self._directory)
        self._inherit_providers(request, options)
        provider = await self._provider(request, options)
        goal = self._goal(
            request,
            options,
            properties=properties,
            dependencies=list(dependencies),
            by_property=by_property,
            provider=provider,
        )
        if request.remote:
            return await self._construct(request, options, goal, properties, transforms)
        goal.properties = codec.lower_outputs(properties)
        registered = await self._registrar.register(goal)
        state = registered.state
        self._remember(state.urn, request, options, goal)
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

    def _remember(self, urn: str, request: Any, options: Any, goal: Goal) -> None:
        self._goals[urn] = goal
        self._parents[urn] = request.parent
        if not request.custom:
            self._providers[urn] = dict(options.providers)

    def _refuse_unsupported(self, request: Any) -> None:
        what = f"{request.type} '{request.name}'"
        if request.HasField("hooks") and any(_hooks(request.hooks)):
            raise Unsupported(f"a resource hook ({what})", "run this program under the Pulumi CLI")
        for field, name in (("state_migrations", "a state migration"), ("envVarMappings", "envVarMappings")):
            if len(getattr(request, field, ())):
                raise Unsupported(f"{name} ({what})", "run this program under the Pulumi CLI")

    def _inherit(self, request: Any) -> None:
        """What a child takes from its parent where it says nothing itself."""
        parent = self._goals.get(request.parent)
        if parent is None:
            return
        if not request.deletedWith:
            request.deletedWith = parent.deleted_with
        if not request.HasField("protect") and parent.protect is not None:
            request.protect = parent.protect
        if not request.HasField("retainOnDelete") and parent.retain_on_delete is not None:
            request.retainOnDelete = parent.retain_on_delete
        if not request.provider and parent.provider:
            own = urns.provider_package(urns.type_of(urns.reference_urn(parent.provider)))
            if (not request.remote and not request.custom) or own == urns.package_of(request.type):
                request.provider = parent.provider

    def _options(self, request: Any) -> Any:
        aliases = [alias_pb2.Alias(urn=urn) for urn in request.aliasURNs]
        options = resource_pb2.TransformResourceOptions(
            depends_on=request.dependencies,
            ignore_changes=request.ignoreChanges,
            replace_on_changes=request.replaceOnChanges,
            version=request.version,
            aliases=[*aliases, *request.aliases],
            provider=self._own_provider(request),
            providers=request.providers,
            plugin_download_url=request.pluginDownloadURL,
            deleted_with=request.deletedWith,
            replace_with=request.replace_with,
            additional_secret_outputs=request.additionalSecretOutputs,
            hide_diff=request.hideDiffs,
        )
        setattr(options, "import", request.importId)
        for mine, theirs in (("protect", "protect"), ("retain_on_delete", "retainOnDelete")):
            if request.HasField(theirs):
                setattr(options, mine, getattr(request, theirs))
        if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
            options.delete_before_replace = request.deleteBeforeReplace
        if request.HasField("customTimeouts"):
            options.custom_timeouts.CopyFrom(request.customTimeouts)
        if request.HasField("replacement_trigger"):
            options.replacement_trigger.CopyFrom(request.replacement_trigger)
        return options

    def _own_provider(self, request: Any) -> str:
        if not (request.custom or request.remote):
            return str(request.provider)
        return self._resolve(request.provider, request.providers, request.parent, urns.package_of(request.type))

    def _resolve(self, provider: str, providers: Mapping[str, str], parent: str, package: str) -> str:
        return provider or providers.get(package) or self._providers.get(parent, {}).get(package, "")

    def _inherit_providers(self, request: Any, options: Any) -> None:
        if request.custom:
            return
        for package, reference in self._providers.get(request.parent, {}).items():
            if package not in options.providers:
                options.providers[package] = reference

    def _collect_transforms(self, request: Any) -> list[callback_pb2.Callback]:
        """The resource's own, then its parents', then the stack's."""
        key = f"{request.parent}::{request.type}::{request.name}"
        own = self._pending_transforms.pop(key, None)
        if own is None:
            own = list(request.transforms)
            if request.remote and own:
                # The component registers itself, from its provider, in a moment.
                self._pending_transforms[key] = own
        urn = urns.make(self._program.stack, self._program.project, request.parent, request.type, request.name)
        self._transforms[urn] = own
        found = list(own)
        above = request.parent
        while above:
            found += self._transforms.get(above, [])
            above = self._parents.get(above, "")
        return [*found, *self._stack_transforms] if request.type != urns.STACK_TYPE else found

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

    def _goal(
        self,
        request: Any,
        options: Any,
        *,
        properties: Properties,
        dependencies: list[str],
        by_property: Mapping[str, Mapping[str, None]],
        provider: str,
    ) -> Goal:
        if urns.is_provider(request.type) and options.version:
            properties.setdefault("version", options.version)
        if urns.is_provider(request.type):
            properties.setdefault("__internal", {})
        given = options.custom_timeouts
        trigger = None
        if options.HasField("replacement_trigger"):
            trigger = codec.decode_value(options.replacement_trigger)
        return Goal(
            type=request.type,
            name=request.name,
            custom=request.custom,
            properties=properties,
            parent=request.parent,
            protect=options.protect if options.HasField("protect") else None,
            dependencies=dependencies,
            provider=provider,
            property_dependencies={key: list(found) for key, found in by_property.items()},
            delete_before_replace=(
                options.delete_before_replace if options.HasField("delete_before_replace") else None
            ),
            ignore_changes=list(options.ignore_changes),
            additional_secret_outputs=list(options.additional_secret_outputs),
            aliases=[_alias(alias) for alias in options.aliases],
            id=getattr(options, "import"),
            timeouts=Timeouts(
                create=seconds(given.create),
                update=seconds(given.update),
                delete=seconds(given.delete),
                read=seconds(given.read),
            ),
            replace_on_changes=list(options.replace_on_changes),
            replacement_trigger=trigger,
            retain_on_delete=options.retain_on_delete if options.HasField("retain_on_delete") else None,
            deleted_with=options.deleted_with,
            replace_with=list(options.replace_with),
            source_position=self._position(request),
        )

    def _position(self, request: Any) -> str:
        """Where in the program it stands, as `project:///<path>#<line>`; empty outside of the program's folder."""
        if not request.HasField("sourcePosition"):
            return ""
        path = Path(unquote(urlsplit(request.sourcePosition.uri).path))
        if not path.is_relative_to(self._directory):
            return ""
        return f"project:///{path.relative_to(self._directory).as_posix()}#{request.sourcePosition.line}"

    # --- remote components

    async def _construct(
        self, request: Any, options: Any, goal: Goal, properties: Properties, transforms: list[Any]
    ) -> Any:
        provider = self._run.registry.find(goal.provider)
        if provider is None:
            raise EngineError(f"{request.type} '{request.name}' uses an unknown provider {goal.provider!r}")
        if not provider.configured:
            # Nothing can be said of it yet but its name: register it in its provider's place.
            bare = resource_pb2.RegisterResourceRequest(type=request.type, name=request.name, parent=request.parent)
            own = Goal(type=request.type, name=request.name, custom=False, properties={}, parent=request.parent)
            registered = await self._registrar.register(own)
            self._remember(registered.state.urn, bare, options, own)
            return resource_pb2.RegisterResourceResponse(urn=registered.state.urn)
        del transforms  # applied already, here and when the component registers itself
        message = provider_pb2.ConstructRequest(
            project=self._program.project,
            stack=self._program.stack,
            organization=self._program.organization,
            config=dict(self._program.config),
            configSecretKeys=sorted(self._program.secret_keys),
            dryRun=self._run.preview,
            parallel=self._run.parallel,
            monitorEndpoint=self.address,
            type=request.type,
            name=request.name,
            parent=request.parent,
            providers=dict(options.providers),
            aliases=list(options.aliases),
            dependencies=goal.dependencies,
            additionalSecretOutputs=goal.additional_secret_outputs,
            deletedWith=goal.deleted_with,
            replace_with=goal.replace_with,
            ignoreChanges=goal.ignore_changes,
            replaceOnChanges=goal.replace_on_changes,
            accepts_output_values=True,
        )
        for mine, theirs in (
            ("protect", goal.protect),
            ("retainOnDelete", goal.retain_on_delete),
            ("deleteBeforeReplace", goal.delete_before_replace),
        ):
            if theirs is not None:
                setattr(message, mine, theirs)
        for key, found in goal.property_dependencies.items():
            message.inputDependencies[key].urns.extend(found)
        answer = await provider.construct(message, {key: _as_outputs(value) for key, value in properties.items()})
        outputs = codec.decode(answer.state, keep_outputs=True)
        response = resource_pb2.RegisterResourceResponse(
            urn=answer.urn,
            object=codec.encode(outputs, keep_secrets=request.acceptSecrets, keep_outputs=False),
        )
        for key, value in outputs.items():
            known = answer.stateDependencies[key].urns if key in answer.stateDependencies else ()
            response.propertyDependencies[key].urns.extend(dict.fromkeys([*known, *_output_dependencies(value)]))
        self._parents[answer.urn] = request.parent
        self._providers[answer.urn] = dict(options.providers)
        return response

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
        urn = self._registrar.claim(request.parent, request.type, request.name)
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
            source_position=self._position(request),
        )
        read = await self._work.read(state, run.olds.get(urn), instance)
        self._parents[urn] = request.parent
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
            provider=self._resolve(request.provider, {}, request.parent, package), version=request.version
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
            reference = self._resolve("", {}, own.urn, package)
        if not reference:
            name, version = self._package(request, package, request.version)
            reference = await self._defaults.reference(name, version, f"the method {request.tok}")
        provider = await self._instance(reference, f"the method {request.tok}")
        if not provider.configured:
            return provider_pb2.CallResponse()
        message = provider_pb2.CallRequest(
            tok=request.tok,
            project=self._program.project,
            stack=self._program.stack,
            organization=self._program.organization,
            config=dict(self._program.config),
            configSecretKeys=sorted(self._program.secret_keys),
            dryRun=self._run.preview,
            parallel=self._run.parallel,
            monitorEndpoint=self.address,
            accepts_output_values=True,
        )
        for key, value in args.items():
            known = request.argDependencies[key].urns if key in request.argDependencies else ()
            message.argDependencies[key].urns.extend(dict.fromkeys([*known, *_output_dependencies(value)]))
        answer = await provider.call(message, args)
        result = codec.decode(getattr(answer, "return"), keep_outputs=True)
        response = provider_pb2.CallResponse(failures=answer.failures)
        getattr(response, "return").CopyFrom(codec.encode(result, keep_outputs=False))
        for key, value in result.items():
            known = answer.returnDependencies[key].urns if key in answer.returnDependencies else ()
            response.returnDependencies[key].urns.extend(dict.fromkeys([*known, *_output_dependencies(value)]))
        return response

    # --- the rest

    async def RegisterStackTransform(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """A transform for every resource."""
        self._stack_transforms.append(request)
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


def _dependencies(request: Any, properties: Properties) -> tuple[dict[str, None], dict[str, dict[str, None]]]:
    dependencies = dict.fromkeys(request.dependencies)
    if not request.propertyDependencies and not request.remote:
        return dependencies, {key: dict(dependencies) for key in properties}
    return dependencies, {key: dict.fromkeys(one.urns) for key, one in request.propertyDependencies.items()}


def _as_outputs(value: Any) -> Any:
    """Secrets and unknowns as output values: a transform gets them as `Output`s, not as marks of the protocol."""
    if isinstance(value, Secret):
        return Output(_as_outputs(value.value), secret=True)
    if isinstance(value, Unknown):
        return Output(UNKNOWN, known=False)
    if isinstance(value, dict):
        return {key: _as_outputs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_outputs(item) for item in value]
    return value


def _with_dependencies(properties: Properties, by_property: Mapping[str, Mapping[str, None]]) -> Properties:
    """Properties as output values that carry what they depend on, for a transform to keep."""
    upgraded = {}
    for key, value in properties.items():
        found = tuple(by_property.get(key, ()))
        if isinstance(value, Output):
            upgraded[key] = Output(
                value.value, value.known, value.secret, tuple(dict.fromkeys((*value.dependencies, *found)))
            )
        elif found:
            upgraded[key] = Output(value, dependencies=found)
        else:
            upgraded[key] = value
    return upgraded


def _output_dependencies(value: Any) -> dict[str, None]:
    found: dict[str, None] = {}
    if isinstance(value, Output):
        found.update(dict.fromkeys(value.dependencies))
    for item in codec.children(value):
        found.update(_output_dependencies(item))
    return found


def _alias(alias: Any) -> Alias:
    if alias.WhichOneof("alias") != "spec":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )


def _hooks(binding: Any) -> list[Any]:
    return [value for _, value in binding.ListFields()]
