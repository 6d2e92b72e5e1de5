"""The type of a property, read from the annotations of an SDK's input classes."""

from __future__ import annotations

import collections.abc
import enum
import functools
import inspect
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pulumi import _types as pulumi_types

Kind = Literal["any", "string", "integer", "number", "boolean", "list", "map", "object", "asset", "union"]

_SCALARS: dict[object, Kind] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ASSETS = frozenset({"Asset", "Archive", "FileAsset", "FileArchive", "StringAsset", "AssetArchive"})


@dataclass(frozen=True)
class Shape:
    """What a property may hold.

    `item` is the element of a list or map, `fields` and `required` (both by their names on the wire) belong to an
    object, `options` to a union.
    """

    kind: Kind
    item: Shape | None = None
    fields: Mapping[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    options: tuple[Shape, ...] = ()


ANY = Shape("any")


def of(annotation: Any) -> Shape:
    """The shape that an annotation of an SDK's input class describes; what it does not say is `any`."""
    members = _members(annotation)
    if len(members) != 1:
        shapes: tuple[Shape, ...] = ()
        for shape in map(_single, members):
            shapes += () if shape in shapes else (shape,)
        if not shapes or any(shape.kind == "any" for shape in shapes):
            return ANY
        return shapes[0] if len(shapes) == 1 else Shape("union", options=shapes)
    return _single(members[0])


def _members(annotation: Any) -> list[Any]:
    """The alternatives of an annotation without the plumbing: Optional, Awaitable and Output are taken off."""
    if typing.get_origin(annotation) in {typing.Union, getattr(typing, "UnionType", typing.Union)}:
        found: list[Any] = []
        for argument in typing.get_args(annotation):
            found.extend(_members(argument))
        return list(dict.fromkeys(found))
    origin = typing.get_origin(annotation) or annotation
    if annotation is type(None) or origin is collections.abc.Awaitable or _named(origin, "Output"):
        return []
    return [annotation]


def _named(value: object, name: str) -> bool:
    return getattr(value, "__name__", "") == name and getattr(value, "__module__", "").startswith("pulumi")


def _single(annotation: Any) -> Shape:
    if annotation in _SCALARS:
        return Shape(_SCALARS[annotation])
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in {collections.abc.Sequence, list}:
        return Shape("list", item=of(arguments[0]) if arguments else ANY)
    if origin in {collections.abc.Mapping, dict}:
        return Shape("map", item=of(arguments[1]) if len(arguments) > 1 else ANY)
    if not inspect.isclass(annotation):
        return ANY
    if issubclass(annotation, enum.Enum):
        return _enumeration(annotation)
    if annotation.__name__ in _ASSETS:
        return Shape("asset")
    if pulumi_types.is_input_type(annotation):
        return _LazyObject(annotation)
    return ANY


def _enumeration(cls: type[enum.Enum]) -> Shape:
    # The SDK's enumerations lag behind the services; only the value's type binds, as in the real provider's schema.
    first = next(iter(cls), None)
    return Shape(_SCALARS.get(type(first.value), "any")) if first is not None else ANY


class _LazyObject(Shape):
    """An object shape whose fields are read when first looked at: some of the SDK's types contain themselves."""

    def __init__(self, cls: type) -> None:
        object.__setattr__(self, "kind", "object")
        object.__setattr__(self, "item", None)
        object.__setattr__(self, "options", ())
        object.__setattr__(self, "_cls", cls)

    def __getattribute__(self, name: str) -> Any:
        if name == "fields":
            return _fields(object.__getattribute__(self, "_cls"))
        if name == "required":
            return _required(object.__getattribute__(self, "_cls"))
        return object.__getattribute__(self, name)

    def __eq__(self, other: object) -> bool:
        mine = object.__getattribute__(self, "_cls")
        return isinstance(other, _LazyObject) and object.__getattribute__(other, "_cls") is mine

    def __hash__(self) -> int:
        return hash(object.__getattribute__(self, "_cls"))


@functools.cache
def _fields(cls: type) -> Mapping[str, Shape]:
    return input_fields(cls)


@functools.cache
def _required(cls: type) -> frozenset[str]:
    return required_fields(cls)


def input_fields(cls: type) -> dict[str, Shape]:
    """The properties of an input class by their names on the wire."""
    return {name: of(annotation) for name, annotation in pulumi_types.input_type_types(cls).items()}


def required_fields(cls: type) -> frozenset[str]:
    """The wire names of the arguments that an input class's constructor insists on."""
    names = pulumi_types.input_type_py_to_pulumi_names(cls)
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]  # the SDK's own class
    return frozenset(
        names.get(parameter.name, parameter.name)
        for parameter in parameters
        if parameter.default is inspect.Parameter.empty
    )
