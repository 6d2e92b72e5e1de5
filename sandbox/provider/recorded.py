"""Ids for resources that are recorded rather than created."""

from __future__ import annotations

import re
import secrets

from sandbox.provider.context import Context


def generated_id(context: Context, prefix: str | None = None) -> str:
    """An id as AWS makes them: a short prefix and 17 hex digits."""
    return f"{prefix or _prefix(context.token)}-{secrets.token_hex(9)[:17]}"


def _prefix(token: str) -> str:
    cls = token.rsplit(":", 1)[-1]
    words = re.findall(r"[A-Z][a-z0-9]*", cls) or [cls]
    return (words[0] if len(words) == 1 else "".join(word[0] for word in words)).lower()
