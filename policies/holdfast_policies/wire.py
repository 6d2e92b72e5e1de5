"""From the requests of the Analyzer protocol to what rules look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast_policies.decode import Decoder
from holdfast_policies.resource import Options, Provider, Resource, Stack

if TYPE_CHECKING:
    from pulumi.runtime.proto import analyzer_pb2 as wire


def resource_of(request: wire.AnalyzeRequest) -> Resource:
    """The resource of one request, decoded once."""
    decoder = Decoder()
    properties = decoder.struct(request.properties)
    return Resource(
        type=request.type,
        name=request.name or request.urn.rpartition("::")[2],
        urn=request.urn,
        properties=properties,
        options=_options(request.options),
        provider=_provider(request.provider) if request.HasField("provider") else None,
        secrets=decoder.secrets,
    )


def stack_of(request: wire.AnalyzeStackRequest) -> Stack:
    """All resources of a stack with their graph."""
    resources = []
    for item in request.resources:
        decoder = Decoder()
        properties = decoder.struct(item.properties)
        resources.append(
            Resource(
                type=item.type,
                name=item.name or item.urn.rpartition("::")[2],
                urn=item.urn,
                properties=properties,
                options=_options(item.options, item.parent),
                provider=_provider(item.provider) if item.HasField("provider") else None,
                dependencies=item.dependencies,
                property_dependencies={key: value.urns for key, value in item.propertyDependencies.items()},
                secrets=decoder.secrets,
            )
        )
    return Stack(resources)


def _options(options: wire.AnalyzerResourceOptions, parent: str = "") -> Options:
    return Options(
        protect=options.protect,
        ignore_changes=tuple(options.ignoreChanges),
        delete_before_replace=options.deleteBeforeReplace if options.deleteBeforeReplaceDefined else None,
        parent=parent or options.parent,
    )


def _provider(provider: wire.AnalyzerProviderResource) -> Provider:
    properties = Decoder().struct(provider.properties)
    return Provider(urn=provider.urn, type=provider.type, name=provider.name, properties=properties)
