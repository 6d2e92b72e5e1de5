"""A table of cases for one rule, and the check of a rule against its table."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from holdfast_policies.judge import Choice, Finding, mend, run, run_stack
from holdfast_policies.resource import Resource, Stack
from holdfast_policies.rule import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast_policies.rule import Rule

Program = Resource | Sequence[Resource]
"""One resource, or all of a stack."""


@dataclass(frozen=True, kw_only=True)
class Cases:
    """The programs that a rule must tell apart."""

    rule: str
    passes: Sequence[Program]
    fails: Sequence[Program]
    undecided: Sequence[Program] = ()
    always_decides: str = ""
    """Why no value that the rule reads can be unknown, where that is so."""
    not_mended: Sequence[Program] = ()
    """Programs that fail and that remediation, where the rule has it, leaves as they are."""
    settings: Mapping[str, Any] = field(default_factory=dict)


def judge_program(rule: Rule, program: Program, settings: Mapping[str, Any] | None = None) -> list[Finding]:
    """What one rule says about a program."""
    choice = _choice(rule, settings)
    resources = [program] if isinstance(program, Resource) else list(program)
    if rule.of_stack:
        return run_stack(rule, choice, Stack(resources))
    return [
        finding
        for resource in resources
        if resource.type in rule.types or "*" in rule.types
        for finding in run(rule, choice, resource)
    ]


def mended(rule: Rule, resource: Resource, settings: Mapping[str, Any] | None = None) -> Resource:
    """The resource after the rule's remediation."""
    properties = copy.deepcopy(dict(resource.data))
    for path, value in mend(rule, _choice(rule, settings), resource):
        _set(properties, path, value)
    return Resource(
        type=resource.type,
        name=resource.name,
        urn=resource.urn,
        properties=properties,
        options=resource.options,
        provider=resource.provider,
    )


def check(rule: Rule, cases: Cases) -> None:
    """Hold a rule against its table.

    Raises:
        AssertionError: the rule answers a case otherwise; the message shows the case and the answer.
    """
    for program in cases.passes:
        found = judge_program(rule, program, cases.settings)
        _expect(not found, rule, program, "passes", found)
    for program in (*cases.fails, *cases.not_mended):
        found = judge_program(rule, program, cases.settings)
        _expect(bool(found) and not any(one.undecided for one in found), rule, program, "fails", found)
        _expect(not any("rule broke" in one.problem for one in found), rule, program, "fails without breaking", found)
    for program in cases.undecided:
        found = judge_program(rule, program, cases.settings)
        _expect(any(one.undecided for one in found), rule, program, "cannot be decided", found)
    if rule.mend is not None:
        _check_mending(rule, cases)


def _check_mending(rule: Rule, cases: Cases) -> None:
    for program in cases.fails:
        for resource in [program] if isinstance(program, Resource) else program:
            after = mended(rule, resource, cases.settings)
            left = judge_program(rule, after, cases.settings)
            _expect(not left, rule, after, "passes once it is mended", left)
            again = mended(rule, after, cases.settings)
            _expect(again.data == after.data, rule, after, "is mended once and then left alone", [])
    for program in cases.not_mended:
        for resource in [program] if isinstance(program, Resource) else program:
            _expect(
                mended(rule, resource, cases.settings).data == resource.data, rule, resource, "is left as it is", []
            )


def _choice(rule: Rule, settings: Mapping[str, Any] | None) -> Choice:
    return Choice(level=Level.REMEDIATE, settings={**rule.defaults, **(settings or {})}, undecided=None)


def _expect(holds: bool, rule: Rule, program: Program, what: str, found: Sequence[Finding]) -> None:  # noqa: FBT001
    if not holds:
        resources = [program] if isinstance(program, Resource) else program
        shown = "; ".join(f"{one.name} ({one.type}) {dict(one.data)}" for one in resources)
        answers = "; ".join(one.message for one in found) or "nothing"
        raise AssertionError(f"{rule.name}: a program that {what} was answered with {answers}\n{shown}")


def _set(properties: dict[str, Any], path: Sequence[str], value: Any) -> None:
    here: Any = properties
    for step, following in itertools.pairwise(path):
        if step.isdigit():
            here = here[int(step)]
            continue
        if here.get(step) is None:
            here[step] = [] if following.isdigit() else {}
        here = here[step]
    here[path[-1]] = value
