"""IAM's wildcards: `*` is any run of characters, `?` exactly one, anything else stands for itself."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=8192)
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.DOTALL | flags)


def matches(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """Whether the whole value matches the pattern."""
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == value.lower() if ignore_case else pattern == value
    return _compiled(pattern, re.IGNORECASE if ignore_case else 0).fullmatch(value) is not None


def has_wildcard(pattern: str) -> bool:
    """Whether the pattern has a wildcard; policy variables such as `${aws:username}` and `${*}` are none."""
    bare = re.sub(r"\$\{[^}]*\}", "", pattern)
    return "*" in bare or "?" in bare


def overlaps(first: str, second: str) -> bool:
    """Whether some string matches both patterns."""
    return _overlap(first, second)


@lru_cache(maxsize=8192)
def _overlap(first: str, second: str) -> bool:
    # Both patterns as states of one walk: a star may stand for nothing or swallow one character of the other side.
    seen: set[tuple[int, int]] = set()
    todo = [(0, 0)]
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        i, j = state
        if i == len(first) and j == len(second):
            return True
        a = first[i] if i < len(first) else ""
        b = second[j] if j < len(second) else ""
        if a == "*":
            todo.append((i + 1, j))
            if b and b != "*":
                todo.append((i, j + 1))
        if b == "*":
            todo.append((i, j + 1))
            if a and a != "*":
                todo.append((i + 1, j))
        if a and b and a != "*" and b != "*" and ("?" in (a, b) or a == b):
            todo.append((i + 1, j + 1))
    return False
