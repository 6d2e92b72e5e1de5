"""Property values as text: secrets masked, unknowns named, JSON inside strings left as it is."""

from __future__ import annotations

import json
from typing import Any

from sandbox.codec import UNKNOWN, Archive, Asset, Output, ResourceRef, Secret

SECRET = "[secret]"  # noqa: S105 - the mask, not a secret
UNKNOWN_TEXT = "output<unknown>"


def short(value: Any, limit: int = 0) -> str:
    """A value on one line, cut to `limit` characters if that is not 0."""
    text = _short(value)
    if limit and len(text) > limit:
        return text[: max(1, limit - 1)] + "…"
    return text


def _short(value: Any) -> str:
    if isinstance(value, Output):
        value = value.lowered()
    if isinstance(value, Secret):
        return SECRET
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if value is None:
        return "<null>"
    if isinstance(value, ResourceRef):
        return short(value.id if value.id is not None else value.urn)
    if isinstance(value, Asset):
        return f"asset({_source(value)})"
    if isinstance(value, Archive):
        return f"archive({_source(value)})"
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {_short(item)}" for key, item in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_short(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _source(value: Asset | Archive) -> str:
    place = value.path or value.uri or ("text" if isinstance(value, Asset) else "assets")
    return f"{value.hash[:7]} {place}".strip() if value.hash else place


def dig(value: Any, path: tuple[str | int, ...]) -> Any:
    """What lies at a path, through secrets (which make it secret); `None` if there is nothing."""
    hidden = False
    for part in path:
        if isinstance(value, Output):
            value = value.lowered()
        if isinstance(value, Secret):
            hidden, value = True, value.value
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return Secret(value) if hidden and not isinstance(value, Secret) else value
