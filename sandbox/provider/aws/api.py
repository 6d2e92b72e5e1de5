"""Small helpers between properties on the wire and AWS's APIs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.context import Context
from sandbox.provider.faults import ProviderError
from sandbox.provider.resource import Properties

POLL_SECONDS = 0.05


def pick(inputs: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, Any]:
    """The inputs that are given, under their API names."""
    return {api: inputs[name] for name, api in names.items() if inputs.get(name) is not None}


def pascal(name: str) -> str:
    """`cidrBlock` as AWS's APIs spell it: `CidrBlock`."""
    return name[:1].upper() + name[1:]


def pascals(*names: str) -> dict[str, str]:
    """Names that differ from their API names by their first letter only."""
    return {name: pascal(name) for name in names}


def tags_of(context: Context, inputs: Mapping[str, Value]) -> dict[str, str]:
    """A resource's tags with the provider's default ones."""
    own = inputs.get("tags") or {}
    return {**context.default_tags, **{str(key): str(value) for key, value in own.items()}}


def tag_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as most APIs take them."""
    return [{key: name, value: text} for name, text in sorted(tags.items())]


def tag_map(tags: Iterable[Mapping[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags as most APIs give them, without AWS's own."""
    return {tag[key]: tag[value] for tag in tags or () if not tag[key].startswith("aws:")}


def own_tags(context: Context, found: Mapping[str, str]) -> dict[str, str]:
    """The tags of a resource that do not come from the provider's defaults."""
    return {key: value for key, value in found.items() if context.default_tags.get(key) != value}


def retag(
    context: Context,
    old: Mapping[str, Value],
    new: Mapping[str, Value],
    put: Callable[[dict[str, str]], object],
    remove: Callable[[list[str]], object],
) -> None:
    """Bring a resource's tags from old to new with the fewest calls."""
    before, after = tags_of(context, old), tags_of(context, new)
    gone = sorted(set(before) - set(after))
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    if gone:
        remove(gone)
    if changed:
        put(changed)


def changed(old: Mapping[str, Value], new: Mapping[str, Value], *names: str) -> bool:
    """Whether any of these properties differs."""
    return any(old.get(name) != new.get(name) for name in names)


def until(ready: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until `ready` says so; `ProviderError` when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise ProviderError(f"{what} did not happen within {seconds:g} s")
        time.sleep(POLL_SECONDS)


def without_none(properties: Mapping[str, Value]) -> Properties:
    """Properties without those that hold nothing."""
    return {key: value for key, value in properties.items() if value is not None}
