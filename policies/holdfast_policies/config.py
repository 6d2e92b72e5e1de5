"""A pack's configuration: levels, settings and what undecided counts as, checked against each rule's JSON Schema."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from holdfast_policies.exemptions import IN_FORCE, VALID
from holdfast_policies.judge import Choice
from holdfast_policies.rule import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from holdfast_policies.rule import Rule

UNDECIDED: dict[str, Any] = {
    "type": "string",
    "enum": ["finding", "advisory", "nothing"],
    "default": "finding",
    "description": "What the rule counts as where a value it needs is known only after the deployment.",
}
"""The setting that every rule has beside its own."""

_UNDECIDED: dict[object, Level | None] = {"finding": None, "advisory": Level.ADVISORY, "nothing": Level.DISABLED}


def schema(rule: Rule) -> dict[str, Mapping[str, Any]]:
    """The JSON Schema of a rule's settings, by setting."""
    return {**rule.settings, "undecided": UNDECIDED}


def choose(rule: Rule, level: Level | None, given: Mapping[str, Any]) -> Choice:
    """How to run a rule, from a configured level (None: the rule's own) and configured settings."""
    settings = {**rule.defaults, **{key: _whole(value) for key, value in given.items() if key != "undecided"}}
    return Choice(level=level or rule.level, settings=settings, undecided=_UNDECIDED.get(given.get("undecided")))


def choices(rules: Iterable[Rule], config: Mapping[str, Any]) -> dict[str, Choice]:
    """Read a configuration as Pulumi writes it: rule (or `all`) → level, or → {enforcementLevel, settings}."""
    everywhere, _ = _parts(config.get("all"))
    chosen = {}
    for rule in rules:
        level, settings = _parts(config.get(rule.name))
        chosen[rule.name] = choose(rule, level or everywhere, settings)
    return chosen


class ConfigError(ValueError):
    """A configuration that names what does not exist; the message says what, and what there is."""


def checked(rules: Iterable[Rule], config: object) -> dict[str, Any]:
    """A configuration as read from a file, held against the rules; Pulumi does the same for a pack.

    Raises:
        ConfigError: no object, an unknown rule, level or setting, or a value of the wrong type.
    """
    if not isinstance(config, dict):
        raise ConfigError('not an object of rules; write {"dynamodb-pitr": "advisory", …}')
    known = {rule.name: rule for rule in (*rules, VALID, IN_FORCE)}
    for name, entry in config.items():
        if name != "all" and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise ConfigError(f"{name!r} is no rule{f', did you mean {near[0]!r}?' if near else ''}")
        try:
            _, settings = _parts(entry)
        except ValueError:
            levels = ", ".join(level.value for level in Level)
            raise ConfigError(f"{name}: level {entry!r} does not exist; write one of {levels}") from None
        for setting, value in settings.items():
            _check_setting(name, setting, value, schema(known[name]) if name != "all" else {})
    return config


_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def _check_setting(rule: str, name: str, value: object, schemas: Mapping[str, Mapping[str, Any]]) -> None:
    if name not in schemas:
        raise ConfigError(f"{rule}: there is no setting {name!r}; there is {', '.join(schemas) or 'none'}")
    kind = schemas[name]["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise ConfigError(f"{rule}.{name}: {value!r} is no {kind}")
    if "enum" in schemas[name] and value not in schemas[name]["enum"]:
        raise ConfigError(f"{rule}.{name}: {value!r} is none of {', '.join(schemas[name]['enum'])}")


def _whole(value: Any) -> Any:
    """Numbers arrive from the protocol as floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _parts(entry: object) -> tuple[Level | None, dict[str, Any]]:
    if isinstance(entry, str):
        return Level(entry), {}
    if isinstance(entry, dict):
        level = entry.get("enforcementLevel")
        return (Level(level) if level else None), {k: v for k, v in entry.items() if k != "enforcementLevel"}
    return None, {}
