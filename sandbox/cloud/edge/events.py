"""Payloads between API Gateway and a function: format 1.0 of a REST API, format 2.0 of an HTTP API."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from sandbox.cloud.edge.document import ApiSpec
from sandbox.cloud.edge.routes import RouteMatch
from sandbox.cloud.http import Request, Response

_ADDRESS = "127.0.0.1"


def headers_of(request: Request) -> dict[str, list[str]]:
    """The headers of a request: name in small letters → values."""
    found: dict[str, list[str]] = {}
    for name, value in request.headers:
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return found


def query_of(request: Request) -> list[tuple[str, str]]:
    """The query of a request, decoded."""
    return parse_qsl(request.target.decode("latin-1").partition("?")[2], keep_blank_values=True)


def version_one(
    api: ApiSpec, request: Request, match: RouteMatch, host: str, context: Mapping[str, Any]
) -> dict[str, Any]:
    """The event of a REST API."""
    path = request.target.decode("latin-1").partition("?")[0]
    many = headers_of(request)
    query: dict[str, list[str]] = {}
    for name, value in query_of(request):
        query.setdefault(name, []).append(value)
    body, encoded = _body(request)
    return {
        "resource": match.path,
        "path": unquote(path),
        "httpMethod": match.method,
        "headers": {name: values[-1] for name, values in many.items()},
        "multiValueHeaders": many,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(match.parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": match.path,
            "httpMethod": match.method,
            "path": path,
            "stage": api.stage,
            "apiId": api.id,
            "domainName": host,
            "requestId": str(uuid.uuid4()),
            "requestTimeEpoch": int(time.time() * 1000),
            "identity": {"sourceIp": _ADDRESS, "userAgent": many.get("user-agent", [""])[0]},
            "authorizer": dict(context),
        },
        "body": body,
        "isBase64Encoded": encoded,
    }


def version_two(
    api: ApiSpec, request: Request, match: RouteMatch, host: str, context: Mapping[str, Any]
) -> dict[str, Any]:
    """The event of an HTTP API; `context` holds the claims of a token."""
    target = request.target.decode("latin-1")
    path, _, query = target.partition("?")
    joined: dict[str, str] = {}
    for name, value in query_of(request):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    many = headers_of(request)
    cookies = [part.strip() for value in many.pop("cookie", []) for part in value.split(";")]
    body, encoded = _body(request)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name: ",".join(values) for name, values in many.items()},
        "requestContext": {
            "apiId": api.id,
            "domainName": host,
            "http": {"method": match.method, "path": path, "sourceIp": _ADDRESS, "protocol": "HTTP/1.1"},
            "requestId": str(uuid.uuid4()),
            "routeKey": match.key,
            "stage": "$default",
            "timeEpoch": int(time.time() * 1000),
        },
        "isBase64Encoded": encoded,
    }
    if context:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": dict(context), "scopes": None}}
    if cookies:
        event["cookies"] = cookies
    if joined:
        event["queryStringParameters"] = joined
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    if request.body:
        event["body"] = body
    return event


def response_of(answer: Any, *, rest: bool) -> Response | None:
    """The response that a function's answer stands for; None where it is none (API Gateway answers 502)."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        if rest:
            return None
        # An HTTP API takes any other answer for the body (developer guide, "Lambda function response for format 2.0").
        return Response(200, [(b"content-type", b"application/json")], json.dumps(answer).encode())
    headers: list[tuple[bytes, bytes]] = []
    many = answer.get("multiValueHeaders") or {}
    single = {name: [value] for name, value in (answer.get("headers") or {}).items() if name not in many}
    for name, values in {**single, **many}.items():
        headers += [(name.lower().encode("latin-1"), str(value).encode("latin-1", "replace")) for value in values]
    headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in answer.get("cookies") or ()]
    body = answer.get("body") or ""
    data = base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()
    return Response(int(answer["statusCode"]), headers, data)


def _body(request: Request) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    try:
        return request.body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(request.body).decode(), True
