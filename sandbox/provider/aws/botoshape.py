"""Properties as AWS's APIs spell them, and back, by botocore's service models.

The SDK's names differ from the API's in case and number (`subnetIds` is `SubnetIds`, `rules` may be `Rule`), and blocks
of which there is one are objects here and lists there. Names that differ in more are given as renames.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.sdk import Shape

Renames = Mapping[str, str]
"""API names by property name, at any depth."""


def bare(name: str) -> str:
    """A name without case, separators and plural."""
    lower = "".join(letter for letter in name if letter.isalnum()).lower()
    if lower.endswith("ies") and len(lower) > 4:
        return f"{lower[:-3]}y"
    return lower[:-1] if lower.endswith("s") and not lower.endswith("ss") else lower


@functools.lru_cache(maxsize=4096)
def _members(shape: Any) -> dict[str, str]:
    return {bare(name): name for name in shape.members}


def member(shape: Any, name: str, renames: Renames) -> str | None:
    """The API's name of a property in a structure; None when the structure has none."""
    given = renames.get(name)
    if given is not None:
        return given if given in shape.members else None
    if name in shape.members:
        return name
    return _members(shape).get(bare(name))


def to_api(value: Value, shape: Any, renames: Renames) -> Any:
    """A property value in the form of an API shape; properties that the shape does not have are left out."""
    kind = shape.type_name
    if kind == "structure":
        if isinstance(value, list):
            value = value[0] if value else {}
        found = {}
        for name, item in value.items():
            api = member(shape, name, renames)
            if api is not None and item is not None:
                found[api] = to_api(item, shape.members[api], renames)
        return found
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [to_api(item, shape.member, renames) for item in items]
    if kind == "map":
        return {str(key): to_api(item, shape.value, renames) for key, item in value.items()}
    return _scalar(value, kind)


def _scalar(value: Value, kind: str) -> Any:
    if kind in {"integer", "long"}:
        return int(value)
    if kind in {"float", "double"}:
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind == "string":
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)
    return value


def from_api(value: Any, shape: Shape, renames: Renames) -> Value:
    """An API value in the form of an SDK shape; what the shape does not have is left out."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if shape.kind == "object":
        record = value[0] if isinstance(value, list) and value else value
        return record_of(record, shape.fields, renames) if isinstance(record, Mapping) else {}
    if shape.kind == "list":
        items = value if isinstance(value, list) else [value]
        return [from_api(item, shape.item or Shape("any"), renames) for item in items]
    if shape.kind == "map" and isinstance(value, Mapping):
        return {key: from_api(item, shape.item or Shape("any"), renames) for key, item in value.items()}
    if shape.kind == "string" and isinstance(value, dict | list):
        return json.dumps(value)
    return value


def record_of(record: Mapping[str, Any], fields: Mapping[str, Shape], renames: Renames) -> dict[str, Value]:
    """The properties that a record of an API holds."""
    names = {bare(name): name for name in record}
    found: dict[str, Value] = {}
    for name, shape in fields.items():
        api = renames.get(name)
        key = api if api is not None and api in record else names.get(bare(name))
        if key is not None and record[key] is not None:
            found[name] = from_api(record[key], shape, renames)
    return found
