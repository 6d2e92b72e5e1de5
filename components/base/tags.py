"""Tags from one place: a transform adds the stack's tags to every resource whose type has tags."""

from __future__ import annotations

import importlib
import inspect
import keyword
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from collections.abc import Callable

    from settings.recovery import ObjectiveSettings

_TOKEN = re.compile(r"aws:(?P<module>[A-Za-z0-9]+)/[A-Za-z0-9]+:(?P<name>[A-Za-z0-9]+)")


def register(tags: Mapping[str, str]) -> None:
    """Add these tags to everything that is registered from now on; what a resource says itself wins."""
    pulumi.runtime.register_resource_transform(adding(tags))


def adding(tags: Mapping[str, str]) -> Callable[[pulumi.ResourceTransformArgs], pulumi.ResourceTransformResult | None]:
    """The transform, apart from its registration."""

    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if not has_tags(args.type_):
            return None
        own = args.props.get("tags")
        props = {**args.props, "tags": merged(tags, own)}
        return pulumi.ResourceTransformResult(props, args.opts)

    return transform


def objective_tags(objectives: ObjectiveSettings) -> dict[str, str]:
    """What a regional entry promises, for whoever looks at it in an account."""
    return {"RtoSeconds": str(objectives.rto_seconds), "RpoSeconds": str(objectives.rpo_seconds)}


def merged(tags: Mapping[str, str], own: Any) -> Any:
    """The stack's tags and a resource's own, which may only be known later."""
    if isinstance(own, pulumi.Output):
        return own.apply(lambda known: {**tags, **(known or {})})
    return {**tags, **(own or {})}


@cache
def has_tags(token: str) -> bool:
    """Whether a resource type has an argument `tags` that maps names to values."""
    kind = resource_class(token)
    if kind is None:
        return False
    parameter = inspect.signature(kind._internal_init).parameters.get("tags")  # noqa: SLF001 - the typed signature of a generated resource
    return parameter is not None and "Mapping[" in str(parameter.annotation)


def resource_class(token: str) -> Any | None:
    """The SDK's class of a resource type of AWS; None for another type, or one that the SDK does not know."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    # A module that would be a word of the language carries an underscore: `aws:lambda/…` is `pulumi_aws.lambda_`.
    module = f"{match['module']}_" if keyword.iskeyword(match["module"]) else match["module"]
    try:
        return getattr(importlib.import_module(f"pulumi_aws.{module}"), match["name"])
    except (ImportError, AttributeError):
        return None
