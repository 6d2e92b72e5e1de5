"""A pack's configuration: levels, settings and what undecided counts as, checked against each rule's JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
