"""What all of API Gateway's version 1 shares: patch operations, by which it changes what exists, ARNs and tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws.api import own_tags
from sandbox.provider.aws.crud import After
from sandbox.provider.context import Context
from sandbox.provider.resource import Properties

Patch = dict[str, str]
Key = Callable[[str, Properties], Mapping[str, Any]]


def arn_of(context: Context, path: str) -> str:
    """The ARN of what has that path in API Gateway."""
    return f"arn:{context.partition}:apigateway:{context.region}::/{path}"


def tags_of(context: Context, arn: str) -> Properties:
    """The tags that something has, as a resource's properties."""
    tags = context.client("apigateway").get_tags(resourceArn=arn)["tags"]
    return {"tags": own_tags(context, tags), "tagsAll": tags}


def replace(path: str, value: Value) -> Patch:
    """A patch that sets a value; nothing given is an empty text."""
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return {"op": "replace", "path": path, "value": text}


def replaced(old: Properties, new: Properties, paths: Mapping[str, str]) -> Iterator[Patch]:
    """Patches for the properties that differ, by their paths."""
    for name, path in paths.items():
        if old.get(name) != new.get(name):
            yield replace(path, new.get(name))


def patched(update: str, key: Key, paths: Mapping[str, str]) -> After:
    """Bring what exists to its properties by patches at their paths."""

    def after(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
        patches = list(replaced(old, new, paths)) if old else []
        if patches:
            getattr(context.client("apigateway"), update)(**key(physical_id, old), patchOperations=patches)

    return after
