"""An order as an item: pure functions from a request to what is stored."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.orders.idempotency import IdempotencyKey

RETENTION_SECONDS = 2 * 365 * 24 * 60 * 60
"""An order expires two years after it was made."""
NOT_THERE_YET = "attribute_not_exists(order_id)"
"""The condition of a create: an order is never overwritten."""
RESERVED = frozenset(
    {"order_id", "order_date", "created_at", "updated_at", "status", "expires_at", "idempotency_key", "request_digest"}
)
"""Attributes that the service sets itself; a request may not carry them."""

Item = dict[str, Any]


class OrderRefusedError(ValueError):
    """A request that is no order; the message says which field and what to send instead."""


def parse(body: bytes) -> Item:
    """The order of a request's JSON body; numbers become Decimal, as DynamoDB stores them.

    Raises:
        OrderRefusedError: not a JSON object, no customer, or a field that the service sets itself.
    """
    document = parse_object(body)
    customer = document.get("customer_id")
    if not isinstance(customer, str) or not customer:
        raise OrderRefusedError("customer_id must be a non-empty string")
    if not isinstance(document.get("items", []), list):
        raise OrderRefusedError("items must be a list")
    taken = sorted(RESERVED & document.keys())
    if taken:
        raise OrderRefusedError(f"{', '.join(taken)}: set by the service; leave it out")
    return {key: value for key, value in document.items() if value is not None}


def parse_object(body: bytes) -> Item:
    """A JSON object; its numbers become Decimal. Nothing at all is an empty object.

    Raises:
        OrderRefusedError: it is none.
    """
    try:
        document = json.loads(body or b"{}", parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except ValueError as error:
        raise OrderRefusedError(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise OrderRefusedError('the body must be a JSON object such as {"customer_id": "c-1", "items": []}')
    return document


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def new_order(order: Mapping[str, Any], *, now_ms: int, key: IdempotencyKey | None = None) -> Item:
    """The item of a new order. With a key everything in it follows from the key and the request alone.

    Its shape: id `ORD_<ms>_<8 hex>`, order_date YYYY-MM-DD, created_at ISO 8601, status pending,
    expires_at in seconds since 1970.
    """
    milliseconds = key.milliseconds if key else now_ms
    suffix = key.suffix(order["customer_id"]) if key else uuid.uuid4().hex[:8]
    made = datetime.fromtimestamp(milliseconds / 1000, UTC)
    item: Item = {
        **order,
        "order_id": f"ORD_{milliseconds}_{suffix}",
        "order_date": made.date().isoformat(),
        "created_at": timestamp(milliseconds),
        "status": "pending",
        "expires_at": Decimal(milliseconds // 1000 + RETENTION_SECONDS),
    }
    if key:
        item["idempotency_key"] = key.text
        item["request_digest"] = digest(order)
    return item


def digest(order: Mapping[str, Any]) -> str:
    """A digest of a request, equal for equal requests whatever the order of their fields."""
    text = json.dumps(order, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def same_request(existing: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a stored order was made by the same request under the same key."""
    return all(existing.get(name) == wanted.get(name) is not None for name in ("idempotency_key", "request_digest"))


def timestamp(milliseconds: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
