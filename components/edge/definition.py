"""The document of a region's API: the service's OpenAPI document and what API Gateway needs beside it."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

METHODS = ("get", "post", "put", "patch", "delete")
TOKENS = "tokens"
SIGNED = "signed"
_ERROR = '{"error":{"code":"%s","message":%s,"retryable":%s}}'
_RESPONSES = (
    ("BAD_REQUEST_BODY", 400, "invalid_request", "$context.error.validationErrorString", False),
    ("BAD_REQUEST_PARAMETERS", 400, "invalid_request", "$context.error.validationErrorString", False),
    ("REQUEST_TOO_LARGE", 413, "request_too_large", "", False),
    ("UNAUTHORIZED", 401, "unauthorized", "", False),
    ("MISSING_AUTHENTICATION_TOKEN", 403, "unknown_route", "", False),
    ("INVALID_SIGNATURE", 403, "unauthorized", "", False),
    ("EXPIRED_TOKEN", 401, "unauthorized", "", False),
    ("ACCESS_DENIED", 403, "forbidden", "", False),
    ("WAF_FILTERED", 403, "refused", "", False),
    ("THROTTLED", 429, "throttled", "", True),
    ("INTEGRATION_TIMEOUT", 504, "timeout", "", True),
    ("DEFAULT_5XX", 500, "unavailable", "", True),
)
"""Answers that API Gateway gives itself, in the shape of the service's own: type, status, code, message, retryable.
A 5xx must not claim another status: DEFAULT_5XX keeps the one that API Gateway chose where `status` is 500."""


@dataclass(frozen=True, kw_only=True)
class Authorizing:
    """How requests are authorised, as a security scheme of the document."""

    name: str
    scheme: Mapping[str, Any]


def operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method (small letters) and operation of every route of a document."""
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def read(path: str, homed: Container[str]) -> dict[str, Any]:
    """The service's OpenAPI document, as it holds where the tables `homed` (logical names) have home regions.

    Raises:
        ValueError: the file is missing or no OpenAPI document; the message says how to make it.
    """
    fix = "write it with: python -m services.orders.openapi"
    try:
        document = json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        raise ValueError(f"holdfast:edge.openapi: there is no file {path}; {fix}") from None
    except ValueError as error:
        raise ValueError(f"holdfast:edge.openapi: {path} is not JSON ({error}); {fix}") from None
    if not isinstance(document, dict) or "paths" not in document:
        raise ValueError(f"holdfast:edge.openapi: {path} is no OpenAPI document; {fix}")
    for _, _, operation in operations(document):
        homes = operation.pop("x-holdfast-home-regions", None)
        if homes is not None and homes["table"] in homed:
            operation["x-holdfast-consistency"] = homes["consistency"]
    return document


def tokens_checked_by(invoke_arn: str, cache_seconds: int) -> Authorizing:
    """Tokens checked by a function, for a REST API."""
    return Authorizing(
        name=TOKENS,
        scheme={
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
                "type": "token",
                "authorizerUri": invoke_arn,
                "authorizerResultTtlInSeconds": cache_seconds,
                # What cannot be a token costs no call of the function.
                "identityValidationExpression": "^Bearer [A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
            },
        },
    )


def tokens_of(issuer: str, audience: Sequence[str]) -> Authorizing:
    """Tokens checked by an HTTP API itself."""
    return Authorizing(
        name=TOKENS,
        scheme={
            "type": "oauth2",
            "flows": {},
            "x-amazon-apigateway-authorizer": {
                "type": "jwt",
                "identitySource": "$request.header.Authorization",
                "jwtConfiguration": {"issuer": issuer, "audience": list(audience)},
            },
        },
    )


def signed_requests() -> Authorizing:
    """Requests signed with Signature Version 4 by an identity that may invoke the API."""
    return Authorizing(
        name=SIGNED,
        scheme={
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "awsSigv4",
        },
    )


def rest(
    openapi: Mapping[str, Any],
    *,
    invoke_arn: str,
    authorizing: Authorizing,
    public: Sequence[str],
    timeout_seconds: int,
) -> dict[str, Any]:
    """The body of a REST API: the function behind each route, requests checked before it runs."""
    document = _with_security(openapi, authorizing, public)
    for _, _, operation in operations(document):
        operation["x-amazon-apigateway-integration"] = {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": invoke_arn,
            "passthroughBehavior": "never",
            "timeoutInMillis": timeout_seconds * 1000,
        }
        operation["x-amazon-apigateway-request-validator"] = "whole"
    document["x-amazon-apigateway-request-validators"] = {
        "whole": {"validateRequestBody": True, "validateRequestParameters": True}
    }
    document["x-amazon-apigateway-gateway-responses"] = {
        kind: _gateway_response(kind, status, code, message, retryable=retryable)
        for kind, status, code, message, retryable in _RESPONSES
    }
    return document


def http(
    openapi: Mapping[str, Any],
    *,
    integration: Mapping[str, Any],
    authorizing: Authorizing,
    public: Sequence[str],
    timeout_seconds: int,
) -> dict[str, Any]:
    """The body of an HTTP API. It checks no requests; the service does, by the same document."""
    document = _with_security(openapi, authorizing, public)
    for _, _, operation in operations(document):
        operation["x-amazon-apigateway-integration"] = {**integration, "timeoutInMillis": timeout_seconds * 1000}
    return document


def function_integration(invoke_arn: str) -> dict[str, Any]:
    """An HTTP API in front of a function, with payloads of format 2.0."""
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": invoke_arn, "payloadFormatVersion": "2.0"}


TENANT_HEADER = "x-holdfast-tenant"
"""The header in which an API tells the tenant to a load balancer behind it, whatever the client sent in it."""


def private_integration(listener_arn: str, link_id: str, tenant_claim: str | None) -> dict[str, Any]:
    """An HTTP API in front of an internal load balancer, through a VPC link."""
    tenant = "''" if tenant_claim is None else f"$context.authorizer.claims.{tenant_claim}"
    return {
        "requestParameters": {f"overwrite:header.{TENANT_HEADER}": tenant},
        "type": "http_proxy",
        "httpMethod": "ANY",
        "uri": listener_arn,
        "connectionType": "VPC_LINK",
        "connectionId": link_id,
        "payloadFormatVersion": "1.0",
    }


def text(document: Mapping[str, Any]) -> str:
    """The document as API Gateway gets it; the same document gives the same text."""
    return json.dumps(document, separators=(",", ":"), sort_keys=True)


def digest(document: str) -> str:
    """What makes a new deployment of a REST API necessary."""
    return hashlib.sha256(document.encode()).hexdigest()


def _with_security(openapi: Mapping[str, Any], authorizing: Authorizing, public: Sequence[str]) -> dict[str, Any]:
    document = copy.deepcopy(dict(openapi))
    document.setdefault("components", {})["securitySchemes"] = {authorizing.name: dict(authorizing.scheme)}
    for path, _, operation in operations(document):
        operation["security"] = [] if path in public else [{authorizing.name: []}]
    return document


def _gateway_response(kind: str, status: int, code: str, message: str, *, retryable: bool) -> dict[str, Any]:
    said = f'"{message}"' if message else "$context.error.messageString"
    response: dict[str, Any] = {
        "responseTemplates": {"application/json": _ERROR % (code, said, "true" if retryable else "false")}
    }
    if not kind.startswith("DEFAULT"):
        response["statusCode"] = str(status)
    if retryable:
        response["responseParameters"] = {"gatewayresponse.header.Retry-After": "'1'"}
    return response
