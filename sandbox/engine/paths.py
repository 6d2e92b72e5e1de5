"""Property paths as Pulumi writes them: `tags.Name`, `rules[0].port`, `["a.b"].c`, `*` for any element."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from sandbox.codec import Secret

_PART: Final = re.compile(r'\.?(?:\[(?:(\d+|\*)|"((?:[^"\\]|\\.)*)")\]|([^.\[\]]+))')
_SIMPLE: Final = re.compile(r"[A-Za-z0-9_$-]+")
WILDCARD: Final = "*"
Path = tuple[str | int, ...]


def parse(text: str) -> Path:
    """Split a path. Raises `ValueError` if it is not one."""
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise ValueError(f"{text!r} is not a property path")
        index, quoted, name = match.groups()
        if index is not None:
            parts.append(WILDCARD if index == WILDCARD else int(index))
        else:
            parts.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else name)
        position = match.end()
    return tuple(parts)


def render(path: Sequence[str | int]) -> str:
    """Write a path as `parse` reads it."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _SIMPLE.fullmatch(part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def contains(outer: Path, inner: Path) -> bool:
    """Whether `inner` is `outer` or lies under it; a wildcard in `outer` stands for any element."""
    if len(outer) > len(inner):
        return False
    return all(mine == WILDCARD or str(mine) == str(theirs) for mine, theirs in zip(outer, inner, strict=False))


def reset(old: Any, new: Any, path: Path) -> tuple[Any, bool]:
    """The new value with what lies at the path taken from the old one, and whether that could be done.

    What is absent in the old value is removed; an element that only one of two lists has cannot be reset.
    """
    if not path:
        return old, True
    if isinstance(new, Secret):
        inner, ok = reset(old.value if isinstance(old, Secret) else old, new.value, path)
        return Secret(inner), ok
    if isinstance(old, Secret):
        old = old.value
    head, rest = path[0], path[1:]
    if isinstance(new, dict):
        return _reset_in_dict(old, new, head, rest)
    if isinstance(new, list):
        return _reset_in_list(old, new, head, rest)
    # Neither side has what the path names: there is nothing to keep, and nothing that changed.
    return new, not isinstance(old, (dict, list))


def _reset_in_dict(old: Any, new: dict[str, Any], head: str | int, rest: Path) -> tuple[Any, bool]:
    before = old if isinstance(old, dict) else {}
    keys = sorted(before.keys() | new.keys()) if head == WILDCARD else [str(head)]
    result = dict(new)
    ok = True
    for key in keys:
        if not rest:
            if key in before:
                result[key] = before[key]
            else:
                result.pop(key, None)
        elif key in before and key in new:
            result[key], done = reset(before[key], new[key], rest)
            ok = ok and done
        elif key in before or key in new:
            ok = False
    return result, ok


def _reset_in_list(old: Any, new: list[Any], head: str | int, rest: Path) -> tuple[Any, bool]:
    before = old if isinstance(old, list) else []
    if head == WILDCARD:
        indices: list[int] = list(range(max(len(before), len(new))))
    else:
        try:
            indices = [int(head)]
        except ValueError:
            return new, False
    result = list(new)
    ok = True
    for index in indices:
        if index < len(before) and index < len(result):
            result[index], done = reset(before[index], result[index], rest)
            ok = ok and done
        elif index < len(before) or index < len(result):
            ok = False
    return result, ok
