"""Tags of EC2's objects; one of them marks the object with its URN from the moment it exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.provider.aws.api import own_tags, retag, tag_list, tag_map, tags_of
from sandbox.provider.aws.errors import code_of
from sandbox.provider.context import Context
from sandbox.provider.resource import Properties


def specification(context: Context, inputs: Properties, resource_type: str) -> dict[str, Any]:
    """`TagSpecifications` of a create call; nothing when there are no tags."""
    tags = tags_of(context, inputs)
    return {"TagSpecifications": [{"ResourceType": resource_type, "Tags": tag_list(tags)}]} if tags else {}


def change(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    """Bring an object's tags from old to new."""
    client = context.client("ec2")
    retag(
        context,
        old,
        new,
        lambda tags: client.create_tags(Resources=[physical_id], Tags=tag_list(tags)),
        lambda keys: client.delete_tags(Resources=[physical_id], Tags=[{"Key": key} for key in keys]),
    )


def observed(context: Context, tags: Iterable[Mapping[str, str]] | None) -> Properties:
    """Tags as described, as properties."""
    found = tag_map(tags)
    return {"tags": own_tags(context, found), "tagsAll": found}


def one(call: Any, answer: str, **arguments: Any) -> dict[str, Any] | None:
    """The single object that a `describe_…` call finds; None when there is none, or the id is unknown."""
    try:
        found: list[dict[str, Any]] = call(**arguments)[answer]
    except Exception as error:
        if code_of(error).endswith((".NotFound", "NotFoundException", ".Malformed", "NotFound")):
            return None
        raise
    return found[0] if found else None
