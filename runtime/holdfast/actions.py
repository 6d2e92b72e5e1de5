"""The actions of a transaction; tables make them (`table.put_action(...)`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class GetAction:
    """One read of a transaction."""

    request: dict[str, Any] = field(repr=False)
    decode: Callable[[Any], Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WriteAction:
    """One put, update, delete or condition check of a transaction."""

    request: dict[str, Any] = field(repr=False)
