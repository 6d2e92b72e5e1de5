"""The body of a request."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import orjson

from holdfast.errors import InvalidArgumentError

if TYPE_CHECKING:
    from holdfast._attempt import Call


def binary_text(value: object) -> str:
    """Binary as base64 text, for orjson."""
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} is no value of DynamoDB's form")


def encode_body(call: Call) -> bytes:
    """The body of the call's request, encoded once for all its attempts.

    Raises:
        InvalidArgumentError: text that is not Unicode (a lone surrogate), or a member of a wrong type.
    """
    body = call.body
    if body is None:
        try:
            body = call.body = orjson.dumps(call.request, default=binary_text)
        except (TypeError, ValueError) as error:
            raise InvalidArgumentError(
                f"the request cannot be encoded: {error}", operation=call.operation.name, table=call.table
            ) from None
    return body
