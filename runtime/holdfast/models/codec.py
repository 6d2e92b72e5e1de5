"""The codec of a model: generated functions around its class."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from holdfast.errors import HoldfastError, InvalidArgumentError
from holdfast.models.fields import Field, fields_of, is_pydantic
from holdfast.models.generate import Namespace, decoding, encoding, optional, set_tag
from holdfast.values import WireItem, encode

T = TypeVar("T")
_FAULTS = (KeyError, TypeError, ValueError, InvalidOperation, AttributeError)


class ModelError(HoldfastError):
    """An item of the table does not fit the model; the message names the attribute, and not its value."""


def model_codec(model: type[T], *, drop_none: bool = False) -> ModelCodec[T]:
    """The codec of a model, generated when it is first asked for.

    Raises:
        ConfigurationError: the class is no model, or its annotations cannot be resolved.
    """
    codec = _codecs.get((model, drop_none))
    if codec is None:
        with _generating:
            codec = _codecs.get((model, drop_none)) or ModelCodec(model, drop_none=drop_none)
    return codec


_codecs: dict[tuple[type[Any], bool], ModelCodec[Any]] = {}
_generating = threading.RLock()


class ModelCodec(Generic[T]):
    """Encodes and decodes the items of one class."""

    def __init__(self, model: type[T], *, drop_none: bool) -> None:
        self.model = model
        self.drop_none = drop_none
        self.fields = fields_of(model)
        _codecs[model, drop_none] = self  # before it is ready: models may refer to each other
        try:
            self._generate()
        except BaseException:
            del _codecs[model, drop_none]
            raise

    def _generate(self) -> None:
        model, drop_none = self.model, self.drop_none
        self._validated = is_pydantic(model)
        space = Namespace(self._nested, nested_as_dict=self._validated)
        self.decode_fields = self._compile(space, "decode_fields", _decoder_as_dict(self.fields, space))
        """The fields as a dictionary by the constructor's parameters."""
        self._construct = self._constructor(space)
        self._encode = self._compile(space, "encode", _encoder(self.fields, space, drop_none=drop_none))
        self._key_encoders: dict[str, Callable[[Any], Any]] = {}

    def decode(self, item: WireItem) -> T:
        """An item of DynamoDB's form as an object.

        Raises:
            ModelError: an attribute is missing or of another type, or the class refuses it.
        """
        try:
            return self._construct(item)
        except _FAULTS as error:
            return self._decode_slowly(item, error)

    def encode(self, item: T) -> WireItem:
        """An object in DynamoDB's form.

        Raises:
            InvalidArgumentError: it is of another class, or an attribute's value has no type of DynamoDB.
        """
        if not isinstance(item, self.model):
            raise InvalidArgumentError(
                f"the table's items are {self.model.__qualname__}; got {type(item).__qualname__}"
            )
        try:
            encoded: WireItem = self._encode(item)
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidArgumentError(f"{self.model.__qualname__} cannot be encoded: {error}") from None
        return encoded

    def encode_key(self, key: Mapping[str, Any]) -> WireItem:
        """Some attributes in DynamoDB's form, each as its field has it."""
        return {name: self._key_encoder(name)(value) for name, value in key.items()}

    def _nested(self, model: type[Any]) -> ModelCodec[Any]:
        return self if model is self.model else model_codec(model, drop_none=self.drop_none)

    def _compile(self, space: Namespace, name: str, source: str) -> Callable[[Any], Any]:
        names: dict[str, Any] = dict(space.globals)
        exec(source, names)  # noqa: S102 - the source is made of field names, which are identifiers, and constants
        made: Callable[[Any], Any] = names[name]
        return made

    def _constructor(self, space: Namespace) -> Callable[[WireItem], T]:
        if self._validated:
            validate = self.model.__pydantic_validator__.validate_python  # type: ignore[attr-defined]
            read = self.decode_fields
            return lambda item: validate(read(item))
        keywords = not dataclasses.is_dataclass(self.model)
        source = _decoder_as_object(self.fields, space, space.add(self.model), keywords=keywords)
        return self._compile(space, "construct", source)

    def _key_encoder(self, name: str) -> Callable[[Any], Any]:
        encoder = self._key_encoders.get(name)
        if encoder is None:
            hint = next((field.hint for field in self.fields if field.attribute == name), None)
            if hint is None:
                encoder = encode
            else:
                space = Namespace(self._nested, nested_as_dict=False)
                body = encoding(hint, "value", space)
                encoder = self._compile(space, "encode_one", f"def encode_one(value):\n    return {body}\n")
            self._key_encoders[name] = encoder
        return encoder

    def _decode_slowly(self, item: WireItem, cause: Exception) -> T:
        """Numbers in another spelling are put right; else the fault gets the attribute's name."""
        if any(_unusual(wire) for wire in item.values()):
            straightened = {name: _straighten(wire) for name, wire in item.items()}
            if straightened != item:
                return self.decode(straightened)
        for field in self.fields:
            wire = item.get(field.attribute)
            if wire is None:
                if field.default is None and not optional(field.hint)[1] and set_tag(field.hint) is None:
                    raise ModelError(f"{self.model.__qualname__}: the item has no {field.attribute}") from None
                continue
            space = Namespace(self._nested, nested_as_dict=self._validated)
            body = decoding(field.hint, "wire", space)
            try:
                self._compile(space, "one", f"def one(wire):\n    return {body}\n")(wire)
            except _FAULTS:
                found = ", ".join(wire) if isinstance(wire, Mapping) else type(wire).__name__
                raise ModelError(
                    f"{self.model.__qualname__}: the item's {field.attribute} is of type {found}, "
                    f"which does not fit {field.hint!r}"
                ) from None
        raise ModelError(f"{self.model.__qualname__} refuses the item: {type(cause).__name__}") from cause


