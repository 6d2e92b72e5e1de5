"""Checks inputs against the types that the installed SDK declares.

Refused: unknown properties (with the nearest known one), missing required ones, values of a wrong type. Scalars
convert into each other where the real provider converts them: `"5"` is a number and `true` is a string.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from sandbox.codec import UNKNOWN, Archive, Asset, Output, ResourceRef, Secret, Value
from sandbox.provider.faults import Failure
from sandbox.provider.sdk import Shape, TypeInfo

_WORDS = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "map": "a map",
    "object": "an object",
    "asset": "an asset or archive",
}


def check(info: TypeInfo, inputs: Mapping[str, Value], *, given: Iterable[str] = ()) -> list[Failure]:
    """Every fault of these inputs; `given` names required inputs that the provider fills in itself."""
    failures = [
        Failure(name, f"missing required property '{name}'")
        for name in sorted(info.required - set(given))
        if _absent(inputs.get(name))
    ]
    for name, value in inputs.items():
        if name.startswith("__"):
            continue
        if name not in info.inputs:
            failures.append(Failure(name, _unknown(name, name, info.inputs)))
            continue
        failures.extend(Failure(name, reason) for reason in _check(value, info.inputs[name], name))
    return failures


def _absent(value: Value) -> bool:
    return plain_top(value) is None


def plain_top(value: Value) -> Value:
    """A value without the secret or output that wraps it."""
    while isinstance(value, Secret | Output):
        value = value.value if isinstance(value, Secret) else value.lowered()
    return value


def _check(value: Value, shape: Shape, path: str) -> Iterator[str]:
    value = plain_top(value)
    if value is None or value is UNKNOWN or shape.kind == "any":
        return
    if shape.kind == "union":
        found = [list(_check(value, option, path)) for option in shape.options]
        if all(found):
            yield min(found, key=len)[0]
        return
    if not _fits(value, shape):
        yield f"'{path}' must be {_WORDS[shape.kind]}, got {_describe(value)}"
        return
    if shape.kind == "list":
        for index, item in enumerate(value):
            yield from _check(item, shape.item or Shape("any"), f"{path}[{index}]")
    elif shape.kind == "map":
        for key, item in value.items():
            yield from _check(item, shape.item or Shape("any"), join(path, key))
    elif shape.kind == "object":
        yield from _check_object(value, shape, path)


def _check_object(value: Mapping[str, Value], shape: Shape, path: str) -> Iterator[str]:
    for name in sorted(shape.required):
        if _absent(value.get(name)):
            yield f"missing required property '{join(path, name)}'"
    for name, item in value.items():
        if name.startswith("__"):
            continue
        if name in shape.fields:
            yield from _check(item, shape.fields[name], join(path, name))
        else:
            yield _unknown(join(path, name), name, shape.fields)


def _fits(value: Value, shape: Shape) -> bool:
    if isinstance(value, ResourceRef):
        return shape.kind in {"string", "object", "map"}
    if shape.kind == "asset":
        return isinstance(value, Asset | Archive)
    if shape.kind == "list":
        return isinstance(value, list)
    if shape.kind in {"map", "object"}:
        return isinstance(value, dict)
    return _scalar_fits(value, shape)


def _scalar_fits(value: Value, shape: Shape) -> bool:
    if shape.kind == "string":
        return isinstance(value, str | bool | int | float)
    if shape.kind == "boolean":
        return isinstance(value, bool) or value in {"true", "false"} if isinstance(value, str | bool) else False
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return False
    return isinstance(value, int | float) and (shape.kind == "number" or float(value).is_integer())


def _describe(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string {value!r}" if len(value) <= 40 else "a string"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return f"the number {value}" if isinstance(value, int | float) else f"a {type(value).__name__.lower()}"


def join(path: str, key: str) -> str:
    """The property path of a key under another path."""
    return f"{path}.{key}" if key.replace("_", "a").isalnum() else f'{path}["{key}"]'


def _unknown(path: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"; did you mean '{nearest[0]}'?" if nearest else ""
    return f"unknown property '{path}'{hint}"
