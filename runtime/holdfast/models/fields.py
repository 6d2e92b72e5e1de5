"""What a model's class says of its attributes, whatever library made it."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from holdfast.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class AttributeName:
    """`Annotated[str, AttributeName("orderId")]`: the attribute's name in the table, where it is not the field's."""

    name: str


@dataclass(frozen=True, slots=True)
class Epoch:
    """`Annotated[datetime, Epoch()]`: stored as whole seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a model."""

    name: str
    """The Python attribute."""
    argument: str
    """The constructor's parameter."""
    attribute: str
    """The attribute in the table."""
    hint: Any
    default: Callable[[], Any] | None
    """Makes the value where the item has none; None where it is required."""
    positional: bool = False
    """Whether the constructor takes it by position, which is a third faster than by name."""


def is_model(candidate: Any) -> bool:
    """Whether a type is a class that this package can read."""
    if not isinstance(candidate, type):
        return False
    return dataclasses.is_dataclass(candidate) or is_pydantic(candidate) or hasattr(candidate, "__attrs_attrs__")


def is_pydantic(candidate: Any) -> bool:
    """Whether a class is a pydantic model (told without importing pydantic)."""
    return hasattr(candidate, "__pydantic_validator__") and hasattr(candidate, "model_fields")


def fields_of(model: type[Any]) -> list[Field]:
    """The attributes of a model.

    Raises:
        ConfigurationError: it is no dataclass, pydantic or attrs class, or its annotations cannot be resolved.
    """
    if not is_model(model):
        raise ConfigurationError(f"{model!r} is no dataclass, pydantic or attrs class; write one of them as the model")
    try:
        hints = typing.get_type_hints(model, include_extras=True)
    except NameError as error:
        raise ConfigurationError(
            f"{model.__qualname__}: an annotation cannot be resolved ({error}); define its type at module level"
        ) from None
    if is_pydantic(model):
        return [_pydantic_field(name, info, hints[name]) for name, info in model.model_fields.items()]
    if hasattr(model, "__attrs_attrs__"):
        return _placed(
            model, [_attrs_field(one, hints.get(one.name, Any)) for one in model.__attrs_attrs__ if one.init]
        )
    return _placed(model, [_dataclass_field(one, hints[one.name]) for one in dataclasses.fields(model) if one.init])


def _placed(model: type[Any], fields: list[Field]) -> list[Field]:
    """The fields; all by name where the class has a constructor of its own with another order."""
    places = [
        parameter.name
        for parameter in inspect.signature(model).parameters.values()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    if [field.argument for field in fields if field.positional] == places:
        return fields
    return [dataclasses.replace(field, positional=False) for field in fields]


def assigns(model: type[Any]) -> bool:
    """Whether making an object is setting its fields and nothing else: a dataclass whose constructor is generated."""
    if not dataclasses.is_dataclass(model) or hasattr(model, "__post_init__"):
        return False
    if model.__new__ is not object.__new__ or model.__setattr__ is not object.__setattr__ or type(model) is not type:
        return False
    parts: list[Any] = []
    for one in dataclasses.fields(model):
        if not one.init:
            return False
        parts.append((one.name, Any, dataclasses.field(default=one.default, kw_only=one.kw_only)))
        if one.default_factory is not dataclasses.MISSING:
            parts[-1][2].default_factory = one.default_factory
    # A constructor that somebody wrote differs from the one that the fields give.
    twin: Any = dataclasses.make_dataclass("Twin", parts)
    generated, found = twin.__init__.__code__, getattr(model.__init__, "__code__", None)
    return found is not None and (generated.co_code, generated.co_names) == (found.co_code, found.co_names)


def _named(hint: Any, otherwise: str) -> str:
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, AttributeName):
            return extra.name
    return otherwise


def _dataclass_field(one: dataclasses.Field[Any], hint: Any) -> Field:
    default: Callable[[], Any] | None = None
    if one.default is not dataclasses.MISSING:
        value = one.default
        default = lambda: value  # noqa: E731 - binds this field's value
    elif one.default_factory is not dataclasses.MISSING:
        default = one.default_factory
    return Field(one.name, one.name, _named(hint, one.name), hint, default, not one.kw_only)


def _attrs_field(one: Any, hint: Any) -> Field:
    default: Callable[[], Any] | None = None
    given = one.default
    if given is not None and hasattr(given, "factory") and hasattr(given, "takes_self"):
        if given.takes_self:
            raise ConfigurationError(f"{one.name}: a default that takes self cannot be used here; use a plain factory")
        default = given.factory
    elif repr(given) != "NOTHING":
        default = lambda: given  # noqa: E731 - binds this field's value
    return Field(one.name, one.alias or one.name, _named(hint, one.name), hint, default, not one.kw_only)


def _pydantic_field(name: str, info: Any, hint: Any) -> Field:
    alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
    attribute = info.serialization_alias or alias or name
    default = None if info.is_required() else lambda: info.get_default(call_default_factory=True)
    return Field(name, alias or name, _named(hint, attribute), hint, default)
