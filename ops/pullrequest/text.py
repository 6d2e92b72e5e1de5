"""Text that is safe inside a comment: no mention, no link, no markup that a resource's name could smuggle in."""

from __future__ import annotations

import re
from typing import Final

_MARKUP: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "|": "&#124;", "`": "&#96;", "#": "&#35;"}


def code(found: str) -> str:
    """A code span in a table's cell."""
    flat = " ".join(found.split()).replace("`", "'").replace("|", "/")
    return f"`{flat}`" if flat else ""


def prose(found: str, limit: int = 300) -> str:
    """Plain words; cut at `limit` characters before anything is escaped."""
    flat = " ".join(found.split())
    if len(flat) > limit:
        flat = f"{flat[: limit - 1]}…"
    escaped = "".join(_MARKUP.get(sign, sign) for sign in flat)
    return re.sub(r"([*_\[\]~])", r"\\\1", escaped)


def fence(lines: list[str], language: str = "diff") -> list[str]:
    """A fenced block that its content cannot close."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return [f"{ticks}{language}", *lines, ticks]
