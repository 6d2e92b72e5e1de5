"""The service described for machines (OpenAPI 3.1), from its own routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "retryable": {"type": "boolean"},
            },
            "required": ["code", "message", "retryable"],
        }
    },
}
_PARAMETER = re.compile(r"\{(\w+)\}")


def document(routes: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """The description of routes, each with method, path and what it does."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, says in routes:
        parameters: list[dict[str, Any]] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(path)
        ]
        if path in ("/orders", "/orders/process", "/transfers") and method == "POST":
            parameters.append(
                {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 128}}
            )
        operation: dict[str, Any] = {
            "summary": says,
            "operationId": f"{method.lower()}{re.sub(r'[^a-z]+', '_', path)}".rstrip("_"),
            "responses": {
                "201" if method == "POST" else "200": {"description": "Done"},
                "default": {
                    "description": "Refused or failed",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                },
            },
        }
        if parameters:
            operation["parameters"] = parameters
        if method in ("POST", "PATCH"):
            operation["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
        paths.setdefault(path, {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "0.1.0", "description": "The reference application of Holdfast."},
        "paths": paths,
        "components": {"schemas": {"Error": _ERROR}},
    }
