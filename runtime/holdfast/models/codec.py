"""The codec of a model: generated functions around its class."""

from __future__ import annotations

import re
import threading
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

import msgspec

from holdfast._attempt import Reply
from holdfast.errors import HoldfastError, InvalidArgumentError
from holdfast.models.fields import Field, assigns, fields_of, is_model, is_pydantic
from holdfast.models.generate import Namespace, decoding, encoding, optional, set_tag
from holdfast.models.structs import item_struct, reply_decoders, wire_type
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
        self._generate_structs()

    def _generate_structs(self) -> None:
        """What reads whole answers. An attribute's name that a struct cannot have leaves the general way alone."""
        self._structs: dict[type[Any], Any] = {}
        self.struct: Any = None
        try:
            struct = item_struct(self.model.__name__, self.fields, self._struct_of)
        except ValueError:
            return
        self._one, self._many = reply_decoders(struct)
        structs = Namespace(
            self._nested, nested_as_dict=self._validated, raw=lambda hint: wire_type(hint, self._struct_of) is dict
        )
        source = _decoder_as_dict(self.fields, structs, structs=True)
        self._struct_fields = self._compile(structs, "decode_fields", source)
        self._from_struct = self._constructor(structs, structs=True)
        self.struct = struct

    def read_item(self, reply: Reply) -> T | None:
        """The item of a GetItem's answer."""
        if self.struct is not None:
            try:
                item = self._one.decode(reply.body).Item
                return None if item is None else self._from_struct(item)
            except (msgspec.MsgspecError, *_FAULTS):
                pass  # the general way knows more spellings, and names what is wrong
        found = reply.document.get("Item")
        return None if found is None else self.decode(found)

    def read_page(self, reply: Reply) -> Any:
        """A page's answer with `Items` as objects, `Count`, `ScannedCount`, `LastEvaluatedKey`, `ConsumedCapacity`.

        None where it does not fit the model's shape.
        """
        if self.struct is None:
            return None
        try:
            page = self._many.decode(reply.body)
            make = self._from_struct
            page.Items = [make(item) for item in page.Items]
        except (msgspec.MsgspecError, *_FAULTS):
            return None
        return page

    def nested_decoder(self, *, as_dict: bool, raw: bool) -> Callable[[Any], Any]:
        """What decodes this model within another one."""
        by_struct = "_struct_fields" if as_dict else "_from_struct"
        name = by_struct if not raw else "decode_fields" if as_dict else "decode"
        made: Callable[[Any], Any] | None = getattr(self, name, None)
        if made is not None:
            return made

        def later(item: Any) -> Any:  # models that refer to each other: not made yet
            return getattr(self, name)(item)

        return later

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

    def _struct_of(self, model: type[Any]) -> Any:
        # The first answer holds: within a model that holds itself, its own struct is not known.
        if model not in self._structs:
            self._structs[model] = getattr(self._nested(model), "struct", None)
        return self._structs[model]

    def _compile(self, space: Namespace, name: str, source: str) -> Callable[[Any], Any]:
        names: dict[str, Any] = dict(space.globals)
        exec(source, names)  # noqa: S102 - the source is made of field names, which are identifiers, and constants
        made: Callable[[Any], Any] = names[name]
        return made

    def _constructor(self, space: Namespace, *, structs: bool = False) -> Callable[[Any], T]:
        if self._validated:
            validate = self.model.__pydantic_validator__.validate_python  # type: ignore[attr-defined]
            read = self._struct_fields if structs else self.decode_fields
            return lambda item: validate(read(item))
        return self._compile(space, "construct", _decoder_as_object(self.model, self.fields, space, structs=structs))

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


def _value(field: Field, number: int, space: Namespace, *, structs: bool, item: str = "w") -> str:
    """The expression for a field of the item."""
    _, allowed = optional(field.hint)
    wire = space.variable()
    text = decoding(field.hint, wire, space)
    found = f"{item}.f{number}" if structs else f"w[{field.attribute!r}]"
    if field.default is None and not allowed and set_tag(field.hint) is None:
        if len(re.findall(rf"\b{wire}\b", text)) == 1:
            return re.sub(rf"\b{wire}\b", lambda _: found, text)
        return f"({text} if ({wire} := {found}) is not None else None)"
    absent = f"{space.add(field.default)}()" if field.default is not None else "None" if allowed else "set()"
    found = found if structs else f"g({field.attribute!r})"
    return f"({absent} if ({wire} := {found}) is None else {text})"


def _head(name: str, *, structs: bool) -> str:
    return f"def {name}(w):\n" + ("" if structs else "    g = w.get\n")


def _decoder_as_dict(fields: list[Field], space: Namespace, *, structs: bool = False) -> str:
    pairs = (
        f"{field.argument!r}: {_value(field, number, space, structs=structs)}" for number, field in enumerate(fields)
    )
    return _head("decode_fields", structs=structs) + f"    return {{{', '.join(pairs)}}}\n"


def _decoder_as_object(model: type[Any], fields: list[Field], space: Namespace, *, structs: bool) -> str:
    if assigns(model):
        made = _making("o", "w", model, fields, space, structs=structs, nested=structs)
        return _head("construct", structs=structs) + "\n".join(f"    {line}" for line in [*made, "return o\n"])
    numbered = [(_value(field, number, space, structs=structs), field) for number, field in enumerate(fields)]
    # Python evaluates and passes them in this order: by position first.
    arguments = [text for text, field in numbered if field.positional]
    arguments += [f"{field.argument}={text}" for text, field in numbered if not field.positional]
    return _head("construct", structs=structs) + f"    return {space.add(model)}({', '.join(arguments)})\n"


def _making(
    made: str, item: str, model: type[Any], fields: list[Field], space: Namespace, *, structs: bool, nested: bool
) -> list[str]:
    """Lines that make the object `made` of `item`, and models in it in line: a call is dear."""
    lines = [f"{made} = {space.add(object.__new__)}({space.add(model)})"]
    for number, field in enumerate(fields):
        found = f"{item}.f{number}"
        listed = typing.get_origin(field.hint) is list
        hint = (*typing.get_args(field.hint), None)[0] if listed else field.hint
        if not (nested and field.default is None and is_model(hint) and not space.raw(hint) and assigns(hint)):
            lines.append(f"{made}.{field.name} = {_value(field, number, space, structs=structs, item=item)}")
            continue
        value, part, place, parts = (space.variable() for _ in range(4))
        inner = _making(value, part, hint, space.codec(hint).fields, space, structs=True, nested=False)
        if listed:  # in place of the structs
            inner = [f"    {line}" for line in (f"{part} = {part}.M", *inner, f"{parts}[{place}] = {value}")]
            lines += [f"{parts} = {found}.L", f"for {place}, {part} in enumerate({parts}):"]
            value = parts
        else:
            lines.append(f"{part} = {found}.M")
        lines += [*inner, f"{made}.{field.name} = {value}"]
    return lines


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
