"""Constraints that the service's own model states (lengths, patterns, enumerations, required members).

botocore carries the model; here its rules become the checks that the service makes before it looks at anything, with
its words: `N validation errors detected: Value '…' at '…' failed to satisfy constraint: …`.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.request import check_name
from sandbox.cloud.dynamodb.values import serialization

Check = Callable[[Any, str, list[str]], None]
"""Takes a value, its path and the list of faults to add to."""

_SELF_CHECKED = frozenset({"AttributeValue"})
"""Shapes that the operations check themselves, with more to say."""

_ENUMERATIONS = {
    "ScalarAttributeType": ("B", "N", "S"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
}
"""Enumerations that the service lists in another order than its model."""


@cache
def _model() -> dict[str, Any]:
    spec = importlib.util.find_spec("botocore")
    if spec is None or spec.origin is None:
        raise RuntimeError("the botocore package is not installed; run make install")
    folder = Path(spec.origin).parent / "data" / "dynamodb" / "2012-08-10"
    packed = folder / "service-2.json.gz"
    text = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "service-2.json").read_bytes()
    model: dict[str, Any] = json.loads(text)
    return {"operations": model["operations"], "shapes": _slim(model["shapes"])}


def _slim(shapes: dict[str, Any]) -> dict[str, Any]:
    """The shapes without their documentation, which is most of the model's memory."""
    for shape in shapes.values():
        shape.pop("documentation", None)
        for member in shape.get("members", {}).values():
            if isinstance(member, dict):
                member.pop("documentation", None)
    return shapes


def check(operation: str, params: dict[str, Any]) -> None:
    """Check the parameters of an operation.

    Raises:
        ServiceError: constraints are not met (all of them in one message), or a value is of the wrong JSON type.
    """
    faults: list[str] = []
    _compiled(operation)(params, "", faults)
    if faults:
        count = len(faults)
        plural = "s" if count > 1 else ""
        raise invalid(f"{count} validation error{plural} detected: " + "; ".join(faults))


_compiling: list[str] = []
"""Operations whose checks were made, the one in the making last."""


@cache
def _compiled(operation: str) -> Check:
    model = _model()
    found = model["operations"].get(operation)
    if found is None or "input" not in found:
        return lambda _value, _path, _faults: None
    _compiling.append(operation)
    check_: Check = _shape(found["input"]["shape"]) or (lambda _value, _path, _faults: None)
    _model.cache_clear()
    return check_


def _shape(name: str) -> Check | None:
    if name in _SELF_CHECKED:
        return None
    if name in ("TableName", "TableArn"):
        return _table_name
    if name == "BatchWriteItemRequestMap":
        return _batch_writes
    shape = {**_model()["shapes"][name], "name": name}
    kind = shape["type"]
    if kind == "structure":
        return _structure(shape)
    if kind == "list":
        return _list(shape)
    if kind == "map":
        return _map(shape)
    if kind == "string":
        return _string(shape)
    if kind in ("integer", "long"):
        return _number(shape)
    if kind == "boolean":
        return _boolean
    return None


def _structure(shape: dict[str, Any]) -> Check:
    members: dict[str, Check] = {}
    for name, member in shape["members"].items():
        found = _shape(member["shape"])
        if found is not None:
            members[name] = found
    required = tuple(shape.get("required", ()))

    def check_structure(value: Any, path: str, faults: list[str]) -> None:
        if not isinstance(value, dict):
            raise serialization("Unexpected value type in payload")
        faults += [
            _fault(None, _join(path, name), "Member must not be null")
            for name in required
            if value.get(name) is None and name not in _LATER
        ]
        for name, found in members.items():
            part = value.get(name)
            if part is not None:
                found(part, _join(path, name), faults)

    return check_structure


_LATER = frozenset({"TableName"})
"""Required members whose absence the operation tells itself, in its own order."""


def _join(path: str, name: str) -> str:
    camel = name[0].lower() + name[1:] if not name.startswith(("SSE", "S3")) else _initials(name)
    return f"{path}.{camel}" if path else camel


def _initials(name: str) -> str:
    return "s3" + name[2:] if name.startswith("S3") else "sSE" + name[3:]


def _table_name(value: Any, path: str, faults: list[str]) -> None:
    if not isinstance(value, str):
        raise serialization("Unexpected value type in payload")
    if value.startswith("arn:"):
        return
    try:
        check_name(value, path)
    except ServiceError as error:
        faults.append(error.message.partition("detected: ")[2])


