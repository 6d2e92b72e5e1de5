"""Checks requests by the service's own OpenAPI document, whatever stands before it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import fastjsonschema

from services.orders import schemas
from services.orders.openapi import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request


class RefusedError(Exception):
    """A request that the document does not allow."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


async def check(request: Request, method: str, path: str) -> None:
    """Check the body, the query and the path of a request.

    Raises:
        RefusedError: what is wrong, and where.
    """
    route = ROUTES[f"{method} {path}"]
    for name, value in request.path_params.items():
        schema = _PATHS.get(name)
        if schema is not None:
            _judge(schema, value, name)
    for name, schema in route.query.items():
        for value in request.query_params.getlist(name):
            _judge(schema, _number(value) if schema["type"] == "integer" else value, name)
    key = request.headers.get("idempotency-key")
    if route.key is not None and key is not None:
        _judge(schemas.KEY, key, "Idempotency-Key")
    if route.body is not None:
        _body(await _read(request), request.headers.get("content-type", ""), route.body, optional=route.optional_body)


async def _read(request: Request) -> bytes:
    """The body, read no further than the limit."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > schemas.MAXIMUM_BODY_BYTES:
        raise _too_large()
    body = await request.body()
    if len(body) > schemas.MAXIMUM_BODY_BYTES:
        raise _too_large()
    return body


def _too_large() -> RefusedError:
    return RefusedError(413, "request_too_large", f"the body has more than {schemas.MAXIMUM_BODY_BYTES} bytes")


def _body(body: bytes, content_type: str, name: str, *, optional: bool) -> None:
    if not body and optional:
        return
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise RefusedError(415, "not_json", f"the body is {kind}; send application/json")
    try:
        document = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "invalid_request", f"the body is not JSON: {error}") from None
    _judge_whole(name, document)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _judge_whole(name: str, document: Any) -> None:
    # A null is nothing said: it is dropped where it stands at the top, as the service always did.
    plain = {key: value for key, value in document.items() if value is not None} if isinstance(document, dict) else None
    if plain is None:
        raise RefusedError(400, "invalid_request", "the body must be a JSON object")
    try:
        _compiled(name)(plain)
    except fastjsonschema.JsonSchemaValueException as error:
        raise RefusedError(400, "invalid_request", _said(error, _WHOLE)) from None


def _judge(schema: schemas.Schema, value: Any, name: str) -> None:
    try:
        _validator(json.dumps(schema))(value)
    except fastjsonschema.JsonSchemaValueException as error:
        raise RefusedError(400, "invalid_request", _said(error, name)) from None


def _said(error: fastjsonschema.JsonSchemaValueException, name: str) -> str:
    """The fault without the value: what was sent may be long, or another's secret."""
    said = str(error.message)
    if said.startswith("data."):
        said = said.removeprefix("data.") if name == _WHOLE else f"{name}.{said.removeprefix('data.')}"
    else:
        said = name + said.removeprefix("data")
    for technical, plain in _PLAIN:
        said = said.replace(technical, plain)
    return said[:300]


_WHOLE = "the body"
_PLAIN = (
    ("must be array", "must be a list"),
    ("must be object", "must be an object"),
    ("must be integer", "must be a whole number"),
    ("must be number", "must be a number"),
    ("must be string", "must be a string"),
)


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


@cache
def _compiled(name: str) -> Callable[[Any], Any]:
    return _validator(json.dumps(schemas.COMPONENTS[name]))


@cache
def _validator(text: str) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = fastjsonschema.compile(
        {"$schema": "http://json-schema.org/draft-04/schema", **json.loads(text)}, use_default=False
    )
    return made


_PATHS = {
    "customer_id": schemas.NAME,
    "order_id": schemas.TEXT,  # one that cannot be is not found, rather than refused
    "session_id": schemas.TEXT,
    "metric": schemas.NAME,
}
