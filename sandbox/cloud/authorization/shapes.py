"""What authorization must know of a table: its keys, and its resource policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TableShape:
    """A table as authorization sees it."""

    arn: str
    partition: str
    """Name of its partition key."""
    indexes: Mapping[str, str]
    """Index → name of its partition key."""
    policy: str | None = None
