"""Patch operations, by which API Gateway (version 1) changes what exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sandbox.codec import Value
from sandbox.provider.resource import Properties

Patch = dict[str, str]


def replace(path: str, value: Value) -> Patch:
    """A patch that sets a value; nothing given is an empty text."""
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return {"op": "replace", "path": path, "value": text}


def replaced(old: Properties, new: Properties, paths: Mapping[str, str]) -> Iterator[Patch]:
    """Patches for the properties that differ, by their paths."""
    for name, path in paths.items():
        if old.get(name) != new.get(name):
            yield replace(path, new.get(name))
