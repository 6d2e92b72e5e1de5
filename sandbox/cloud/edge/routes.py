"""Which route of an API a request is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@dataclass(frozen=True)
class RouteMatch:
    """A route, its operation in the document, and the path parameters as they were sent, decoded."""

    method: str
    path: str
    operation: Mapping[str, Any]
    parameters: Mapping[str, str]

    @property
    def key(self) -> str:
        """`GET /orders/{customer_id}`."""
        return f"{self.method} {self.path}"


class Routes:
    """The routes of a document. Of two that match the one with fewer parameters wins, as API Gateway has it."""

    def __init__(self, paths: Mapping[str, Any]) -> None:
        ordered = sorted(paths, key=lambda path: (path.count("{"), path))
        self._patterns = [(path, re.compile(_pattern(path)), paths[path]) for path in ordered]

    def find(self, method: str, path: str) -> RouteMatch | None:
        """The route of a request, or None."""
        for known, pattern, item in self._patterns:
            found = pattern.fullmatch(path)
            operation = item.get(method.lower()) if found else None
            if found is not None and operation is not None:
                given = {name: unquote(value) for name, value in found.groupdict().items()}
                return RouteMatch(method, known, operation, given)
        return None


def _pattern(path: str) -> str:
    parts = re.split(r"\{(\w+)\}", path)
    names = iter(parts[1::2])
    texts = (re.escape(part) for part in parts[0::2])
    return "".join(
        part for pair in zip(texts, [*(f"(?P<{name}>[^/]+)" for name in names), ""], strict=True) for part in pair
    )
