"""Attribute values between DAX's CBOR (bytes, decimals) and DynamoDB's JSON (base64, text)."""

from __future__ import annotations

import base64
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]


def to_json(value: Value) -> Value:
    """A value of the DAX package's decoder as DynamoDB's JSON has it."""
    tag, content = next(iter(value.items()))
    if tag == "B":
        return {"B": base64.b64encode(bytes(content)).decode()}
    if tag == "BS":
        return {"BS": [base64.b64encode(bytes(entry)).decode() for entry in content]}
    if tag == "N":
        return {"N": str(content)}
    if tag == "L":
        return {"L": [to_json(entry) for entry in content]}
    if tag == "M":
        return {"M": {name: to_json(entry) for name, entry in content.items()}}
    return value


def from_json(value: Value) -> Value:
    """A value of DynamoDB's JSON as the DAX package's encoder takes it."""
    tag, content = next(iter(value.items()))
    if tag == "B":
        return {"B": base64.b64decode(content)}
    if tag == "BS":
        return {"BS": [base64.b64decode(entry) for entry in content]}
    if tag == "L":
        return {"L": [from_json(entry) for entry in content]}
    if tag == "M":
        return {"M": {name: from_json(entry) for name, entry in content.items()}}
    return value


def item_to_json(item: Item) -> Item:
    """`to_json` of every attribute."""
    return {name: to_json(value) for name, value in item.items()}


def item_from_json(item: Item) -> Item:
    """`from_json` of every attribute."""
    return {name: from_json(value) for name, value in item.items()}
