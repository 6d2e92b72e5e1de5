"""Tokens: what an HTTP API checks itself, and what a REST API asks a function about, remembered for a while."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import jwt

_ALGORITHMS = ["ES256", "RS256"]
_MOST_KEPT = 10_000


def claims_of(token: str, scheme: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any] | None:
    """The claims of a token that an HTTP API accepts, None where it does not."""
    wanted = scheme["jwtConfiguration"]
    bare = token.removeprefix("Bearer ").strip()
    try:
        key_id = jwt.get_unverified_header(bare).get("kid")
        key = next(item for item in keys.get("keys", ()) if item.get("kid") == key_id)
        found: dict[str, Any] = jwt.decode(
            bare, jwt.PyJWK(key), algorithms=_ALGORITHMS, audience=wanted["audience"], issuer=wanted["issuer"]
        )
    except (jwt.PyJWTError, StopIteration, ValueError):
        return None
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}


class Remembered:
    """Answers of an authorizer function by token."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[float, Mapping[str, Any]]] = {}

    def find(self, token: str) -> Mapping[str, Any] | None:
        """The answer for a token that is still remembered."""
        known = self._known.get(_key(token))
        return known[1] if known is not None and self._clock() < known[0] else None

    def keep(self, token: str, answer: Mapping[str, Any], seconds: float) -> None:
        """Remember an answer."""
        if seconds > 0:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[_key(token)] = (self._clock() + seconds, answer)


def plausible(token: str, expression: str | None) -> bool:
    """Whether a token looks like one; what does not is refused without asking the function."""
    return bool(token) and (expression is None or re.fullmatch(expression, token) is not None)


def allows(answer: Mapping[str, Any], method_arn: str) -> bool:
    """Whether a policy allows a method: no Deny, and an Allow whose resource fits."""
    allowed = False
    for statement in (answer.get("policyDocument") or {}).get("Statement", ()):
        resources = statement.get("Resource", ())
        patterns = [resources] if isinstance(resources, str) else resources
        if not any(_fits(pattern, method_arn) for pattern in patterns):
            continue
        if statement.get("Effect") == "Deny":
            return False
        allowed = True
    return allowed


def _fits(pattern: str, arn: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), arn) is not None


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
