"""What differs: between two property maps, and what options make of a provider's answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.codec import UNKNOWN, Output, same, unwrap_secrets
from sandbox.engine import paths

INIT_ERROR = "#initerror"


@dataclass(frozen=True, kw_only=True)
class Diff:
    """A provider's answer, or the engine's own comparison."""

    changed: bool
    replace_keys: tuple[str, ...] = ()
    changed_keys: tuple[str, ...] = ()
    detailed: Mapping[str, str] = field(default_factory=dict)
    """Property path to add, update or delete, with `-replace` where it forces a replacement."""
    delete_before_replace: bool = False
    unknown: bool = False
    """The provider could not say; the engine compares inputs."""

    @property
    def replaces(self) -> bool:
        """Whether the resource must be replaced."""
        return bool(self.replace_keys)


SAME = Diff(changed=False)
_INVERSE = {"add": "delete", "delete": "add", "update": "update"}


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Diff:
    """Compare two property maps by value; secrecy does not count. Nothing forces a replacement."""
    detailed = dict(_differences(unwrap_secrets(old), unwrap_secrets(new), ()))
    keys = tuple(dict.fromkeys(str(paths.parse(path)[0]) for path in detailed))
    return Diff(changed=bool(detailed), changed_keys=keys, detailed=detailed)


def _differences(old: Any, new: Any, path: tuple[str | int, ...]) -> Iterable[tuple[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if key.startswith("__") and not path:
                continue
            inner = (*path, key)
            if key not in old:
                yield paths.render(inner), "add"
            elif key not in new:
                yield paths.render(inner), "delete"
            else:
                yield from _differences(old[key], new[key], inner)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            if index >= len(old):
                yield paths.render((*path, index)), "add"
            elif index >= len(new):
                yield paths.render((*path, index)), "delete"
            else:
                yield from _differences(old[index], new[index], (*path, index))
    elif new is UNKNOWN or isinstance(new, Output) or not same(old, new):
        yield paths.render(path), "update"


def ignore_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], ignored: Sequence[str]
) -> tuple[dict[str, Any], list[str]]:
    """The new inputs with ignored properties as they were, and the paths that could not be kept."""
    result: Any = dict(new)
    failed = []
    for text in ignored:
        try:
            path = paths.parse(text)
        except ValueError:
            continue
        result, ok = paths.reset(dict(old), result, path)
        if not ok:
            failed.append(text)
    return result, failed


def replace_on_changes(diff: Diff, wanted: Sequence[str], *, init_errors: bool) -> Diff:
    """The diff with changes under the wanted paths made replacements (engine 3.260, step_generator.go)."""
    if not wanted or not (diff.changed or init_errors):
        return diff
    outer = [paths.parse(path) for path in wanted]

    def forced(text: str) -> bool:
        inner = paths.parse(text)
        return any(paths.contains(path, inner) for path in outer)

    detailed = {
        path: f"{kind}-replace" if not kind.endswith("-replace") and forced(path) else kind
        for path, kind in diff.detailed.items()
    }
    keys = dict.fromkeys((*diff.replace_keys, *(key for key in diff.changed_keys if forced(key))))
    for path, kind in detailed.items():
        if kind.endswith("-replace"):
            keys[str(paths.parse(path)[0])] = None
    changed = diff.changed
    if init_errors and any(path in ((INIT_ERROR,), (paths.WILDCARD,)) for path in outer):
        keys[INIT_ERROR] = None
        changed = True
    return replace(diff, changed=changed, detailed=detailed, replace_keys=tuple(keys))


def invert(diff: Diff) -> Diff:
    """The diff seen from the other side, as a refresh shows it: what the cloud did to the state."""
    return replace(
        diff,
        replace_keys=(),
        detailed={path: _INVERSE[kind.removesuffix("-replace")] for path, kind in diff.detailed.items()},
    )
