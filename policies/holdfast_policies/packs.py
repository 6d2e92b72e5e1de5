"""Which rules each pack serves."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Final

from holdfast_policies.exemptions import IN_FORCE, VALID
from holdfast_policies.rules import catalogue

if TYPE_CHECKING:
    from holdfast_policies.rule import Rule

PACKS: Final = {
    "encryption": "Encryption at rest and in transit, and the keys that do it.",
    "recovery": "Recovery from deletion and loss, and serving on when a Region does not.",
    "least-privilege": "Who may do what, from where, and in which Region.",
    "operations": "Audit, alarms, cost, tags and compute.",
}
"""Each pack with its description."""


def rules_of(pack: str) -> tuple[Rule, ...]:
    """The rules of one pack, in the order of the catalogue."""
    return tuple(rule for rule in all_rules() if rule.pack == pack)


def all_rules() -> tuple[Rule, ...]:
    """Every rule there is."""
    return tuple(catalogue())


def policies_of(pack: str) -> tuple[Rule, ...]:
    """What a pack lists as its policies: its rules, and the two that keep an eye on exemptions."""
    return (*rules_of(pack), IN_FORCE, VALID)


def version() -> str:
    """The version of the distribution, which is the version of every pack."""
    return metadata.version("holdfast-policies")
