"""What a registration says, read from the protocol's messages (engine 3.260, source_eval.go)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from pulumi.runtime.proto import alias_pb2, resource_pb2

from sandbox import codec
from sandbox.codec import UNKNOWN, Output, Secret, Unknown
from sandbox.engine import urns
from sandbox.engine.errors import Unsupported
from sandbox.engine.resource import Alias, Goal, Properties, Timeouts
from sandbox.engine.timeouts import seconds

Urns: TypeAlias = dict[str, None]
"""A set of URNs that keeps its order."""


def refuse_unsupported(request: Any) -> None:
    """Raise `Unsupported`, naming it, if a registration asks for what this engine does not do."""
    what = f"{request.type} '{request.name}'"
    if request.HasField("hooks") and any(_hooks(request.hooks)):
        raise Unsupported(f"a resource hook ({what})", "run this program under the Pulumi CLI")
    for field, name in (("state_migrations", "a state migration"), ("envVarMappings", "envVarMappings")):
        if len(getattr(request, field, ())):
            raise Unsupported(f"{name} ({what})", "run this program under the Pulumi CLI")


def options_of(request: Any, provider: str) -> Any:
    """The options of a registration as a transform sees them; `provider` is the reference that serves it."""
    aliases = [alias_pb2.Alias(urn=urn) for urn in request.aliasURNs]
    options = resource_pb2.TransformResourceOptions(
        depends_on=request.dependencies,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=[*aliases, *request.aliases],
        provider=provider,
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


def goal_of(
    request: Any,
    options: Any,
    *,
    properties: Properties,
    dependencies: list[str],
    by_property: Mapping[str, Urns],
    provider: str,
    source_position: str,
) -> Goal:
    """What a registration wants, after its transforms. A provider's inputs get its version and the engine's own key."""
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
        delete_before_replace=(options.delete_before_replace if options.HasField("delete_before_replace") else None),
        ignore_changes=list(options.ignore_changes),
        additional_secret_outputs=list(options.additional_secret_outputs),
        aliases=[alias_of(alias) for alias in options.aliases],
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
        source_position=source_position,
    )


def position_of(request: Any, directory: Path) -> str:
    """Where in the program it stands, as `project:///<path>#<line>`; empty outside of the program's folder."""
    if not request.HasField("sourcePosition"):
        return ""
    path = Path(unquote(urlsplit(request.sourcePosition.uri).path))
    if not path.is_relative_to(directory):
        return ""
    return f"project:///{path.relative_to(directory).as_posix()}#{request.sourcePosition.line}"


def dependencies_of(request: Any, properties: Properties) -> tuple[Urns, dict[str, Urns]]:
    """What a registration depends on, as a whole and by property; without the latter each property depends on all."""
    dependencies = dict.fromkeys(request.dependencies)
    if not request.propertyDependencies and not request.remote:
        return dependencies, {key: dict(dependencies) for key in properties}
    return dependencies, {key: dict.fromkeys(one.urns) for key, one in request.propertyDependencies.items()}


def as_outputs(value: Any) -> Any:
    """Secrets and unknowns as output values: a transform gets them as `Output`s, not as marks of the protocol."""
    if isinstance(value, Secret):
        return Output(as_outputs(value.value), secret=True)
    if isinstance(value, Unknown):
        return Output(UNKNOWN, known=False)
    if isinstance(value, dict):
        return {key: as_outputs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_outputs(item) for item in value]
    return value


def with_dependencies(properties: Properties, by_property: Mapping[str, Urns]) -> Properties:
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


def output_dependencies(value: Any) -> Urns:
    """The URNs that the output values inside a value came from."""
    found: Urns = {}
    if isinstance(value, Output):
        found.update(dict.fromkeys(value.dependencies))
    for item in codec.children(value):
        found.update(output_dependencies(item))
    return found


def alias_of(alias: Any) -> Alias:
    """An alias of the protocol, a URN or what differs."""
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
