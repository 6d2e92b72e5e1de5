"""Between API Gateway's payloads and ASGI: format 2.0 (HTTP API), format 1.0 (REST API), and a load balancer's.

A general adapter starts and ends the application's lifespan at every request; the client's connections would then be
made anew each time. This one leaves the lifespan to whoever holds the execution environment.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

from services.orders.tenancy import SCOPE_KEY, Caller

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from starlette.types import ASGIApp

Event = dict[str, Any]
TENANT_HEADER = "x-holdfast-tenant"
"""In which an API tells the tenant to a load balancer behind it. From anywhere else it is dropped."""
TEXT_TYPES = ("application/json", "text/", "application/problem+json")


class EventRefusedError(ValueError):
    """An event that is no request of API Gateway or of a load balancer."""


@dataclass
class _Answer:
    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


async def answer(app: ASGIApp, event: Event, tenant_claim: str = "tenant") -> dict[str, Any]:
    """Give one event to the application, and its answer in the event's own format.

    Raises:
        EventRefusedError: the event is no request.
    """
    scope, body = request_of(event, tenant_claim)
    collected = _Answer()
    sent = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            collected.status = message["status"]
            collected.headers = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]
            ]
        elif message["type"] == "http.response.body":
            collected.body += message.get("body", b"")

    await app(scope, receive, send)
    return _response(event, collected)


def request_of(event: Event, tenant_claim: str = "tenant") -> tuple[dict[str, Any], bytes]:
    """The ASGI scope and the body of an event.

    Raises:
        EventRefusedError: the event is no request.
    """
    if event.get("version") == "2.0":
        method, path, query, address, host = _version_two(event)
    elif "httpMethod" in event:
        method, path, query, address, host = _version_one(event)
    else:
        raise EventRefusedError("the event is no request of API Gateway or of a load balancer")
    headers = _headers(event)
    caller = caller_of(event, tenant_claim)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("latin-1", "replace"),
        "query_string": query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": headers,
        "client": (address, 0) if address else None,
        "server": (host, 443),
        SCOPE_KEY: caller,
    }
    return scope, _body(event)


def caller_of(event: Event, tenant_claim: str) -> Caller | None:
    """Whom the API found: claims of a token, or what an authorizer function put beside the request."""
    context = event.get("requestContext") or {}
    found = context.get("authorizer") or {}
    if isinstance(found.get("jwt"), dict):
        claims = found["jwt"].get("claims") or {}
        return Caller.of_claims(claims.get(tenant_claim), claims.get("scope"))
    if isinstance(found.get("lambda"), dict):
        found = found["lambda"]
    if "tenant" in found:
        return Caller.of_claims(found.get("tenant"), found.get("scope"))
    if "elb" in context:
        given = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return Caller.of_claims(given.get(TENANT_HEADER), "")
    return None


def _version_two(event: Event) -> tuple[str, str, str, str, str]:
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    stage = context.get("stage", "$default")
    path = str(event.get("rawPath") or "/")
    if stage != "$default":
        path = path.removeprefix(f"/{stage}") or "/"
    return (
        str(http.get("method", "GET")),
        path,
        str(event.get("rawQueryString") or ""),
        str(http.get("sourceIp") or ""),
        str(context.get("domainName") or "localhost"),
    )


def _version_one(event: Event) -> tuple[str, str, str, str, str]:
    context = event.get("requestContext") or {}
    many = event.get("multiValueQueryStringParameters")
    if many is None:
        many = {name: [value] for name, value in (event.get("queryStringParameters") or {}).items()}
    pairs = [(name, value) for name, values in many.items() for value in values or ()]
    if "elb" in context:  # a load balancer hands the query on as it came, encoded
        pairs = [(unquote(name), unquote(value)) for name, value in pairs]
    identity = context.get("identity") or {}
    # The path is decoded for an authorizer's sake in neither format; a REST API gives it as it was asked for.
    path = str(event.get("path") or "/")
    path = quote(path, safe="/%:@!$&'()*+,;=~-._")
    return (
        str(event["httpMethod"]),
        path,
        urlencode(pairs),
        str(identity.get("sourceIp") or ""),
        str(context.get("domainName") or "localhost"),
    )


def _headers(event: Event) -> list[tuple[bytes, bytes]]:
    many: Mapping[str, Any] = event.get("multiValueHeaders") or {
        name: [value] for name, value in (event.get("headers") or {}).items()
    }
    found = [
        (name.lower().encode("latin-1", "replace"), str(value).encode("latin-1", "replace"))
        for name, values in many.items()
        for value in values or ()
        if name.lower() != TENANT_HEADER
    ]
    cookies = event.get("cookies")
    if cookies:
        found.append((b"cookie", "; ".join(cookies).encode("latin-1", "replace")))
    return found


def _body(event: Event) -> bytes:
    body = event.get("body")
    if not body:
        return b""
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body, validate=True)
        except (ValueError, binascii.Error):
            raise EventRefusedError("the body is said to be base64, and is not") from None
    return str(body).encode()


def _response(event: Event, made: _Answer) -> dict[str, Any]:
    kind = next((value for name, value in made.headers if name.lower() == "content-type"), "")
    plain = kind.startswith(TEXT_TYPES)
    body = made.body.decode() if plain else base64.b64encode(made.body).decode()
    document: dict[str, Any] = {"statusCode": made.status, "body": body, "isBase64Encoded": not plain}
    if event.get("version") == "2.0":
        document["headers"] = {name: value for name, value in made.headers if name.lower() != "set-cookie"}
        cookies = [value for name, value in made.headers if name.lower() == "set-cookie"]
        if cookies:
            document["cookies"] = cookies
        return document
    grouped: dict[str, list[str]] = {}
    for name, value in made.headers:
        grouped.setdefault(name, []).append(value)
    document["multiValueHeaders"] = grouped
    document["headers"] = {name: values[-1] for name, values in grouped.items()}
    if "elb" in (event.get("requestContext") or {}):
        document["statusDescription"] = str(made.status)
    return document