def _unusual(wire: Mapping[str, Any]) -> bool:
    return not {"S", "BOOL", "NULL", "B", "SS", "BS"} & wire.keys()


def _straighten(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Whole numbers as plain digits: `1E+2` and `100.0` are 100."""
    ((tag, content),) = wire.items()
    if tag == "N":
        return {"N": _whole(content)}
    if tag == "NS":
        return {"NS": [_whole(part) for part in content]}
    if tag == "M":
        return {"M": {name: _straighten(part) for name, part in content.items()}}
    if tag == "L":
        return {"L": [_straighten(part) for part in content]}
    return {tag: content}


def _whole(text: str) -> str:
    number = Decimal(text)
    return str(int(number)) if number == number.to_integral_value() else text


def _value(field: Field, space: Namespace) -> str:
    """The expression for a field of the item `w`."""
    _, allowed = optional(field.hint)
    is_set = set_tag(field.hint) is not None
    if field.default is None and not allowed and not is_set:
        wire = space.variable()
        text = decoding(field.hint, wire, space)
        simple = f"w[{field.attribute!r}]" if text.count(wire) == 1 else ""
        if simple:
            return text.replace(wire, simple)
        return f"({text} if ({wire} := w[{field.attribute!r}]) is not None else None)"
    wire = space.variable()
    absent = f"{space.add(field.default)}()" if field.default is not None else "None" if allowed else "set()"
    return f"({absent} if ({wire} := g({field.attribute!r})) is None else {decoding(field.hint, wire, space)})"


def _decoder_as_dict(fields: list[Field], space: Namespace) -> str:
    pairs = ", ".join(f"{field.argument!r}: {_value(field, space)}" for field in fields)
    return f"def decode_fields(w):\n    g = w.get\n    return {{{pairs}}}\n"


def _decoder_as_object(fields: list[Field], space: Namespace, model: str, *, keywords: bool) -> str:
    del keywords  # a keyword costs nothing measurable over a position, and is right for every class
    arguments = ", ".join(f"{field.argument}={_value(field, space)}" for field in fields)
    return f"def construct(w):\n    g = w.get\n    return {model}({arguments})\n"


def _encoder(fields: list[Field], space: Namespace, *, drop_none: bool) -> str:
    lines = ["def encode(o):", "    w = {}"]
    for field in fields:
        hint, allowed = optional(field.hint)
        value = space.variable()
        text = encoding(hint, value, space)
        lines.append(f"    {value} = o.{field.name}")
        target = f"w[{field.attribute!r}]"
        if set_tag(hint) is not None:  # an empty set cannot be stored: no attribute says the same
            lines += [f"    if {value}:", f"        {target} = {text}"]
            if allowed and not drop_none:
                lines += [f"    elif {value} is None:", f'        {target} = {{"NULL": True}}']
        elif allowed and drop_none:
            lines += [f"    if {value} is not None:", f"        {target} = {text}"]
        elif allowed:
            lines.append(f'    {target} = {{"NULL": True}} if {value} is None else {text}')
        else:
            lines.append(f"    {target} = {text}")
    return "\n".join([*lines, "    return w", ""])
