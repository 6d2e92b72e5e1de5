"""What an update would change, property by property, and whether it can be done in place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.codec import UNKNOWN, Secret, Value, contains_unknown
from sandbox.provider.checking.types import join, plain_top
from sandbox.provider.resource import Kind
from sandbox.provider.sdk import Shape, TypeInfo

Change = Literal["add", "update", "delete"]
_INDEX = re.compile(r"\[\d+\]")
ANY = Shape("any")


@dataclass(frozen=True)
class Difference:
    """Changed property paths with what happens to each, and those whose change means a replacement."""

    changes: Mapping[str, Change]
    forcing: frozenset[str]

    @property
    def replaces(self) -> bool:
        """Whether the resource must be replaced."""
        return bool(self.forcing)

    def top_level(self) -> list[str]:
        """The changed properties by their top-level names."""
        return sorted({top(path) for path in self.changes})

    def top_level_forcing(self) -> list[str]:
        """The forcing properties by their top-level names."""
        return sorted({top(path) for path in self.forcing})


def top(path: str) -> str:
    """The top-level name of a property path."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def diff(
    kind: Kind,
    info: TypeInfo | None,
    olds: Mapping[str, Value],
    news: Mapping[str, Value],
    ignored: frozenset[str] = frozenset(),
) -> Difference:
    """Compare old with new inputs; an input left out equals its default."""
    changes: dict[str, Change] = {}
    for name in sorted(set(olds) | set(news)):
        if name.startswith("__") or name in ignored:
            continue
        default = kind.defaults.get(name)
        old = _or_default(olds.get(name), default)
        new = _or_default(news.get(name), default)
        shape = info.inputs.get(name, ANY) if info is not None else ANY
        changes.update(_compare(name, old, new, shape, kind))
    changed = {top(path) for path in changes}
    sometimes = {path for path, forced in kind.forces_if.items() if top(path) in changed and forced(olds, news)}
    forces = kind.forces | sometimes
    forcing = frozenset(path for path in changes if _forces(path, forces))
    return Difference(changes, forcing)


def _or_default(value: Value, default: Value) -> Value:
    return default if plain_top(value) is None else value


def _forces(path: str, forces: frozenset[str]) -> bool:
    bare = _INDEX.sub("", path)
    return any(bare == force or bare.startswith((f"{force}.", f"{force}[")) for force in forces)


def _compare(path: str, old: Value, new: Value, shape: Shape, kind: Kind) -> Iterator[tuple[str, Change]]:
    old, new = plain_top(old), plain_top(new)
    if new is UNKNOWN:
        yield path, "update" if not empty(old) else "add"
        return
    if empty(old) and empty(new):
        return
    if empty(old) or empty(new):
        yield path, "add" if empty(old) else "delete"
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _compare_fields(path, old, new, shape, kind)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _compare_items(path, old, new, shape, kind)
    elif not equal(old, new, document=path in kind.documents):
        yield path, "update"


def _compare_fields(
    path: str, old: dict[str, Value], new: dict[str, Value], shape: Shape, kind: Kind
) -> Iterator[tuple[str, Change]]:
    for key in sorted(set(old) | set(new)):
        if key.startswith("__"):
            continue
        inner = shape.fields.get(key, ANY) if shape.kind == "object" else shape.item or ANY
        where = join(path, key)
        default = kind.defaults.get(_INDEX.sub("", where))
        yield from _compare(where, _or_default(old.get(key), default), _or_default(new.get(key), default), inner, kind)


def _compare_items(
    path: str, old: list[Value], new: list[Value], shape: Shape, kind: Kind
) -> Iterator[tuple[str, Change]]:
    inner = shape.item or ANY
    if _INDEX.sub("", path) in kind.sets and not contains_unknown(new):
        missing = [item for item in old if not any(_same(item, other, inner, kind, path) for other in new)]
        extra = [item for item in new if not any(_same(item, other, inner, kind, path) for other in old)]
        if not missing and not extra:
            return
        if len(missing) != len(extra):
            yield from ((f"{path}[{new.index(item)}]", "add") for item in extra)
            yield from ((f"{path}[{old.index(item)}]", "delete") for item in missing)
            return
        for one, other in zip(missing, extra, strict=True):
            yield from _compare(f"{path}[{new.index(other)}]", one, other, inner, kind)
        return
    for index in range(max(len(old), len(new))):
        where = f"{path}[{index}]"
        if index >= len(old):
            yield where, "add"
        elif index >= len(new):
            yield where, "delete"
        else:
            yield from _compare(where, old[index], new[index], inner, kind)


def _same(one: Value, other: Value, shape: Shape, kind: Kind, path: str) -> bool:
    return not list(_compare(f"{path}[0]", one, other, shape, kind))


def empty(value: Value) -> bool:
    """Whether a value says nothing: absent and empty collections are one to the real provider."""
    value = plain_top(value)
    return value is None or (isinstance(value, list | dict) and not value)


def equal(old: Value, new: Value, *, document: bool = False) -> bool:
    """Whether two scalars mean the same: `"5"` and 5 do, and two spellings of one JSON document."""
    if old == new and isinstance(old, bool) == isinstance(new, bool):
        return True
    if isinstance(old, str) and isinstance(new, str):
        return document and canonical(old) == canonical(new)
    scalars = (str, int, float, bool)
    return isinstance(old, scalars) and isinstance(new, scalars) and _text(old) == _text(new)


def _text(value: str | float | bool) -> str:  # noqa: FBT001  a value of any scalar type
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def canonical(document: str) -> str:
    """A JSON document spelled the one way; text that is no JSON stays as it is."""
    try:
        value = json.loads(document)
    except ValueError:
        return document
    return json.dumps(_single_or_list(value), sort_keys=True, separators=(",", ":"))


def _single_or_list(value: Value) -> Value:
    # In an IAM document a list of one and the bare value are the same, and the order of a list means nothing.
    if isinstance(value, dict):
        return {key: _single_or_list(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_single_or_list(item) for item in value]
        if len(items) == 1 and isinstance(items[0], str):
            return items[0]
        return (
            sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
            if all(isinstance(i, str) for i in items)
            else items
        )
    return value


def keep_secret(olds: Mapping[str, Value], name: str, value: Value) -> Value:
    """Wrap a value as a secret when the input it stands for was one."""
    return Secret(value) if isinstance(olds.get(name), Secret) and not isinstance(value, Secret) else value
