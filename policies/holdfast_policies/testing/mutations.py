"""Proof by mutation: break in a real deployment exactly what a rule guards, and see that rule speak, and no other.

For a rule on single resources the mutation is what makes the first failing case of its table differ from a sound
resource, done to a resource of the deployment, or to a sound one put into it where it has none of the type. A stack
rule says what to take away or to change. Rules that follow from the same fault are declared with the mutation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from holdfast_policies import kinds
from holdfast_policies.alarms import dimension_sets
from holdfast_policies.judge import Choice, Judge
from holdfast_policies.resource import Options, Resource, Stack
from holdfast_policies.rule import Level, Rule
from holdfast_policies.testing.cases import Cases, judge_program
from holdfast_policies.testing.sound import SOUND


@dataclass(frozen=True)
class Deployment:
    """All resources of a stack twice: as they were registered, and as the stack rules see them."""

    resources: tuple[Resource, ...]
    stack: tuple[Resource, ...]

    def of(self, *kinds: str) -> list[Resource]:
        """The registered resources of these types."""
        return [resource for resource in self.resources if resource.type in kinds]

    def edited(self, edit: Callable[[Resource], Resource | None]) -> Deployment:
        """Each resource replaced by what `edit` makes of it, or left out where that is None."""
        return Deployment(_each(self.resources, edit), _each(self.stack, edit))

    def added(self, *extra: Resource) -> Deployment:
        """With more resources."""
        return Deployment((*self.resources, *extra), (*self.stack, *extra))

    def judged(self, rules: Sequence[Rule], choices: Mapping[str, Choice]) -> set[tuple[str, str, str]]:
        """What all the rules say: rule, URN and problem of each finding."""
        judge = Judge(rules=rules, choices=choices)
        found = [finding for resource in self.resources for finding in judge.judge(resource)]
        found += judge.judge_stack(Stack(self.stack))
        return {(finding.rule.name, finding.urn, finding.problem) for finding in found}


Edit = Callable[[Deployment], Deployment]


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A fault, the rule that it is for, and the rules that follow from it.

    Of several edits the first counts that the rule notices: a deployment may have nothing that the first can break.
    """

    rule: str
    edits: tuple[Edit, ...]
    follows: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def new_findings(self, deployment: Deployment, rules: Sequence[Rule]) -> set[str]:
        """The names of the rules that say something about the broken deployment that they did not say before."""
        choices = {}
        for rule in rules:
            settings = {**rule.defaults, **(self.settings if rule.name == self.rule else {})}
            choices[rule.name] = Choice(level=Level.ADVISORY, settings=settings, undecided=None)
        found: set[str] = set()
        for edit in self.edits:
            needs = getattr(edit, "needs", None)
            base = needs(deployment) if needs else deployment
            new = edit(base).judged(rules, choices) - base.judged(rules, choices)
            found = {name for name, _, _ in new}
            if self.rule in found:
                break
        return found


def _each(resources: Iterable[Resource], edit: Callable[[Resource], Resource | None]) -> tuple[Resource, ...]:
    return tuple(edited for resource in resources if (edited := edit(resource)) is not None)


def with_properties(resource: Resource, changes: Mapping[str, Any]) -> Resource:
    """A copy of a resource with properties set, or taken away where the value is None."""
    properties = {key: value for key, value in {**resource.data, **changes}.items() if value is not None}
    given = {key: urns for key, urns in resource.property_dependencies.items() if key not in changes}
    return _copy(resource, properties=properties, property_dependencies=given)


def _copy(resource: Resource, **changes: Any) -> Resource:
    words: dict[str, Any] = {
        "type": resource.type,
        "name": resource.name,
        "urn": resource.urn,
        "properties": resource.data,
        "options": resource.options,
        "provider": resource.provider,
        "dependencies": resource.dependencies,
        "property_dependencies": resource.property_dependencies,
        "id": resource.id,
        "secrets": resource.secrets,
    }
    return Resource(**{**words, **changes})


