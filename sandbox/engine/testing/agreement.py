"""Whether two engines made the same of a turn: exit code, steps, and the whole deployment.

Left out is what no two runs share: times, identifiers that are random or that count what was made before, places in
the program's files, and the order of lists that have none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.engine import urns
from sandbox.engine.testing.conformance import QUIET, Result

_PASSING = frozenset({"created", "modified", "sourcePosition", "stackTrace", "taint"})
"""Fields of a resource that differ from run to run."""
_SORTED = ("dependencies", "additionalSecretOutputs", "aliases", "initErrors")
_COUNTED = ("serial", "arn")
"""Outputs of the test provider that count what it made before."""


def differences(ours: Result, theirs: Result) -> list[str]:
    """Everything in which two results of the same turn differ; empty where they agree."""
    found: list[str] = []
    if ours.ok != theirs.ok:
        found.append(f"ok: {ours.ok} here, {theirs.ok} there")
    if _steps(ours) != _steps(theirs):
        found.append(f"steps: {_steps(ours)} here, {_steps(theirs)} there")
    one, two = _resources(ours.deployment), _resources(theirs.deployment)
    for place in sorted(one.keys() | two.keys()):
        here, there = one.get(place), two.get(place)
        if here is None or there is None:
            found.append(f"{place} is only {'there' if here is None else 'here'}")
            continue
        found += [
            f"{place}.{name}: {json.dumps(here.get(name))} here, {json.dumps(there.get(name))} there"
            for name in sorted(here.keys() | there.keys())
            if here.get(name) != there.get(name)
        ]
    return found


def _steps(result: Result) -> list[str]:
    """Operations on what the program made: which of several runs first is chance."""
    return sorted(
        f"{op} {urns.name_of(urn)}"
        for op, urn in result.steps
        if op not in QUIET and urns.type_of(urn) != urns.STACK_TYPE and not urns.is_provider(urns.type_of(urn))
    )


def _resources(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for resource in document.get("deployment", {}).get("resources") or ():
        place = resource["urn"] + (" (old copy)" if resource.get("delete") else "")
        found[place] = _normal(resource)
    return found


def _normal(resource: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in resource.items() if name not in _PASSING and value not in (None, {}, [], "")}
    is_provider = urns.is_provider(resource["type"])
    if is_provider:
        kept.pop("id", None)
        for name in ("inputs", "outputs"):
            values = {
                key: value for key, value in (kept.get(name) or {}).items() if key not in ("version", "__internal")
            }
            kept[name] = values
    elif "id" in kept:
        kept["id"] = _uncounted(str(kept["id"]))
    if "provider" in kept:
        kept["provider"] = urns.reference_urn(kept["provider"])
    for name in _SORTED:
        if name in kept:
            kept[name] = sorted(kept[name])
    if "propertyDependencies" in kept:
        kept["propertyDependencies"] = {
            key: sorted(value) for key, value in kept["propertyDependencies"].items() if value
        }
    for name in ("inputs", "outputs"):
        if name in kept:
            kept[name] = {key: _values(value) for key, value in kept[name].items() if key not in _COUNTED}
    return {name: value for name, value in kept.items() if value not in (None, {}, [], "")}


def _values(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _values(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_values(entry) for entry in value]
    return _uncounted(value) if isinstance(value, str) else value


def _uncounted(text: str) -> str:
    """An identifier `name-3` without the count, which depends on what was made first."""
    head, dash, tail = text.rpartition("-")
    return head if dash and tail.isdigit() else text
