"""Attribute values as they travel: `{"S": "…"}`. Checked and normalised once, then never changed in place."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.cloud.dynamodb import numbers
from sandbox.cloud.dynamodb.errors import ServiceError, invalid, invalid_values

Value = dict[str, Any]
Item = dict[str, Value]

TYPES = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")
TYPE_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
    "M": "MAP",
    "L": "LIST",
    "NULL": "NULL",
    "BOOL": "BOOLEAN",
}
SETS = ("SS", "NS", "BS")
MAX_DEPTH = 32
MAX_ITEM_BYTES = 400 * 1024


def kind(value: Value) -> str:
    """The type tag of a checked value."""
    for tag in value:
        return tag
    raise _empty()


def check(value: Any, depth: int = 0) -> Value:
    """A value from a request, checked and normalised.

    Raises:
        ServiceError: it is empty, has two types, or its content does not fit its type.
    """
    if not isinstance(value, dict):
        raise serialization("Unexpected value type in payload")
    if len(value) != 1:
        known = [tag for tag in value if tag in _CHECKS]
        if len(known) > 1:
            raise invalid(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
                "datatypes"
            )
        if not known:
            raise _empty()
        value = {known[0]: value[known[0]]}
    tag: str
    tag, content = next(iter(value.items()))
    if tag == "S":
        if content.__class__ is not str:
            raise _cannot(content, "String")
        checked: Value = value
        return checked
    handler = _CHECKS.get(tag)
    if handler is None:
        raise _empty()
    return handler(content, depth)


def check_item(item: Any) -> Item:
    """A map of attributes from a request, checked and normalised."""
    if not isinstance(item, dict):
        raise serialization("Unexpected value type in payload")
    return {name: check(value) for name, value in item.items()}


def _empty() -> ServiceError:
    return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")


def serialization(message: str) -> ServiceError:
    """A SerializationException: the JSON is not of the operation's shape."""
    return ServiceError("SerializationException", message)


def _cannot(content: Any, wanted: str) -> ServiceError:
    if content is None:
        return _empty()
    if content is True or content is False:
        found = "TRUE_VALUE" if content else "FALSE_VALUE"
    elif isinstance(content, int | float):
        found = "NUMBER_VALUE" if isinstance(content, int) else "DECIMAL_VALUE"
    elif isinstance(content, list):
        return serialization("Start of list found where not expected")
    elif isinstance(content, dict):
        return serialization("Start of structure or map found where not expected.")
    else:
        found = "STRING_VALUE"
    return serialization(f"{found} cannot be converted to {wanted}")


def _string(content: Any, _: int) -> Value:
    if not isinstance(content, str):
        raise _cannot(content, "String")
    return {"S": content}


def _number(content: Any, _: int) -> Value:
    if not isinstance(content, str):
        raise _cannot(content, "String")
    return {"N": numbers.normalize(content)}


def _binary(content: Any, _: int) -> Value:
    return {"B": _base64(content)}


def _base64(content: Any) -> str:
    if not isinstance(content, str):
        raise _cannot(content, "Blob")
    try:
        return base64.b64encode(base64.b64decode(content, validate=True)).decode()
    except (binascii.Error, ValueError):
        raise serialization("Invalid base64 data") from None


def _boolean(content: Any, _: int) -> Value:
    if not isinstance(content, bool):
        if isinstance(content, str) and content.lower() in ("true", "false"):
            return {"BOOL": content.lower() == "true"}
        raise _cannot(content, "Boolean")
    return {"BOOL": content}


def _null(content: Any, _: int) -> Value:
    if content is True or content == "true":
        return {"NULL": True}
    if content is False:
        raise invalid_values("Null attribute value types must have the value of true")
    raise _cannot(content, "Boolean")


def _set(tag: str, name: str, member: Callable[[Any], str]) -> Callable[[Any, int], Value]:
    def check_set(content: Any, _: int) -> Value:
        if not isinstance(content, list):
            raise serialization("Unexpected field type")
        if not content:
            raise invalid_values(
                "Binary sets should not be empty" if tag == "BS" else f"An {name} set  may not be empty"
            )
        members = [member(entry) for entry in content]
        if len(set(members)) != len(members):
            if tag == "NS":
                raise invalid("Input collection contains duplicates")
            of_type = " of type BS" if tag == "BS" else ""
            raise invalid_values(f"Input collection [{', '.join(content)}]{of_type} contains duplicates.")
        return {tag: members}

    return check_set


def _string_member(entry: Any) -> str:
    if not isinstance(entry, str):
        raise _cannot(entry, "String")
    return entry


def _number_member(entry: Any) -> str:
    return str(_number(entry, 0)["N"])


def _list(content: Any, depth: int) -> Value:
    if not isinstance(content, list):
        raise serialization("Unexpected field type")
    _deeper(depth)
    return {"L": [check(entry, depth + 1) for entry in content]}


def _map(content: Any, depth: int) -> Value:
    if not isinstance(content, dict):
        raise serialization("Unexpected field type")
    _deeper(depth)
    return {"M": {name: check(entry, depth + 1) for name, entry in content.items()}}


def _deeper(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise invalid("Nesting Levels have exceeded supported limits")


_CHECKS: dict[str, Callable[[Any, int], Value]] = {
    "S": _string,
    "N": _number,
    "B": _binary,
    "BOOL": _boolean,
    "NULL": _null,
    "SS": _set("SS", "string", _string_member),
    "NS": _set("NS", "number", _number_member),
    "BS": _set("BS", "binary", _base64),
    "L": _list,
    "M": _map,
}


def binary(text: str) -> bytes:
    """The bytes of a checked binary value."""
    return base64.b64decode(text)


def equal(left: Value, right: Value) -> bool:
    """Whether two checked values are the same: sets without order, everything else member by member."""
    tag = kind(left)
    if tag != kind(right):
        return False
    if tag in SETS:
        return set(left[tag]) == set(right[tag])
    if tag == "L":
        one, two = left["L"], right["L"]
        return len(one) == len(two) and all(equal(a, b) for a, b in zip(one, two, strict=True))
    if tag == "M":
        first, second = left["M"], right["M"]
        return first.keys() == second.keys() and all(equal(value, second[name]) for name, value in first.items())
    return bool(left[tag] == right[tag])


def order(value: Value) -> Any:
    """What a string, number or binary value sorts by within its type.

    Strings sort by their UTF-8 bytes, which is the order of their code points, which is Python's.
    """
    tag, content = next(iter(value.items()))
    if tag == "N":
        return Decimal(content)
    if tag == "B":
        return binary(content)
    return content


def size(value: Value) -> int:
    """Bytes that a value takes, by DynamoDB's published rules."""
    tag, content = next(iter(value.items()))
    if tag == "S":
        return len(content) if content.isascii() else len(content.encode())
    if tag == "N":
        return numbers.size(content)
    if tag == "B":
        padding: int = content[-2:].count("=")
        return len(content) * 3 // 4 - padding
    if tag in ("BOOL", "NULL"):
        return 1
    if tag == "SS":
        return sum(len(entry.encode()) for entry in content)
    if tag == "NS":
        return sum(numbers.size(entry) for entry in content)
    if tag == "BS":
        return sum(len(binary(entry)) for entry in content)
    if tag == "L":
        return 3 + sum(1 + size(entry) for entry in content)
    return 3 + sum(1 + len(name.encode()) + size(entry) for name, entry in content.items())


def item_size(item: Item) -> int:
    """Bytes that an item takes: names and values."""
    return sum((len(name) if name.isascii() else len(name.encode())) + size(value) for name, value in item.items())
