"""What the service answers: items and errors as JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

REGION_HEADER = "X-Holdfast-Region"
"""Names the region whose replica served the request."""
REPLAYED_HEADER = "Idempotency-Replayed"
"""`true` when the order had been made by an earlier send of the same request."""


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value)


def answer(document: Mapping[str, Any], status: int = 200, *, region: str | None = None, **headers: str) -> Response:
    """A JSON answer; numbers that DynamoDB holds as Decimal become JSON numbers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if region:
        named[REGION_HEADER] = region
    body = json.dumps(document, default=_plain, separators=(",", ":"))
    return Response(body, status, headers=named, media_type="application/json")


def refusal(status: int, code: str, message: str, *, retryable: bool = False, **more: Any) -> Response:
    """An error: `{"error": {"code", "message", "retryable", …}}`."""
    error = {"code": code, "message": message, "retryable": retryable, **more}
    headers = {"Retry_After": "1"} if retryable else {}
    return answer({"error": error}, status, **headers)
