"""Checks inputs against what the services themselves say of their requests: enumerations, patterns, lengths, ranges.

The rules of a type come from botocore's model of the operation that creates it. Making them costs the reading of a
service's model (up to a second for EC2), so they are kept in the user's cache directory, by botocore's version.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.codec import UNKNOWN, Secret, Value
from sandbox.provider.checking.operations import EXTRA, NUMBERED, operation_of
from sandbox.provider.checking.types import join, plain_top
from sandbox.provider.faults import Failure
from sandbox.provider.sdk import Shape, TypeInfo

Rule = dict[str, Any]
"""`enum`, `pattern`, `min`, `max` of a value; `members`, `item` for what is inside."""

DEPTH: Final = 6
"""Levels of nesting that are looked into: some request types contain themselves."""
SHOWN: Final = 40
"""Characters of a value that an error shows."""
LISTED: Final = 12
"""Values of an enumeration that an error lists."""
_CLASS: Final = re.compile(r"^\[(?:[^\]\\]|\\.)+\](?:[*+]|\{\d+(?:,\d*)?\})?$")


def check(info: TypeInfo, inputs: Mapping[str, Value]) -> list[Failure]:
    """Every value that the service would refuse by its own model."""
    rules = rules_of(info)
    return [
        Failure(name, reason)
        for name, value in inputs.items()
        if name in rules
        for reason in _check(value, rules[name], name, secret=False)
    ]


def _check(value: Value, rule: Rule, path: str, *, secret: bool) -> Iterator[str]:
    secret = secret or isinstance(value, Secret)
    value = plain_top(value)
    if value is None or value is UNKNOWN:
        return
    if isinstance(value, list):
        yield from _bounds(len(value), rule, f"'{path}' must have", "items")
        for index, item in enumerate(value):
            yield from _check(item, rule.get("item", {}), f"{path}[{index}]", secret=secret)
    elif isinstance(value, dict):
        for key, item in value.items():
            inner = rule.get("members", {}).get(key)
            if inner:
                yield from _check(item, inner, join(path, key), secret=secret)
    elif isinstance(value, str):
        yield from _check_text(value, rule, path, secret=secret)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _check_number(value, rule, path)


def _check_number(value: float, rule: Rule, path: str) -> Iterator[str]:
    if "one_of" in rule and value not in rule["one_of"]:
        yield f"'{path}' must be one of {', '.join(map(str, rule['one_of']))}; got {value}"
    elif rule.get("number"):
        yield from _bounds(value, rule, f"'{path}' must be", "")


def _check_text(value: str, rule: Rule, path: str, *, secret: bool) -> Iterator[str]:
    shown = "a secret value" if secret else f"{value[:SHOWN]!r}{'…' if len(value) > SHOWN else ''}"
    if "enum" in rule and value.lower() not in {str(word).lower() for word in rule["enum"]}:
        words = [repr(word) for word in rule["enum"][:LISTED]]
        more = f" and {len(rule['enum']) - LISTED} more" if len(rule["enum"]) > LISTED else ""
        yield f"'{path}' must be one of {', '.join(words)}{more}; got {shown}"
        return
    if not rule.get("number"):
        yield from _bounds(len(value), rule, f"'{path}' must have", "characters")
    pattern = rule.get("pattern")
    if pattern is not None and not _matches(pattern, value):
        yield f"'{path}' must match {pattern}; got {shown}"


def _bounds(size: float, rule: Rule, what: str, unit: str) -> Iterator[str]:
    low, high = rule.get("min"), rule.get("max")
    unit = f" {unit}" if unit else ""
    if low is not None and size < low:
        yield f"{what} at least {low}{unit}; got {size}"
    elif high is not None and size > high:
        yield f"{what} at most {high}{unit}; got {size}"


def _matches(pattern: str, value: str) -> bool:
    """Whether a value fits: a bare character class means the whole value, another pattern what it anchors."""
    try:
        if _CLASS.match(pattern):
            return re.fullmatch(pattern, value) is not None
        return re.search(pattern, value) is not None
    except re.error:
        return True  # written for another engine of expressions


# --- making the rules

_rules: dict[str, dict[str, Rule]] = {}


def rules_of(info: TypeInfo) -> dict[str, Rule]:
    """The rules of a type's inputs, by name; empty for a type whose creating operation is not known."""
    if info.token not in _rules:
        made = _stored(info.token)
        if made is None:
            made = _made(info)
            _store(info.token, made)
        extra = EXTRA.get(info.token, {})
        _rules[info.token] = {**made, **{name: {**made.get(name, {}), **rule} for name, rule in extra.items()}}
    return _rules[info.token]


