"""The shape of a model's items on the wire, as msgspec structs: four times as fast as a dictionary for each value.

What does not fit the model's shape is read the general way instead, and judged there.
"""

from __future__ import annotations

import enum
import functools
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from datetime import time as clock_time
from typing import Any
from uuid import UUID

import msgspec

from holdfast.models.fields import Epoch, Field, is_model
from holdfast.models.generate import NATIVE, optional, plain, set_tag

StructOf = Callable[[type[Any]], Any]
"""The struct of a nested model; None where it is not known yet (models that refer to each other)."""

_TAGS = {str: "S", float: "N", bytes: "B", date: "S", clock_time: "S", UUID: "S"}


@functools.cache
def _holder(tag: str, content: Any, allowed: bool) -> Any:  # noqa: FBT001 - a cache's key
    """A struct for `{tag: content}`, or also `{"NULL": true}`."""
    members: list[Any] = [(tag, content | None, None), ("NULL", bool, False)] if allowed else [(tag, content)]
    return msgspec.defstruct(f"Wire{tag}", members, gc=False)


def wire_type(hint: Any, struct_of: StructOf) -> Any:
    """What a value of that hint is on the wire: a struct, or `dict` where the hint says too little."""
    hint, allowed = optional(hint)
    bare, extra = plain(hint)
    if bare is bool:
        return _holder("BOOL", bool, allowed)
    if bare is datetime:
        epoch = any(isinstance(one, Epoch) or one is Epoch for one in extra)
        return _holder("N" if epoch else "S", str, allowed)
    if bare in NATIVE:
        return _holder("N", bare, allowed)
    if isinstance(bare, type) and bare in _TAGS:
        return _holder(_TAGS[bare], str, allowed)
    if typing.get_origin(bare) is typing.Literal:
        text = all(isinstance(value, str) for value in typing.get_args(bare))
        return _holder("S", str, allowed) if text else dict
    if isinstance(bare, type) and issubclass(bare, enum.Enum):
        text = all(isinstance(member.value, str) for member in bare)
        return _holder("S", str, allowed) if text else dict
    if is_model(bare):
        struct = struct_of(bare)
        return dict if struct is None else _holder("M", struct, allowed)
    return _container_type(bare, struct_of, allowed=allowed)


def _container_type(bare: Any, struct_of: StructOf, *, allowed: bool) -> Any:
    origin, arguments = typing.get_origin(bare) or bare, typing.get_args(bare)
    tag = set_tag(bare)
    if tag is not None:
        element: Any = plain((*arguments, str)[0])[0]
        return _holder(tag, origin[element] if element in (str, *NATIVE) else list[str], allowed)
    if origin is list or (origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis):
        inner: Any = wire_type(arguments[0], struct_of) if arguments else dict
        return _holder("L", list[inner], allowed)
    if origin in (dict, Mapping):
        value: Any = wire_type(arguments[1], struct_of) if len(arguments) == 2 else dict
        return _holder("M", dict[str, value], allowed)
    return dict


def item_struct(name: str, fields: list[Field], struct_of: StructOf) -> Any:
    """The struct of an item: members `f0`, `f1`, …, absent ones None where the model allows it."""
    members: list[Any] = []
    for number, field in enumerate(fields):
        kind = wire_type(field.hint, struct_of)
        required = field.default is None and not optional(field.hint)[1] and set_tag(field.hint) is None
        members.append((f"f{number}", kind) if required else (f"f{number}", kind | None, None))
    renamed = {f"f{number}": field.attribute for number, field in enumerate(fields)}
    return msgspec.defstruct(f"Wire{name}", members, rename=renamed, kw_only=True, gc=False)


def reply_decoders(struct: Any) -> tuple[msgspec.json.Decoder[Any], msgspec.json.Decoder[Any]]:
    """Decoders of the answers that hold one item, and many."""
    one = msgspec.defstruct("WireGet", [("Item", struct | None, None)])
    many = msgspec.defstruct(
        "WirePage",
        [
            ("Items", list[struct], msgspec.field(default_factory=list)),
            ("Count", int, 0),
            ("ScannedCount", int, 0),
            ("LastEvaluatedKey", dict | None, None),
            ("ConsumedCapacity", dict | None, None),
        ],
    )
    # Not strict: the service writes numbers as text, and a struct holds them as numbers.
    return msgspec.json.Decoder(one, strict=False), msgspec.json.Decoder(many, strict=False)
