"""DynamoDB's type system: Python values to and from its own form (`{"S": "text"}`).

Numbers are exact: `int` and `Decimal` go in, `Decimal` comes out, 38 digits and a magnitude of 1E-130 to
9.99E+125 (the service's own limits); a `float` is refused, because it is seldom the number that was meant.
Binary comes out as `bytes`, sets as `set`. Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Subnormal, Underflow
from typing import Any

from holdfast.errors import InvalidArgumentError

WireValue = dict[str, Any]
WireItem = dict[str, WireValue]

_EXACT = Context(prec=38, Emin=-130, Emax=125, traps=[Clamped, Inexact, Overflow, Rounded, Subnormal, Underflow])
_INT_LIMIT = 10**38


def number_text(value: int | Decimal) -> str:
    """A number as DynamoDB takes it.

    Raises:
        InvalidArgumentError: more than 38 significant digits, out of range, or not a finite number.
    """
    if type(value) is int and -_INT_LIMIT < value < _INT_LIMIT:
        return int.__repr__(value)
    number = Decimal(value)
    if not number.is_finite():
        raise InvalidArgumentError(f"{number} is not a number that DynamoDB can hold; leave it out or write None")
    try:
        return str(_EXACT.create_decimal(number))
    except (Clamped, Inexact, Overflow, Rounded, Subnormal, Underflow):
        raise InvalidArgumentError(
            "a number has more than 38 significant digits or is out of range (1E-130 to 9.99E+125); "
            "round it, or store it as a string"
        ) from None


def _encode_int(value: int) -> WireValue:
    if -_INT_LIMIT < value < _INT_LIMIT:
        return {"N": str(value)}
    return {"N": number_text(value)}


def _encode_list(values: Iterable[Any]) -> WireValue:
    encoders = _ENCODERS
    return {"L": [(encoders.get(type(value)) or _encode_other)(value) for value in values]}


def _encode_map(values: Mapping[str, Any]) -> WireValue:
    return {"M": encode_item(values)}


def _encode_set(values: AbstractSet[Any]) -> WireValue:
    if not values:
        raise InvalidArgumentError("DynamoDB has no empty sets; leave the attribute out, or write a list")
    if all(isinstance(value, str) for value in values):
        return {"SS": [str(value) for value in values]}
    if all(isinstance(value, int | Decimal) and not isinstance(value, bool) for value in values):
        return {"NS": [number_text(value) for value in values]}
    if all(isinstance(value, bytes | bytearray | memoryview) for value in values):
        return {"BS": [bytes(value) for value in values]}
    kinds = ", ".join(sorted({type(value).__name__ for value in values}))
    raise InvalidArgumentError(
        f"a set holds strings, or numbers, or binary values, not a mixture; this one holds {kinds}"
    )


def _encode_float(_value: float) -> WireValue:
    raise InvalidArgumentError("a float is not exact; write Decimal(str(value)), or an int")


_ENCODERS: dict[type, Callable[[Any], WireValue]] = {
    str: lambda value: {"S": value},
    int: _encode_int,
    bool: lambda value: {"BOOL": value},
    type(None): lambda _: {"NULL": True},
    Decimal: lambda value: {"N": number_text(value)},
    float: _encode_float,
    bytes: lambda value: {"B": value},
    bytearray: lambda value: {"B": bytes(value)},
    memoryview: lambda value: {"B": bytes(value)},
    list: _encode_list,
    tuple: _encode_list,
    dict: _encode_map,
    set: _encode_set,
    frozenset: _encode_set,
}


def _encode_other(value: Any) -> WireValue:
    """A subclass of a known type (an `IntEnum`, a `defaultdict`), or a fault."""
    for kind in (str, bool, int, float, Decimal, bytes, bytearray, list, tuple):
        if isinstance(value, kind):
            # A plain value of the base type: an Enum's repr must not become the stored text.

            plain: Any = kind  # its constructor takes an instance of its own subclass
            return _ENCODERS[kind](kind.__str__(value) if kind is str else plain(value))
    if isinstance(value, Mapping):
        return _encode_map(value)
    if isinstance(value, AbstractSet):
        return _encode_set(value)
    raise InvalidArgumentError(
        f"DynamoDB has no type for {type(value).__module__}.{type(value).__qualname__}; convert it to a "
        "string, a number, binary, a list, a map or a set, or use a typed model"
    )


def encode(value: Any) -> WireValue:
    """One value in DynamoDB's form.

    Raises:
        InvalidArgumentError: no type of DynamoDB fits it.
    """
    return (_ENCODERS.get(type(value)) or _encode_other)(value)


def encode_item(item: Mapping[str, Any]) -> WireItem:
    """An item (or key, or map) in DynamoDB's form.

    Raises:
        InvalidArgumentError: an attribute's value has no type of DynamoDB; the message names the attribute.
    """
    encoders = _ENCODERS
    try:
        return {name: (encoders.get(type(value)) or _encode_other)(value) for name, value in item.items()}
    except InvalidArgumentError:
        raise _located(item) from None


def _located(item: Mapping[str, Any]) -> InvalidArgumentError:
    """The fault of an item again, with the name of the attribute in front."""
    for name, value in item.items():
        try:
            encode(value)
        except InvalidArgumentError as error:
            return InvalidArgumentError(f"{name}: {error.message}")
    return InvalidArgumentError("the item changed while it was encoded")


def _decode_list(values: list[WireValue]) -> list[Any]:
    return [decode_item(value["M"]) if "M" in value else decode(value) for value in values]


def revive(value: WireValue) -> WireValue:
    """A value of an answer (binary as base64 text) as a request holds it (binary as bytes)."""
    ((tag, content),) = value.items()
    if tag == "B":
        return {"B": b64decode(content)}
    if tag == "BS":
        return {"BS": [b64decode(part) for part in content]}
    if tag == "M":
        return {"M": {name: revive(part) for name, part in content.items()}}
    if tag == "L":
        return {"L": [revive(part) for part in content]}
    return value


def decode_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item (or key, or map) in Python values."""
    decoders = _DECODERS
    result = {}
    for name, wire in item.items():
        if "S" in wire:
            result[name] = wire["S"]
        elif "N" in wire:
            result[name] = Decimal(wire["N"])
        else:
            for tag in wire:  # the one
                result[name] = decoders[tag](wire[tag])
    return result


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "N": Decimal,
    "BOOL": bool,
    "NULL": lambda _: None,
    "B": b64decode,
    "M": decode_item,
    "L": _decode_list,
    "SS": set,
    "NS": lambda values: set(map(Decimal, values)),
    "BS": lambda values: set(map(b64decode, values)),
}


def decode(value: WireValue) -> Any:
    """One value of DynamoDB's form (binary as base64 text) in Python's."""
    ((tag, content),) = value.items()
    return _DECODERS[tag](content)
