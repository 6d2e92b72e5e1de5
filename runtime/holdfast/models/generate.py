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

_SETS = {str: "SS", bytes: "BS", int: "NS", float: "NS", Decimal: "NS"}


class Namespace:
    """The globals of generated code: each object under a name of its own."""

    def __init__(self, codec: Callable[[type[Any]], Any], *, nested_as_dict: bool) -> None:
        self.codec = codec
        self.nested_as_dict = nested_as_dict
        """Whether nested models are left as dictionaries, for a validator that makes the objects."""
        self.globals: dict[str, Any] = {}
        self._count = 0

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


def _plain(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A hint without Annotated, and what was annotated."""
    if hasattr(hint, "__metadata__"):
        return hint.__origin__, hint.__metadata__
    return hint, ()


def optional(hint: Any) -> tuple[Any, bool]:
    """The hint without None, and whether None is allowed. A union of several types becomes Any."""
    bare, extra = _plain(hint)
    if typing.get_origin(bare) in (typing.Union, types.UnionType):
        arguments = [part for part in typing.get_args(bare) if part is not type(None)]
        allowed = len(arguments) < len(typing.get_args(bare))
        inner = arguments[0] if len(arguments) == 1 else Any
        return (typing.Annotated[(inner, *extra)] if extra else inner), allowed
    return hint, bare is type(None)


def set_tag(hint: Any) -> str | None:
    """The tag of a set type; None where the hint is no set."""
    bare, _ = _plain(hint)
    if typing.get_origin(bare) not in (set, frozenset):
        return None
    element, _ = _plain((*typing.get_args(bare), Any)[0])
    return _SETS.get(element, "SS")


def decoding(hint: Any, wire: str, space: Namespace) -> str:
    """An expression that gives the Python value of the wire value in the variable `wire`."""
    hint, allowed = optional(hint)
    text = _decoding(hint, wire, space)
    return f'(None if "NULL" in {wire} else {text})' if allowed else text


def _decoding(hint: Any, wire: str, space: Namespace) -> str:
    bare, extra = _plain(hint)
    if bare in _DECODINGS:
        return _DECODINGS[bare](wire, extra, space)
    if typing.get_origin(bare) is typing.Literal:
        return (
            f"{space.add(decode)}({wire})"
            if any(not isinstance(value, str) for value in typing.get_args(bare))
            else f'{wire}["S"]'
        )
    if isinstance(bare, type) and issubclass(bare, enum.Enum):
        return _enum_decoding(bare, wire, space)
    if is_model(bare):
        codec = space.codec(bare)
        method = codec.decode_fields if space.nested_as_dict else codec.decode
        return f'{space.add(method)}({wire}["M"])'
    return _container_decoding(bare, wire, space)


def _container_decoding(bare: Any, wire: str, space: Namespace) -> str:
    origin, arguments = typing.get_origin(bare) or bare, typing.get_args(bare)
    element = space.variable()
    if origin in (list, tuple) or origin in (typing.Sequence, typing.get_origin(typing.Sequence[Any])):
        inner = decoding(arguments[0] if arguments else Any, element, space)
        if origin is tuple:
            if arguments and (len(arguments) != 2 or arguments[1] is not Ellipsis):
                return f"tuple({space.add(decode)}({wire}))"
            return f'tuple([{inner} for {element} in {wire}["L"]])'
        return f'[{inner} for {element} in {wire}["L"]]'
    if origin in (dict, Mapping):
        if len(arguments) != 2:
            return f'{space.add(decode_item)}({wire}["M"])'
        name = space.variable()
        return f'{{{name}: {decoding(arguments[1], element, space)} for {name}, {element} in {wire}["M"].items()}}'
    if origin in (set, frozenset):
        tag = set_tag(bare) or "SS"
        kind = _plain((*arguments, str)[0])[0]
        convert = {int: "int", float: "float", Decimal: space.add(Decimal), bytes: space.add(b64decode)}.get(kind)
        inner = f"{origin.__name__}(map({convert}, {{}}))" if convert else f"{origin.__name__}({{}})"
        return inner.format(f'{wire}["{tag}"]')
    return f"{space.add(decode)}({wire})"


def _enum_decoding(kind: type[enum.Enum], wire: str, space: Namespace) -> str:
    members = space.add({member.value: member for member in kind})
    if all(isinstance(member.value, str) for member in kind):
        return f'{members}[{wire}["S"]]'
    return f"{members}[{space.add(decode)}({wire})]"  # Decimal(1) and 1 are the same key


def _datetime_decoding(wire: str, extra: tuple[Any, ...], space: Namespace) -> str:
    if any(isinstance(one, Epoch) or one is Epoch for one in extra):
        return f'{space.add(_from_epoch)}({wire}["N"])'
    return f'{space.add(datetime.fromisoformat)}({wire}["S"])'


def _from_epoch(text: str) -> datetime:
    return datetime.fromtimestamp(float(text), UTC)


_DECODINGS: dict[Any, Callable[[str, tuple[Any, ...], Namespace], str]] = {
    str: lambda wire, _, __: f'{wire}["S"]',
    int: lambda wire, _, __: f'int({wire}["N"])',
    float: lambda wire, _, __: f'float({wire}["N"])',
    bool: lambda wire, _, __: f'{wire}["BOOL"]',
    Decimal: lambda wire, _, space: f'{space.add(Decimal)}({wire}["N"])',
    bytes: lambda wire, _, space: f'{space.add(b64decode)}({wire}["B"])',
    datetime: _datetime_decoding,
    date: lambda wire, _, space: f'{space.add(date.fromisoformat)}({wire}["S"])',
    clock_time: lambda wire, _, space: f'{space.add(clock_time.fromisoformat)}({wire}["S"])',
    UUID: lambda wire, _, space: f'{space.add(UUID)}({wire}["S"])',
    type(None): lambda _, __, ___: "None",
    dict: lambda wire, _, space: f'{space.add(decode_item)}({wire}["M"])',
}


def encoding(hint: Any, value: str, space: Namespace) -> str:
    """An expression that gives the wire value of the Python value in the variable `value`, which is not None."""
    hint, allowed = optional(hint)
    text = _encoding(hint, value, space)
    return f'({{"NULL": True}} if {value} is None else {text})' if allowed else text


def _encoding(hint: Any, value: str, space: Namespace) -> str:
    bare, extra = _plain(hint)
    if bare is float:
        return f"{space.add(_encode_float)}({value})"
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
    if origin in (set, frozenset) and arguments and _plain(arguments[0])[0] is float:
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
