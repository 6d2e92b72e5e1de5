"""Messages to and from remote components: how they are constructed, and how their methods are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2, resource_pb2

from sandbox import codec
from sandbox.engine.requests import output_dependencies
from sandbox.engine.resource import Goal, Properties


def construct_request(identity: Mapping[str, Any], goal: Goal, options: Any) -> Any:
    """The request for a component, complete but for its inputs."""
    message = provider_pb2.ConstructRequest(
        **identity,
        type=goal.type,
        name=goal.name,
        parent=goal.parent,
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
    for name, value in (
        ("protect", goal.protect),
        ("retainOnDelete", goal.retain_on_delete),
        ("deleteBeforeReplace", goal.delete_before_replace),
    ):
        if value is not None:
            setattr(message, name, value)
    for key, found in goal.property_dependencies.items():
        message.inputDependencies[key].urns.extend(found)
    return message


def construct_response(answer: Any, *, keep_secrets: bool) -> Any:
    """What the program gets of a constructed component."""
    outputs = codec.decode(answer.state, keep_outputs=True)
    response = resource_pb2.RegisterResourceResponse(
        urn=answer.urn, object=codec.encode(outputs, keep_secrets=keep_secrets, keep_outputs=False)
    )
    for key, value in outputs.items():
        response.propertyDependencies[key].urns.extend(_known(answer.stateDependencies, key, value))
    return response


def call_request(identity: Mapping[str, Any], request: Any, args: Properties) -> Any:
    """The request for a method, complete but for its arguments."""
    message = provider_pb2.CallRequest(**identity, tok=request.tok, accepts_output_values=True)
    for key, value in args.items():
        message.argDependencies[key].urns.extend(_known(request.argDependencies, key, value))
    return message


def call_response(answer: Any) -> Any:
    """What the program gets of a method."""
    result = codec.decode(getattr(answer, "return"), keep_outputs=True)
    response = provider_pb2.CallResponse(failures=answer.failures)
    getattr(response, "return").CopyFrom(codec.encode(result, keep_outputs=False))
    for key, value in result.items():
        response.returnDependencies[key].urns.extend(_known(answer.returnDependencies, key, value))
    return response


def _known(said: Any, key: str, value: Any) -> Iterable[str]:
    """The dependencies that a message names for a property, and those that its value carries."""
    named = said[key].urns if key in said else ()
    return dict.fromkeys([*named, *output_dependencies(value)])
