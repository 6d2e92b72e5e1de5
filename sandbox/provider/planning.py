"""Check and Diff as pure functions over decoded properties; no cloud is needed for either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.codec import Value
from sandbox.provider import naming
from sandbox.provider.checking import constraints, types
from sandbox.provider.diffing import Difference, diff, equal
from sandbox.provider.faults import Failure
from sandbox.provider.resource import Kind
from sandbox.provider.sdk import TypeInfo


@dataclass(frozen=True)
class Checked:
    """Inputs with what the provider fills in, and the faults found."""

    inputs: dict[str, Value]
    failures: list[Failure]


def check(
    kind: Kind, info: TypeInfo, logical_name: str, olds: Mapping[str, Value], news: Mapping[str, Value], *, seed: bytes
) -> Checked:
    """Fill in the automatic name and check every property against the SDK's types."""
    inputs = {key: value for key, value in news.items() if key != naming.DEFAULTS}
    if kind.name is not None:
        name = naming.automatic(kind.name, logical_name, olds, inputs, seed)
        if name is not None:
            inputs[kind.name.property] = name
            inputs[naming.DEFAULTS] = [kind.name.property]
    failures = types.check(info, inputs)
    wrong = {failure.property for failure in failures}
    # A value of a wrong type is told once; the service's own constraints are for values that have the right one.
    failures += [failure for failure in constraints.check(info, inputs) if failure.property not in wrong]
    return Checked(inputs, failures)


def plan(
    kind: Kind,
    info: TypeInfo,
    olds: Mapping[str, Value],
    news: Mapping[str, Value],
    ignored: frozenset[str] = frozenset(),
) -> Difference:
    """What a change from old to new inputs means."""
    return diff(kind, info, olds, news, ignored)


def deletes_first(kind: Kind, olds: Mapping[str, Value], news: Mapping[str, Value]) -> bool:
    """Whether a replacement must delete before it creates: the program's own name stays, so both cannot exist."""
    if kind.lasting:
        return True
    if kind.name is None:
        return False
    name = kind.name.property
    kept = news.get(name)
    return kept is not None and name not in naming.filled_in(news) and equal(olds.get(name), kept)
