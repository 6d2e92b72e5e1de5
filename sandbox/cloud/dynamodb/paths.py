"""Document paths: reading, setting and removing what they point to."""

from __future__ import annotations

from typing import Any

from sandbox.cloud.dynamodb.errors import invalid
from sandbox.cloud.dynamodb.values import Item, Value

Path = tuple[str | int, ...]
"""The attribute's name, then names and list indexes."""

_Items = dict[Any, Value]
"""An item whose attributes are looked up by the first part of a path."""


def show(path: Path) -> str:
    """A path as DynamoDB lists it in its messages: `[a, b, [0]]`."""
    return "[" + ", ".join(f"[{part}]" if isinstance(part, int) else part for part in path) + "]"


def get(item: _Items, path: Path) -> Value | None:
    """The value at a path, or None where there is none."""
    value = item.get(path[0])
    for part in path[1:]:
        if value is None:
            return None
        if isinstance(part, int):
            entries = value.get("L")
            value = entries[part] if entries is not None and part < len(entries) else None
        else:
            members = value.get("M")
            value = members.get(part) if members is not None else None
    return value


def copy(value: Any) -> Any:
    """A deep copy of a value (faster than the general one: values are dicts and lists of strings)."""
    if isinstance(value, dict):
        return {name: copy(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [copy(entry) for entry in value]
    return value


def overlap(one: Path, two: Path) -> str | None:
    """`overlap` when one path contains the other, `conflict` when they treat a parent as map and as list."""
    for first, second in zip(one, two, strict=False):
        if isinstance(first, int) != isinstance(second, int):
            return "conflict"
        if first != second:
            return None
    return "overlap"


def _parent(item: _Items, path: Path) -> Value:
    parent = get(item, path[:-1])
    if parent is None or ("L" if isinstance(path[-1], int) else "M") not in parent:
        raise invalid("The document path provided in the update expression is invalid for update")
    return parent


def put(item: _Items, path: Path, value: Value) -> None:
    """Set what a path points to, in place; a list index beyond the end appends.

    Raises:
        ServiceError: the parent is not there, or not a map or list as the path says.
    """
    last = path[-1]
    if len(path) == 1:
        item[last] = value
        return
    parent = _parent(item, path)
    if isinstance(last, int):
        entries = parent["L"]
        if last < len(entries):
            entries[last] = value
        else:
            entries.append(value)
    else:
        parent["M"][last] = value


def remove(item: _Items, path: Path) -> None:
    """Remove what a path points to, in place; a list element leaves a hole until `close_holes`.

    Raises:
        ServiceError: the parent is not there, or not a map or list as the path says.
    """
    last = path[-1]
    if len(path) == 1:
        item.pop(last, None)
        return
    parent = _parent(item, path)
    if isinstance(last, int):
        if last < len(parent["L"]):
            parent["L"][last] = None
    else:
        parent["M"].pop(last, None)


def close_holes(value: Any) -> None:
    """Take out the list elements that `remove` emptied."""
    if isinstance(value, dict):
        entries = value.get("L")
        if isinstance(entries, list):
            entries[:] = [entry for entry in entries if entry is not None]
        for entry in value.values():
            close_holes(entry)
    elif isinstance(value, list):
        for entry in value:
            close_holes(entry)


def project(item: Item, paths: list[Path]) -> Item:
    """The parts of an item that the paths point to, in the item's own shape. List elements close up in order."""
    tree: dict[Any, Any] = {}
    for path in paths:
        node = tree
        for part in path:
            node = node.setdefault(part, {})
    result: Item = {}
    for name, below in tree.items():
        if name in item:
            value = _project(item[name], below)
            if value is not None:
                result[name] = value
    return result


def _project(value: Value, tree: dict[Any, Any]) -> Value | None:
    if not tree:
        return value
    if "M" in value:
        members = {}
        for name, below in tree.items():
            if isinstance(name, str) and name in value["M"]:
                found = _project(value["M"][name], below)
                if found is not None:
                    members[name] = found
        return {"M": members} if members else None
    if "L" in value:
        entries = []
        for index in sorted(part for part in tree if isinstance(part, int)):
            if index < len(value["L"]):
                found = _project(value["L"][index], tree[index])
                if found is not None:
                    entries.append(found)
        return {"L": entries} if entries else None
    return None
