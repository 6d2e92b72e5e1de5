"""Automatic names as the real provider gives them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from sandbox.codec import Value
from sandbox.provider.resource import AutoName

DIGITS = 7
"""Hex digits that the real provider appends."""
DEFAULTS = "__defaults"
"""The input that lists which properties the provider filled in."""


def filled_in(inputs: Mapping[str, Value]) -> list[str]:
    """The inputs that the provider, not the program, gave."""
    listed = inputs.get(DEFAULTS)
    return list(listed) if isinstance(listed, list) else []


def automatic(
    rule: AutoName, logical_name: str, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes
) -> str | None:
    """The name to fill in; None when the program names the resource, or gives a prefix.

    A name that was given before stays. `seed` makes the digits repeatable within one deployment step.
    """
    if news.get(rule.property) is not None or news.get(f"{rule.property}Prefix") is not None:
        return None
    if rule.property in filled_in(olds) and isinstance(olds.get(rule.property), str):
        return str(olds[rule.property])
    digits = hashlib.sha256(seed + logical_name.encode()).hexdigest() if seed else secrets.token_hex(DIGITS)
    suffix = rule.suffix(news)
    room = rule.limit - len(rule.prefix) - len(rule.separator) - DIGITS - len(suffix)
    name = f"{rule.prefix}{logical_name[:room]}{rule.separator}{digits[:DIGITS]}{suffix}"
    return name.lower() if rule.lower else name