class Break:
    """Does to one resource of the deployment what makes a failing case differ from a sound resource."""

    def __init__(self, rule: Rule, cases: Cases) -> None:
        self.rule = rule
        self.settings = cases.settings
        program = cases.fails[0]
        self.broken = program if isinstance(program, Resource) else program[0]
        self.sound = SOUND.get(self.broken.type, {})
        names = self.sound.keys() | self.broken.data.keys()
        self.changes = {name: self.broken.data.get(name) for name in names if self._differs(name)}

    def needs(self, deployment: Deployment) -> Deployment:
        """A sound resource, where the deployment has none of the type that the fault can be done to."""
        if self._target(deployment) is not None:
            return deployment
        sound = with_properties(self.broken, {**dict.fromkeys(self.broken.data), **self.sound})
        return deployment.added(_copy(sound, options=replace(Options(), protect=self.broken.type == kinds.TABLE)))

    def __call__(self, deployment: Deployment) -> Deployment:
        """The broken deployment."""
        target = self._target(deployment)
        urn = target.urn if target else self.broken.urn
        return deployment.edited(lambda resource: self._broken(resource) if resource.urn == urn else resource)

    def _differs(self, name: str) -> bool:
        return bool(self.broken.data.get(name) != self.sound.get(name))

    def _broken(self, resource: Resource) -> Resource:
        options = resource.options
        if self.broken.options != Options(protect=self.broken.type == kinds.TABLE):
            options = self.broken.options
        return _copy(with_properties(resource, self.changes), options=options)

    def _target(self, deployment: Deployment) -> Resource | None:
        """The first resource of the type that passes now, and fails once it is broken."""
        for resource in deployment.of(self.broken.type):
            sound = not judge_program(self.rule, resource, self.settings)
            if sound and judge_program(self.rule, self._broken(resource), self.settings):
                return resource
        return None


class Remove:
    """Takes every resource of some types out of the deployment."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def __call__(self, deployment: Deployment) -> Deployment:
        """The broken deployment."""
        return deployment.edited(lambda resource: None if resource.type in self.kinds else resource)


class Unset:
    """Takes a property from every resource of a type."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name

    def __call__(self, deployment: Deployment) -> Deployment:
        """The broken deployment."""
        return deployment.edited(
            lambda resource: with_properties(resource, {self.name: None}) if resource.type == self.kind else resource
        )


class RemoveFrom:
    """Takes the resources of a type out of one region."""

    def __init__(self, kind: str, region: str) -> None:
        self.kind = kind
        self.region = region

    def __call__(self, deployment: Deployment) -> Deployment:
        """The broken deployment."""
        return deployment.edited(
            lambda one: None if one.type == self.kind and one.name.startswith(f"{self.region}-") else one
        )


class RemoveAlarms:
    """Takes the alarms on some metrics out of the deployment."""

    def __init__(self, *metrics: str) -> None:
        self.metrics = metrics

    def __call__(self, deployment: Deployment) -> Deployment:
        """The broken deployment."""
        return deployment.edited(lambda resource: None if self._is_meant(resource) else resource)

    def _is_meant(self, resource: Resource) -> bool:
        if resource.type != kinds.ALARM:
            return False
        return any(metric in self.metrics for _, metric, _, _ in dimension_sets(resource))


class Add:
    """Puts a program into the deployment; `sound` is what is there before."""

    def __init__(self, *broken: Resource, sound: Sequence[Resource] = ()) -> None:
        self.broken = broken
        self.sound = tuple(sound)

    def needs(self, deployment: Deployment) -> Deployment:
        """The sound program."""
        return deployment.added(*self.sound)

    def __call__(self, deployment: Deployment) -> Deployment:
        """The broken program in place of the sound one."""
        urns = {one.urn for one in (*self.sound, *self.broken)}
        return deployment.edited(lambda one: None if one.urn in urns else one).added(*self.broken)
