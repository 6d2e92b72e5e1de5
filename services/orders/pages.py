"""Page tokens: where a listing goes on, as an opaque text."""

from __future__ import annotations

import base64
import binascii
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class TokenRefusedError(ValueError):
    """A page token that this service did not write."""


def encode(last_evaluated_key: Mapping[str, Any] | None) -> str | None:
    """The token of the next page, or None when there is none."""
    if not last_evaluated_key:
        return None
    text = json.dumps(dict(last_evaluated_key), separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(token: str | None) -> dict[str, Any] | None:
    """The key that a listing starts after, or None for the first page.

    Raises:
        TokenRefusedError: the text is not a token of `encode`.
    """
    if not token:
        return None
    try:
        padded = token + "=" * (-len(token) % 4)
        key = json.loads(
            base64.b64decode(padded, altchars=b"-_", validate=True), parse_float=Decimal, parse_int=Decimal
        )
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, dict):
        raise TokenRefusedError("next: not a page token of this service; leave it out to begin at the first page")
    return key