def _made(info: TypeInfo) -> dict[str, Rule]:
    found = operation_of(info)
    if found is None:
        return {}
    shape, renames = found
    return _members(info.inputs, shape, dict(renames), numbers=info.token in NUMBERED, depth=0)


def _members(
    fields: Mapping[str, Shape], shape: Any, renames: Mapping[str, str], *, numbers: bool, depth: int
) -> dict[str, Rule]:
    from sandbox.provider.aws.botoshape import member  # noqa: PLC0415  the models are read where rules are made

    rules: dict[str, Rule] = {}
    for name, field in fields.items():
        api = member(shape, name, renames)
        if api is not None:
            rule = _rule(field, shape.members[api], renames, numbers=numbers, depth=depth)
            if rule:
                rules[name] = rule
    return rules


def _rule(field: Shape, shape: Any, renames: Mapping[str, str], *, numbers: bool, depth: int) -> Rule:
    kind = shape.type_name
    if depth > DEPTH:
        return {}
    if kind == "list" and field.kind == "object":
        return _rule(field, shape.member, renames, numbers=numbers, depth=depth + 1)
    if kind == "structure" and field.kind == "list":
        return {}
    if kind == "string" and field.kind in {"string", "union"}:
        return _scalar(shape, ("enum", "pattern", "min", "max"))
    if kind in {"integer", "long", "float", "double"} and field.kind in {"integer", "number"}:
        bounds = _scalar(shape, ("min", "max")) if numbers else {}
        return {**bounds, "number": True} if bounds else {}
    if kind == "structure" and field.kind == "object":
        inside = _members(field.fields, shape, renames, numbers=numbers, depth=depth + 1)
        return {"members": inside} if inside else {}
    if kind == "list" and field.kind == "list" and field.item is not None:
        item = _rule(field.item, shape.member, renames, numbers=numbers, depth=depth + 1)
        rule = _scalar(shape, ("min", "max"))
        return {**rule, "item": item} if item else rule
    return {}


def _scalar(shape: Any, names: tuple[str, ...]) -> Rule:
    found: Rule = {name: shape.metadata[name] for name in names if name in shape.metadata}
    if not found.get("enum", True):
        del found["enum"]
    if found.get("min") == 0:
        del found["min"]
    return found


# --- keeping them


def cache_directory() -> Path:
    """Where rules are kept between runs: under XDG_CACHE_HOME, else `~/.cache`."""
    import botocore  # noqa: PLC0415  its version alone is cheap

    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "holdfast" / f"botocore-{botocore.__version__}"


def _file(token: str) -> Path:
    return cache_directory() / f"{re.sub(r'[^A-Za-z0-9]+', '-', token)}.json"


def _stored(token: str) -> dict[str, Rule] | None:
    try:
        document = json.loads(_file(token).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return None
    rules: dict[str, Rule] = document["rules"]
    return rules


FORMAT: Final = 1
"""Raised whenever rules are made in another way, so that kept ones are made anew."""


def _store(token: str, rules: dict[str, Rule]) -> None:
    """Keep rules; a cache that cannot be written is none."""
    file = _file(token)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as part:
            json.dump({"format": FORMAT, "rules": rules}, part)
        Path(part.name).replace(file)
    except OSError:
        return
