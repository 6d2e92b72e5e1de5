"""Source of a model's encoder and decoder: expressions by type, put together once per class."""

from __future__ import annotations

import enum
import types
import typing
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from datetime import time as clock_time
from decimal import Decimal
from typing import Any
from uuid import UUID

from holdfast.errors import InvalidArgumentError
from holdfast.models.fields import Epoch, is_model
from holdfast.values import decode, decode_item, encode

NATIVE = (int, Decimal)
"""Numbers that a struct holds as such."""
_SETS = {str: "SS", bytes: "BS", int: "NS", float: "NS", Decimal: "NS"}


class Namespace:
    """The globals of generated code: each object under a name of its own."""

    def __init__(
        self, codec: Callable[[type[Any]], Any], *, nested_as_dict: bool, raw: Callable[[Any], bool] | None = None
    ) -> None:
        self.codec = codec
        self.raw = raw or (lambda _: True)
        """Whether a hint's wire value is a dictionary; without structs every one is."""
        self.nested_as_dict = nested_as_dict
        """Whether nested models are left as dictionaries, for a validator that makes the objects."""
        self.globals: dict[str, Any] = {}
        self._count = 0

    def member(self, wire: str, tag: str, hint: Any) -> str:
        """The content of a wire value."""
        return f'{wire}["{tag}"]' if self.raw(hint) else f"{wire}.{tag}"

    def add(self, value: Any) -> str:
        """The name of an object."""
        self._count += 1
        name = f"g{self._count}"
        self.globals[name] = value
        return name

    def variable(self) -> str:
        """A fresh variable."""
        self._count += 1
        return f"v{self._count}"


