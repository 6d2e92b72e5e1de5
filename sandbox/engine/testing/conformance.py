"""Conformance cases: what the Pulumi engine does with small programs, and how to see that an engine does the same.

A case is a sequence of turns of one stack: a program, a command, and what must come of it. The same case runs on
the sandbox engine and, where `pulumi` is on the PATH, on the real one; see `runners`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.engine import urns
from sandbox.engine.testing.provider import World

Command = Literal["preview", "up", "destroy", "preview-destroy", "refresh", "preview-refresh"]
QUIET = frozenset({"same", "refresh"})


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One command and what must come of it."""

    body: str | None = None
    """The program from now on; None keeps it."""
    command: Command = "up"
    ok: bool = True
    steps: Sequence[str] | None = ()
    """`operation name` of all that is not the same, but the stack and providers; None is not looked at."""
    order: Sequence[str] = ()
    """Some of the steps, in the order in which they must come."""
    says: str = ""
    """Part of a diagnostic or finding."""
    state: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By resource name: fields of the deployment's JSON and their values; None for a field that must be absent."""
    gone: Sequence[str] = ()
    """Names that must not be in the deployment."""
    outputs: Mapping[str, Any] | None = None
    """The stack's outputs, secrets and unknowns as `[secret]` and `output<unknown>`."""
    calls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Provider method to the names of the resources it was called for, in any order."""
    config: Mapping[str, str] = field(default_factory=dict)
    secret_keys: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)
    """Files beside the program, by name."""
    packs: Mapping[str, str] = field(default_factory=dict)
    """Policy packs: name to the text of its `__main__.py`."""
    pack_config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    targets: Sequence[str] = ()
    """Names of the resources that the run targets."""
    lift_protection: bool = False
    before: Callable[[World], None] | None = None
    """Something that happens behind the engine's back, before the command."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case by area and name, with where its expectation comes from."""

    area: str
    name: str
    source: str
    """What was read or seen: `engine 3.260, step_generator.go`, or a run."""
    seen: bool
    """Whether the expectation was seen in a run of the real engine; otherwise it was read in its source."""
    turns: Sequence[Turn]
    sandbox_only: str = ""
    """Why the real engine does not run it, where that is so."""
    own_words: bool = False
    """Each engine says it in its own words: what is said is not looked at on the real one."""

    @property
    def id(self) -> str:
        """A name for tests."""
        return f"{self.area}-{self.name}".replace(" ", "-")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What an engine made of a turn."""

    ok: bool
    steps: Sequence[tuple[str, str]]
    """Operation and URN, in order."""
    messages: Sequence[str]
    outputs: Mapping[str, Any]
    deployment: Mapping[str, Any]
    """As `pulumi stack export` gives it, secrets shown."""
    calls: Mapping[str, Sequence[str]]


def problems(turn: Turn, result: Result) -> list[str]:
    """Everything in which a result is not what the turn expects."""
    found: list[str] = []
    if result.ok != turn.ok:
        found.append(f"ok is {result.ok}, expected {turn.ok}: {result.messages}")
    told = [f"{op} {urns.name_of(urn)}" for op, urn in result.steps if _counts(op, urn)]
    if turn.steps is not None and sorted(told) != sorted(turn.steps):
        found.append(f"steps are {told}, expected {list(turn.steps)}")
    positions = [told.index(step) if step in told else -1 for step in turn.order]
    if positions != sorted(positions) or -1 in positions:
        found.append(f"steps come as {told}, expected the order {list(turn.order)}")
    if turn.says and not any(turn.says in message for message in result.messages):
        found.append(f"nothing says {turn.says!r}: {result.messages}")
    if turn.outputs is not None and dict(result.outputs) != dict(turn.outputs):
        found.append(f"outputs are {dict(result.outputs)}, expected {dict(turn.outputs)}")
    for method, names in turn.calls.items():
        if sorted(result.calls.get(method, ())) != sorted(names):
            found.append(f"{method} was called for {list(result.calls.get(method, ()))}, expected {list(names)}")
    return found + _state_problems(turn, result)


def _counts(op: str, urn: str) -> bool:
    type_ = urns.type_of(urn)
    return op not in QUIET and type_ != urns.STACK_TYPE and not urns.is_provider(type_)


def _state_problems(turn: Turn, result: Result) -> list[str]:
    resources: dict[str, Mapping[str, Any]] = {}
    for resource in result.deployment.get("deployment", {}).get("resources", ()):
        if not resource.get("delete"):
            resources[urns.name_of(resource["urn"])] = resource
    found = [f"{name} is still in the deployment" for name in turn.gone if name in resources]
    for name, fields in turn.state.items():
        if name not in resources:
            found.append(f"{name} is not in the deployment")
            continue
        for key, expected in fields.items():
            actual = resources[name].get(key)
            if not _holds(actual, expected):
                found.append(f"{name}.{key} is {actual!r}, expected {expected!r}")
    return found


def _holds(actual: Any, expected: Any) -> bool:
    """Whether what is expected is there: a mapping may have more keys than those named; `...` is anything."""
    if expected is ...:
        return actual is not None
    if callable(expected):
        return bool(expected(actual))
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return all(_holds(actual.get(key), value) for key, value in expected.items())
    return bool(actual == expected)
