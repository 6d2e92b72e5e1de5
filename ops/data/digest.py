"""Digests of items: equal where two regions hold the same item, whatever the order of attributes or of a set."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REPLICATION_ATTRIBUTES = ("aws:rep:deleting", "aws:rep:updatetime", "aws:rep:updateregion")
"""Attributes that the old version of global tables (2017.11.29) put into items; they differ by nature."""

AttributeValue = dict[str, Any]
Item = dict[str, AttributeValue]


def canonical(value: AttributeValue) -> Any:
    """An attribute value in DynamoDB's form as data that is equal where the value is equal."""
    ((kind, content),) = value.items()
    if kind == "N":
        return ["N", _number(content)]
    if kind in ("SS", "BS"):
        return [kind, sorted(_text(entry) for entry in content)]
    if kind == "NS":
        return [kind, sorted(_number(entry) for entry in content)]
    if kind == "L":
        return ["L", [canonical(entry) for entry in content]]
    if kind == "M":
        return ["M", {name: canonical(entry) for name, entry in content.items()}]
    return [kind, _text(content) if kind == "B" else content]


def _number(text: str) -> str:
    number = Decimal(text).normalize()
    return f"{number:f}" if number else "0"


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes | bytearray) else str(value)


def item_digest(item: Mapping[str, AttributeValue]) -> bytes:
    """Sixteen bytes that stand for the item."""
    content = {name: canonical(value) for name, value in item.items() if name not in REPLICATION_ATTRIBUTES}
    return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def key_text(item: Mapping[str, AttributeValue], names: Sequence[str]) -> str:
    """The key of an item as text, for reports and for looking it up in another region."""
    return orjson.dumps([canonical(item[name]) for name in names]).decode()
