"""Running rules over resources: which rules apply, what they say, and what a rule that cannot decide counts as."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from holdfast_policies.exemptions import IN_FORCE, VALID, Exemptions
from holdfast_policies.resource import Resource
from holdfast_policies.rule import Level
from holdfast_policies.rules import catalogue
from holdfast_policies.values import Undecided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from holdfast_policies.resource import Stack
    from holdfast_policies.rule import Change, Rule


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a rule says about one resource, or about the stack (an empty `urn`)."""

    rule: Rule
    level: Level
    urn: str
    subject: str
    """The resource's name as the program wrote it, and its type."""
    problem: str
    waits_for: str = ""
    """The unknown property that an undecided rule waits for."""

    @property
    def undecided(self) -> bool:
        """Whether the rule could not decide."""
        return bool(self.waits_for)

    @property
    def message(self) -> str:
        """One paragraph that names the resource, the rule and the fix."""
        return f"{self.subject} {self.problem} [{self.rule.name}]. Fix: {self.rule.fix}."


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How one rule is to be run: its level, its settings, and what an undecided answer counts as."""

    level: Level
    settings: Mapping[str, Any]
    undecided: Level | None
    """None: as the finding itself."""


@dataclass(kw_only=True)
class Judge:
    """Runs a set of rules. Resource rules are found by type, so a rule costs nothing where it does not apply."""

    rules: Sequence[Rule]
    choices: Mapping[str, Choice] = field(default_factory=dict)
    exemptions: Exemptions = field(default_factory=Exemptions)

    def __post_init__(self) -> None:
        self._by_type: dict[str, list[tuple[Rule, Choice]]] = {}
        self._stack: list[tuple[Rule, Choice]] = []
        for rule in self.rules:
            choice = self.choices.get(rule.name) or Choice(level=rule.level, settings=rule.defaults, undecided=None)
            if choice.level is Level.DISABLED:
                continue
            if rule.of_stack:
                self._stack.append((rule, choice))
                continue
            for name in rule.types:
                self._by_type.setdefault(name, []).append((rule, choice))

    def judge(self, resource: Resource) -> list[Finding]:
        """What the resource rules say about one resource."""
        applying = (*self._by_type.get(resource.type, ()), *self._by_type.get("*", ()))
        found = (finding for rule, choice in applying for finding in run(rule, choice, resource))
        return list(self.exemptions.sift(found))

    def judge_stack(self, stack: Stack) -> list[Finding]:
        """What the stack rules say about the whole stack, and what there is to say of exemptions: judge it last."""
        found = (finding for rule, choice in self._stack for finding in run_stack(rule, choice, stack))
        return [*self.exemptions.sift(found), *self._in_force(), *self._invalid()]

    def _in_force(self) -> Iterator[Finding]:
        level = self._level(IN_FORCE)
        if level is not Level.DISABLED:
            for finding, words in self.exemptions.in_force():
                yield replace(finding, rule=IN_FORCE, level=level, problem=words, waits_for="")

    def _invalid(self) -> Iterator[Finding]:
        level = self._level(VALID)
        if level is not Level.DISABLED:
            known = {rule.name for rule in (*catalogue(), *self.rules)}
            for words in self.exemptions.problems([rule.name for rule in self.rules], known):
                yield Finding(rule=VALID, level=level, urn="", subject="the stack", problem=words)

    def _level(self, rule: Rule) -> Level:
        choice = self.choices.get(rule.name)
        return choice.level if choice else rule.level

    def mends(self, resource: Resource) -> Iterator[tuple[Rule, list[Change]]]:
        """The changes that rules set to `remediate` would make, rule by rule. Empty where nothing is wrong."""
        for rule, choice in (*self._by_type.get(resource.type, ()), *self._by_type.get("*", ())):
            if choice.level is Level.REMEDIATE and rule.mend is not None:
                changes = mend(rule, choice, resource)
                if changes:
                    yield rule, changes


def run(rule: Rule, choice: Choice, resource: Resource) -> list[Finding]:
    """The findings of one resource rule on one resource."""
    assert rule.check is not None  # noqa: S101 - narrows a type
    check = rule.check
    return list(
        _guarded(rule, choice, resource, lambda: ((resource, text) for text in check(resource, choice.settings)))
    )


def run_stack(rule: Rule, choice: Choice, stack: Stack) -> list[Finding]:
    """The findings of one stack rule on a stack."""
    assert rule.check_stack is not None  # noqa: S101 - narrows a type
    check = rule.check_stack
    return list(_guarded(rule, choice, None, lambda: check(stack, choice.settings)))


def mend(rule: Rule, choice: Choice, resource: Resource) -> list[Change]:
    """What would mend the resource; nothing where the rule cannot say, or finds nothing wrong."""
    if rule.mend is None or not run(rule, choice, resource):
        return []
    try:
        return list(rule.mend(resource, choice.settings))
    except Undecided:
        return []


def _guarded(
    rule: Rule, choice: Choice, resource: Resource | None, check: Callable[[], Iterable[tuple[Resource | None, str]]]
) -> Iterator[Finding]:
    try:
        for culprit, problem in check():
            yield _finding(rule, choice.level, culprit, problem)
    except Undecided as answer:
        level = choice.undecided or choice.level
        if level is not Level.DISABLED:
            culprit = answer.resource if isinstance(answer.resource, Resource) else resource
            problem = f"cannot be judged before {answer.waits_for} is known"
            yield _finding(rule, level, culprit, problem, waits_for=answer.waits_for)
    except Exception as error:  # noqa: BLE001 - a rule that breaks must not stop a deployment's other rules
        problem = f"could not be judged: the rule broke with {type(error).__name__}; please report it"
        yield _finding(rule, choice.level, resource, problem)


def _finding(rule: Rule, level: Level, resource: Resource | None, problem: str, *, waits_for: str = "") -> Finding:
    level = Level.MANDATORY if level is Level.REMEDIATE else level  # what remediation left over
    if resource is None:
        return Finding(rule=rule, level=level, urn="", subject="the stack", problem=problem, waits_for=waits_for)
    for secret in sorted(resource.secrets, key=len, reverse=True):
        if secret:
            problem = problem.replace(secret, "[secret]")
    subject = f"{resource.name} ({resource.type})"
    return Finding(rule=rule, level=level, urn=resource.urn, subject=subject, problem=problem, waits_for=waits_for)