def _batch_writes(value: Any, path: str, faults: list[str]) -> None:
    """A map whose lists have one rule together."""
    if not isinstance(value, dict):
        raise serialization("Unexpected field type")
    for name, writes in value.items():
        if not isinstance(writes, list):
            raise serialization("Unexpected field type")
        if not 1 <= len(writes) <= 25:
            shown = f"{{{name}=[{', '.join('WriteRequest' for _ in writes)}]}}"
            rule = (
                "[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"
            )
            faults.append(_fault(shown, path, f"Map value must satisfy constraint: {rule}"))
            return


def _fault(value: Any, path: str, rule: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {rule}"


def show_list(entries: list[Any], member: str) -> str:
    """A list as the service writes it: structures by their name and members."""
    shown = [
        f"{member}({', '.join(f'{key[0].lower() + key[1:]}={part}' for key, part in entry.items())})"
        if isinstance(entry, dict)
        else str(entry)
        for entry in entries
    ]
    return f"[{', '.join(shown)}]"


def _list(shape: dict[str, Any]) -> Check:
    name = shape["member"]["shape"]
    member = _shape(name)
    low, high = shape.get("min"), shape.get("max")

    def check_list(value: Any, path: str, faults: list[str]) -> None:
        if not isinstance(value, list):
            raise serialization("Unexpected field type")
        if low is not None and len(value) < low:
            rule = f"Member must have length greater than or equal to {low}"
            faults.append(_fault(show_list(value, name), path, rule))
        if high is not None and len(value) > high:
            rule = f"Member must have length less than or equal to {high}"
            if path.endswith(".member.keys"):  # BatchGetItem says it so
                faults.append(f"Value at 'R{path[1:-4]}Keys' failed to satisfy constraint: {rule}")
            else:
                faults.append(_fault(show_list(value, name), path, rule))
        if member is not None:
            for position, entry in enumerate(value, 1):
                member(entry, f"{path}.{position}.member", faults)

    return check_list


def _map(shape: dict[str, Any]) -> Check | None:
    member = _shape(shape["value"]["shape"])
    low, high = shape.get("min"), shape.get("max")

    def check_map(value: Any, path: str, faults: list[str]) -> None:
        if not isinstance(value, dict):
            raise serialization("Unexpected field type")
        if low is not None and len(value) < low and path != "requestItems":  # the operation says that one
            faults.append(_fault(value, path, f"Member must have length greater than or equal to {low}"))
        if high is not None and len(value) > high:
            faults.append(_fault(value, path, f"Member must have length less than or equal to {high}"))
        if member is not None:
            for name, entry in value.items():
                member(entry, f"{path}.{name}.member", faults)

    return check_map


def _string(shape: dict[str, Any]) -> Check:
    allowed = _ENUMERATIONS.get(shape["name"], shape.get("enum"))
    low, high = shape.get("min"), shape.get("max")
    pattern = shape.get("pattern")
    compiled = re.compile(f"(?:{pattern})\\Z") if pattern else None

    def check_string(value: Any, path: str, faults: list[str]) -> None:
        if not isinstance(value, str):
            kind = "TRUE_VALUE" if value is True else "FALSE_VALUE" if value is False else "NUMBER_VALUE"
            if isinstance(value, list):
                raise serialization("Start of list found where not expected")
            if isinstance(value, dict):
                raise serialization("Start of structure or map found where not expected.")
            raise serialization(f"{kind} cannot be converted to String")
        if allowed is not None and value not in allowed:
            faults.append(_fault(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]"))
        if low is not None and len(value) < low:
            faults.append(_fault(value, path, f"Member must have length greater than or equal to {low}"))
        if high is not None and len(value) > high:
            faults.append(_fault(value, path, f"Member must have length less than or equal to {high}"))
        if compiled is not None and not compiled.match(value):
            faults.append(_fault(value, path, f"Member must satisfy regular expression pattern: {pattern}"))

    return check_string


def _number(shape: dict[str, Any]) -> Check:
    # A query's limit is named as the request names it.
    capital = _compiling[-1:] == ["Query"]
    low, high = shape.get("min"), shape.get("max")

    def check_number(value: Any, path: str, faults: list[str]) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            if isinstance(value, str):
                raise serialization("STRING_VALUE cannot be converted to Integer")
            raise serialization("Unexpected value type in payload")
        if low is not None and value < low and path == "limit" and capital:
            faults.append(
                f"Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to {low}"
            )
        elif low is not None and value < low:
            faults.append(_fault(value, path, f"Member must have value greater than or equal to {low}"))
        if high is not None and value > high:
            faults.append(_fault(value, path, f"Member must have value less than or equal to {high}"))

    return check_number


def _boolean(value: Any, path: str, faults: list[str]) -> None:
    del path, faults
    if not isinstance(value, bool):
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return
        raise serialization("Unexpected value type in payload")
