"""Requests in DynamoDB's own form, made of keyword arguments. Pure functions."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import orjson

from holdfast.errors import InvalidArgumentError
from holdfast.expressions import Placeholders, render_projection
from holdfast.values import WireItem, encode_item, revive

Request = dict[str, Any]

_EXPRESSIONS = {
    "condition": "ConditionExpression",
    "filter": "FilterExpression",
    "key_condition": "KeyConditionExpression",
    "update": "UpdateExpression",
    "projection": "ProjectionExpression",
}
_PLAIN = {
    "index_name": "IndexName",
    "limit": "Limit",
    "segment": "Segment",
    "total_segments": "TotalSegments",
    "select": "Select",
    "scan_index_forward": "ScanIndexForward",
    "consistent": "ConsistentRead",
    "client_request_token": "ClientRequestToken",
    "return_values": "ReturnValues",
    "return_consumed_capacity": "ReturnConsumedCapacity",
    "return_item_collection_metrics": "ReturnItemCollectionMetrics",
    "return_values_on_condition_check_failure": "ReturnValuesOnConditionCheckFailure",
}
_START = ("exclusive_start_key", "resume_token")
_ELSEWHERE = frozenset(
    ["region", "timeout", "context", "info", "names", "values", "max_items", "full_items", "parameters", "concurrency"]
)


def add_options(request: Request, options: Mapping[str, Any]) -> Request:
    """Write the options that are part of the request into it.

    Raises:
        InvalidArgumentError: an option that does not exist, or two that exclude each other.
    """
    placeholders: Placeholders | None = None
    if "names" in options or "values" in options:
        placeholders = Placeholders(options.get("names"), options.get("values"))
    for option, value in options.items():
        if value is None or option in _ELSEWHERE:
            continue
        member = _PLAIN.get(option)
        if member is not None:
            request[member] = value
        elif option in _EXPRESSIONS:
            if placeholders is None:
                placeholders = Placeholders()
            request[_EXPRESSIONS[option]] = _expression(option, value, placeholders)
        elif option in _START:
            _add_start(request, options)
        else:
            known = ", ".join(sorted({*_PLAIN, *_EXPRESSIONS, *_ELSEWHERE, *_START}))
            raise InvalidArgumentError(f"there is no option {option!r}; the options of all calls are {known}")
    if placeholders is not None:
        placeholders.add_to(request)
    return request


def _expression(option: str, value: Any, placeholders: Placeholders) -> str:
    if isinstance(value, str):
        return value
    if option == "projection":
        return render_projection(value, placeholders)
    render = getattr(value, "render", None)
    if render is None:
        raise InvalidArgumentError(
            f"{option} is a {type(value).__name__}; write a string, or an object of holdfast.expressions"
        )
    return str(render(placeholders))


def _add_start(request: Request, options: Mapping[str, Any]) -> None:
    key, token = options.get("exclusive_start_key"), options.get("resume_token")
    if key is not None and token is not None:
        raise InvalidArgumentError("exclusive_start_key and resume_token say the same; write one of them")
    start = encode_item(key) if key is not None else read_resume_token(str(token))[0]
    if start is not None:
        request["ExclusiveStartKey"] = start


def write_resume_token(last_evaluated_key: WireItem | None, skip: int = 0) -> str:
    """A start of DynamoDB's form, and items of the page to pass over, as text that can travel in a URL."""
    start = urlsafe_b64encode(orjson.dumps(last_evaluated_key)).decode("ascii") if last_evaluated_key else ""
    return f"{start}.{skip}" if skip else start


def read_resume_token(token: str) -> tuple[WireItem | None, int]:
    """The start of a resume token (binary values as bytes again), and the items to pass over.

    Raises:
        InvalidArgumentError: it is none.
    """
    try:
        start, _, skip = token.partition(".")
        key = orjson.loads(urlsafe_b64decode(start)) if start else None
        return key and {str(name): revive(value) for name, value in key.items()}, int(skip or 0)
    except (ValueError, AttributeError, TypeError):
        raise InvalidArgumentError("the resume token is not one that a page gave; start from the beginning") from None
