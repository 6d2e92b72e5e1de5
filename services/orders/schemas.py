"""What requests may hold, in the part of JSON Schema that OpenAPI 3.0 and API Gateway share.

API Gateway's own check leaves `minItems` and `maxItems` out (API Gateway developer guide, "Known issues"); the service
checks them too, by the same schemas.
"""

from __future__ import annotations

from typing import Any

MAXIMUM_BODY_BYTES = 65_536
"""Largest body: what WAF looks at in full, and well below the 400 KB of an item."""
MAXIMUM_LINES = 100
LARGEST = 1e15
"""Largest number of a free attribute: whole numbers below it survive every JSON parser."""

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "maxLength": 1024}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9._:@+#-]+$"}
NUMBER: Schema = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
SCALAR: Schema = {"anyOf": [TEXT, NUMBER, {"type": "boolean"}]}
LIFETIME: Schema = {"type": "integer", "minimum": 1, "maximum": 2_592_000}
DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
MOMENT: Schema = {
    "type": "string",
    "maxLength": 35,
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    "(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$",
}
PAGE_TOKEN: Schema = {"type": "string", "minLength": 1, "maxLength": 2048, "pattern": "^[A-Za-z0-9_-]+$"}
REGION: Schema = {"type": "string", "pattern": "^(own|[a-z]{2}(-[a-z]+)+-[0-9])$", "maxLength": 24}
KEY: Schema = {"type": "string", "minLength": 15, "maxLength": 128, "pattern": "^[\\x21-\\x7e]+$"}
ORDER_ID: Schema = {"type": "string", "pattern": "^ORD_[0-9]{13}_[0-9a-f]{8}$"}
SESSION_ID: Schema = {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[A-Za-z0-9_-]+$"}


def page_size(most: int) -> Schema:
    """How many items a page holds."""
    return {"type": "integer", "minimum": 1, "maximum": most}


LINE: Schema = {
    "type": "object",
    "properties": {
        "product_id": NAME,
        "sku": NAME,
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
        "price": {"type": "number", "minimum": 0, "maximum": LARGEST},
    },
    "additionalProperties": SCALAR,
}
NEW_ORDER: Schema = {
    "type": "object",
    "required": ["customer_id"],
    "properties": {
        "customer_id": NAME,
        "items": {"type": "array", "maxItems": MAXIMUM_LINES, "items": LINE},
    },
    "additionalProperties": SCALAR,
}
PROCESSED_LINE: Schema = {**LINE, "required": ["product_id", "quantity"]}
PROCESSED_ORDER: Schema = {
    "type": "object",
    "required": ["customer_id", "items"],
    "properties": {
        "customer_id": NAME,
        "items": {"type": "array", "minItems": 1, "maxItems": MAXIMUM_LINES - 1, "items": PROCESSED_LINE},
    },
    "additionalProperties": SCALAR,
}
TRANSFER: Schema = {
    "type": "object",
    "required": ["from_account", "to_account", "amount"],
    "properties": {
        "from_account": NAME,
        "to_account": NAME,
        "amount": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": LARGEST},
    },
    "additionalProperties": False,
}
NEW_SESSION: Schema = {
    "type": "object",
    "properties": {
        "data": {"type": "object", "additionalProperties": SCALAR},
        "lifetime_seconds": LIFETIME,
    },
    "additionalProperties": False,
}
EXTENSION: Schema = {
    "type": "object",
    "properties": {"lifetime_seconds": LIFETIME},
    "additionalProperties": False,
}
POINT: Schema = {
    "type": "object",
    "required": ["value"],
    "properties": {"value": NUMBER, "timestamp": MOMENT},
    "additionalProperties": False,
}

ORDER: Schema = {
    "type": "object",
    "required": ["customer_id", "order_id", "order_date", "created_at", "status"],
    "properties": {
        "customer_id": {"type": "string"},
        "order_id": ORDER_ID,
        "order_date": DAY,
        "created_at": {"type": "string"},
        "status": {"type": "string"},
    },
}
ORDERS: Schema = {
    "type": "object",
    "required": ["orders", "has_more"],
    "properties": {
        "orders": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
        "next": {"type": "string", "nullable": True},
        "has_more": {"type": "boolean"},
    },
}
ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "retryable"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "retryable": {"type": "boolean"},
            },
        }
    },
}
COMPONENTS: dict[str, Schema] = {
    "NewOrder": NEW_ORDER,
    "ProcessedOrder": PROCESSED_ORDER,
    "Transfer": TRANSFER,
    "NewSession": NEW_SESSION,
    "Extension": EXTENSION,
    "Point": POINT,
    "Order": ORDER,
    "Orders": ORDERS,
    "Error": ERROR,
}
"""Schemas by their names in the document."""
