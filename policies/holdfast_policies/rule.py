"""What a rule is, and how a subject collects its rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from holdfast_policies.controls import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from holdfast_policies.resource import Resource, Stack

    Settings = Mapping[str, Any]
    ResourceCheck = Callable[[Resource, Settings], Iterable[str]]
    StackCheck = Callable[[Stack, Settings], Iterable[tuple[Resource | None, str]]]
    Change = tuple[tuple[str, ...], Any]
    Mend = Callable[[Resource, Settings], Iterable[Change]]


class Severity(Enum):
    """How much harm the broken rule may do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(Enum):
    """What a finding does to a deployment, in Pulumi's words."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One policy. `check` yields what is wrong, in words that follow the resource's name."""

    name: str
    pack: str
    subject: str
    title: str
    """What must hold, as a sentence without a full stop."""
    why: str
    """What happens to somebody who breaks it."""
    fix: str
    """What to write instead, as an imperative sentence without a full stop."""
    severity: Severity
    level: Level
    types: tuple[str, ...]
    """Resource types that it judges; a stack rule says here which types it speaks of."""
    controls: tuple[str, ...]
    """Published ids, each confirmed in controls.toml: Security Hub first, then CIS, PCI DSS and NIST."""
    settings: Mapping[str, Mapping[str, Any]]
    """JSON Schema of each setting, with its default."""
    check: ResourceCheck | None = None
    check_stack: StackCheck | None = None
    mend: Mend | None = None

    @property
    def of_stack(self) -> bool:
        """Whether it judges the whole stack rather than one resource."""
        return self.check_stack is not None

    @property
    def defaults(self) -> dict[str, Any]:
        """The value of each setting where nobody sets it."""
        return {name: schema["default"] for name, schema in self.settings.items() if "default" in schema}


@dataclass
class Subject:
    """A file of rules on one subject; the pack they are served in."""

    name: str
    pack: str
    rules: list[Rule] = field(default_factory=list)

    def rule(self, name: str, *types: str, **words: Any) -> Callable[[ResourceCheck], Rule]:
        """Make a function over one resource of these types a rule."""
        return lambda check: self._add(name, types, words, check=check)

    def stack_rule(self, name: str, *types: str, **words: Any) -> Callable[[StackCheck], Rule]:
        """Make a function over the whole stack a rule."""
        return lambda check: self._add(name, types, words, check_stack=check)

    def _add(self, name: str, types: tuple[str, ...], words: dict[str, Any], **checks: Any) -> Rule:
        severity = words.pop("severity", Severity.MEDIUM)
        level = words.pop("level", Level.ADVISORY if severity is Severity.LOW else Level.MANDATORY)
        rule = Rule(
            name=name,
            pack=self.pack,
            subject=self.name,
            severity=severity,
            level=level,
            types=types,
            controls=expand(words.pop("controls", ())),
            settings=words.pop("settings", {}),
            **words,
            **checks,
        )
        self.rules.append(rule)
        return rule
