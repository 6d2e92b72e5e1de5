"""How a table's items become values of Python and back: plain dictionaries, or a typed model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from holdfast.values import WireItem, decode_item, encode_item

T = TypeVar("T")


class ItemCodec(Protocol[T]):
    """One kind of item."""

    def encode(self, item: T) -> WireItem:
        """An item in DynamoDB's form."""
        ...

    def encode_key(self, key: Mapping[str, Any]) -> WireItem:
        """A key (or some attributes) in DynamoDB's form."""
        ...

    def decode(self, item: WireItem) -> T:
        """An item of DynamoDB's form."""
        ...


class PlainCodec:
    """Items are dictionaries."""

    encode = staticmethod(encode_item)
    encode_key = staticmethod(encode_item)
    decode = staticmethod(decode_item)


class DroppingCodec:
    """Items are dictionaries; attributes that are None are left out, in maps within them too. Empty strings stay."""

    encode_key = staticmethod(encode_item)
    decode = staticmethod(decode_item)

    def encode(self, item: Mapping[str, Any]) -> WireItem:
        """An item in DynamoDB's form."""
        return encode_item(_without_none(item))


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_none(part) for name, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_without_none(part) for part in value]  # positions in a list mean something: None stays
    return value


def codec_for(model: type[Any] | None, *, drop_none: bool) -> ItemCodec[Any]:
    """The codec of a table that was asked for."""
    if model is not None:
        from holdfast.models import model_codec  # noqa: PLC0415 - who has no model does not load its tools

        codec: ItemCodec[Any] = model_codec(model, drop_none=drop_none)
        return codec
    return DroppingCodec() if drop_none else PlainCodec()