def plain(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A hint without Annotated, and what was annotated."""
    if hasattr(hint, "__metadata__"):
        return hint.__origin__, hint.__metadata__
    return hint, ()


def optional(hint: Any) -> tuple[Any, bool]:
    """The hint without None, and whether None is allowed. A union of several types becomes Any."""
    bare, extra = plain(hint)
    if typing.get_origin(bare) in (typing.Union, types.UnionType):
        arguments = [part for part in typing.get_args(bare) if part is not type(None)]
        allowed = len(arguments) < len(typing.get_args(bare))
        inner = arguments[0] if len(arguments) == 1 else Any
        return (typing.Annotated[(inner, *extra)] if extra else inner), allowed
    return hint, bare is type(None)


def set_tag(hint: Any) -> str | None:
    """The tag of a set type; None where the hint is no set."""
    bare, _ = plain(hint)
    if typing.get_origin(bare) not in (set, frozenset):
        return None
    element, _ = plain((*typing.get_args(bare), Any)[0])
    return _SETS.get(element, "SS")


def decoding(hint: Any, wire: str, space: Namespace) -> str:
    """An expression that gives the Python value of the wire value in the variable `wire`."""
    inner, allowed = optional(hint)
    text = _decoding(inner, wire, space)
    if not allowed:
        return text
    return f'(None if "NULL" in {wire} else {text})' if space.raw(hint) else f"(None if {wire}.NULL else {text})"


def _decoding(hint: Any, wire: str, space: Namespace) -> str:
    bare, extra = plain(hint)
    if bare in _SCALARS:
        tag, convert = _SCALARS[bare]
        if bare is datetime and any(isinstance(one, Epoch) or one is Epoch for one in extra):
            tag, convert = "N", _from_epoch
        content = space.member(wire, tag, hint)
        if convert is None or (bare in NATIVE and not space.raw(hint)):
            return content
        return f"{_called(convert, space)}({content})"
    if bare is type(None):
        return "None"
    if typing.get_origin(bare) is typing.Literal:
        if any(not isinstance(value, str) for value in typing.get_args(bare)):
            return f"{space.add(decode)}({wire})"
        return space.member(wire, "S", hint)
    if isinstance(bare, type) and issubclass(bare, enum.Enum):
        members = space.add({member.value: member for member in bare})
        if all(isinstance(member.value, str) for member in bare):
            return f"{members}[{space.member(wire, 'S', hint)}]"
        return f"{members}[{space.add(decode)}({wire})]"  # Decimal(1) and 1 are the same key
    if is_model(bare):
        codec = space.codec(bare)
        method = codec.nested_decoder(as_dict=space.nested_as_dict, raw=space.raw(hint))
        return f"{space.add(method)}({space.member(wire, 'M', hint)})"
    return _container_decoding(hint, bare, wire, space)


def _container_decoding(hint: Any, bare: Any, wire: str, space: Namespace) -> str:
    origin, arguments = typing.get_origin(bare) or bare, typing.get_args(bare)
    element = space.variable()
    if origin is list or (origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis):
        inner = decoding(arguments[0] if arguments else Any, element, space)
        made = f"[{inner} for {element} in {space.member(wire, 'L', hint)}]"
        return f"tuple({made})" if origin is tuple else made
    if origin is tuple:
        return f"tuple({space.add(decode)}({wire}))"
    if origin in (dict, Mapping):
        content = space.member(wire, "M", hint)
        if len(arguments) != 2:
            return f"{space.add(decode_item)}({content})"
        name = space.variable()
        return f"{{{name}: {decoding(arguments[1], element, space)} for {name}, {element} in {content}.items()}}"
    tag = set_tag(bare)
    if tag is not None:
        content = space.member(wire, tag, hint)
        kind = plain((*arguments, str)[0])[0]
        if kind in (str, *NATIVE) and not space.raw(hint):
            return content
        convert = {int: int, float: float, Decimal: Decimal, bytes: b64decode}.get(kind)
        name = origin.__name__
        return f"{name}(map({_called(convert, space)}, {content}))" if convert else f"{name}({content})"
    return f"{space.add(decode)}({wire})"


def _called(convert: Any, space: Namespace) -> str:
    return str(convert.__name__) if convert in (int, float) else space.add(convert)


def _from_epoch(text: str) -> datetime:
    return datetime.fromtimestamp(float(text), UTC)


_SCALARS: dict[Any, tuple[str, Callable[[Any], Any] | None]] = {
    str: ("S", None),
    int: ("N", int),
    float: ("N", float),
    bool: ("BOOL", None),
    Decimal: ("N", Decimal),
    bytes: ("B", b64decode),
    datetime: ("S", datetime.fromisoformat),
    date: ("S", date.fromisoformat),
    clock_time: ("S", clock_time.fromisoformat),
    UUID: ("S", UUID),
}
"""Types whose wire value has one tag, and what makes the Python value of its content."""


def encoding(hint: Any, value: str, space: Namespace) -> str:
    """An expression that gives the wire value of the Python value in the variable `value`, which is not None."""
    hint, allowed = optional(hint)
    text = _encoding(hint, value, space)
    return f'({{"NULL": True}} if {value} is None else {text})' if allowed else text


def _encoding(hint: Any, value: str, space: Namespace) -> str:
    bare, extra = plain(hint)
    if bare is float:
        return f"{space.add(_encode_float)}({value})"
    if bare is str:
        return f'({{"S": {value}}} if type({value}) is str else {space.add(encode)}({value}))'
    if bare is datetime and any(isinstance(one, Epoch) or one is Epoch for one in extra):
        return f'{{"N": str(int({value}.timestamp()))}}'
    if bare in (datetime, date, clock_time):
        return f'{{"S": {value}.isoformat()}}'
    if bare is UUID:
        return f'{{"S": str({value})}}'
    if isinstance(bare, type) and issubclass(bare, enum.Enum):
        return f"{space.add(encode)}({value}.value)"
    if is_model(bare):
        return f'{{"M": {space.add(space.codec(bare).encode)}({value})}}'
    origin, arguments = typing.get_origin(bare) or bare, typing.get_args(bare)
    element = space.variable()
    if origin is list or (origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis):
        if not arguments:
            return f"{space.add(_encode_any)}({value})"
        return f'{{"L": [{encoding(arguments[0], element, space)} for {element} in {value}]}}'
    if origin is dict and len(arguments) == 2:
        name = space.variable()
        return f'{{"M": {{{name}: {encoding(arguments[1], element, space)} for {name}, {element} in {value}.items()}}}}'
    if origin in (set, frozenset) and arguments and plain(arguments[0])[0] is float:
        return f'{{"NS": [{space.add(_encode_float)}({element})["N"] for {element} in {value}]}}'
    return f"{space.add(encode if bare in (str, int, bool, bytes, Decimal) else _encode_any)}({value})"


def _encode_float(value: float) -> dict[str, Any]:
    """A field that says `float` accepts what a float is: 17 digits, exact both ways."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - nan is not itself
        raise InvalidArgumentError(f"{value} is not a number that DynamoDB can hold")
    return encode(Decimal(repr(float(value))))


def _encode_any(value: Any) -> dict[str, Any]:
    """A value whose field says too little of it."""
    if is_model(type(value)):
        from holdfast.models.codec import model_codec  # noqa: PLC0415 - they know each other

        return {"M": model_codec(type(value)).encode(value)}
    if isinstance(value, list | tuple):
        return {"L": [_encode_any(part) for part in value]}
    if isinstance(value, Mapping):
        return {"M": {name: _encode_any(part) for name, part in value.items()}}
    if isinstance(value, datetime | date | clock_time):
        return {"S": value.isoformat()}
    if isinstance(value, UUID):
        return {"S": str(value)}
    if isinstance(value, enum.Enum):
        return encode(value.value)
    return encode(value)
