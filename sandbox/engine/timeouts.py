"""Durations as the SDK sends them (`5m`, `1h30m`, `90s`; Go's own notation)."""

from __future__ import annotations

import re
from typing import Final

from sandbox.engine.errors import EngineError

_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def seconds(text: str) -> float:
    """A duration in seconds; nothing is 0. Raises `EngineError` on another notation."""
    if not text:
        return 0
    total, position = 0.0, 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise EngineError(f"the timeout {text!r} is not a duration: write it as '5m', '90s' or '1h30m'")
        total += float(part.group(1)) * _UNITS[part.group(2)]
        position = part.end()
    return total
