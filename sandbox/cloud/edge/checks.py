"""What a REST API checks before it calls anything: required parameters, and bodies by their schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import fastjsonschema

from sandbox.cloud.edge.routes import RouteMatch

_IGNORED = ("minItems", "maxItems")
"""Keywords that API Gateway's check leaves out (API Gateway developer guide, "Known issues")."""


class Checks:
    """The checks of one API."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._components = _stripped(body.get("components", {}))
        self._compiled: dict[str, Callable[[Any], Any]] = {}

    def fault(self, match: RouteMatch, query: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> str | None:
        """What is wrong with a request, None when nothing is."""
        missing = [
            parameter["name"]
            for parameter in match.operation.get("parameters", ())
            if parameter.get("required") and not _given(parameter, match, query, headers)
        ]
        if missing:
            return f"Missing required request parameters: [{', '.join(missing)}]"
        wanted = match.operation.get("requestBody")
        if wanted is None:
            return None
        return self._body_fault(match.key, wanted, headers, body)

    def _body_fault(self, key: str, wanted: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> str | None:
        if not body:
            return "Invalid request body" if wanted.get("required") else None
        kind = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        content = wanted.get("content", {}).get(kind)
        if content is None:
            return None  # a content type without a model is let through: the service refuses it
        validate = self._compiled.get(key)
        if validate is None:
            schema = {**content["schema"], "components": self._components}
            validate = self._compiled[key] = fastjsonschema.compile(
                {"$schema": "http://json-schema.org/draft-04/schema", **_resolved(schema)}, use_default=False
            )
        try:
            validate(json.loads(body))
        except (ValueError, RecursionError):
            return "Invalid request body"
        except fastjsonschema.JsonSchemaValueException:
            return "Invalid request body"
        return None


def _given(
    parameter: Mapping[str, Any], match: RouteMatch, query: Mapping[str, Any], headers: Mapping[str, str]
) -> bool:
    name = parameter["name"]
    if parameter["in"] == "path":
        return name in match.parameters
    return name in query if parameter["in"] == "query" else name.lower() in headers


def _stripped(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _stripped(value) for name, value in schema.items() if name not in _IGNORED}
    return [_stripped(value) for value in schema] if isinstance(schema, list) else schema


def _resolved(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema whose reference at the top is replaced: draft 4 looks at nothing beside a reference."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return dict(schema)
    found: Any = schema
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return {**found, "components": schema["components"]}
