"""The page on published controls: which ids the rules carry, where each was read, and which were left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from holdfast_policies.controls import confirmed, unconfirmed
from holdfast_policies.packs import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast_policies.rule import Rule


_WORDS: Final = """\
Published ids that the rules answer to. An id is given only where a published source maps it to what the rule checks; \
what a Security Hub control covers in CIS, PCI DSS and NIST SP 800-53 is what AWS's page on it lists. Read on \
2026-11-21 in stored copies made between 2026-07-31 and 2026-10-31; `policies/holdfast_policies/controls.toml` holds \
the ids, and a test holds the rules to it."""


def control_page() -> str:
    """The text."""
    rules = all_rules()
    without = [rule for rule in rules if not rule.controls]
    parts = [
        "# Controls",
        _WORDS,
        f"{len(rules) - len(without)} of {len(rules)} rules have a published control.",
        "## Confirmed\n\n" + _table(("Control", "Rules", "Covers", "Source"), _confirmed(rules)),
        "## Not confirmed\n\n"
        "Ids that somebody may expect here, and that no source was found to confirm for what the rule checks.\n\n"
        + _table(("Rules", "Id", "Why it is left out"), _unconfirmed()),
        "## Rules without a published control\n\n" + ", ".join(_link(rule.name) for rule in without) + ".",
    ]
    return "\n\n".join(parts) + "\n"


def _confirmed(rules: Iterable[Rule]) -> Iterable[tuple[str, ...]]:
    for control in confirmed().values():
        named = ", ".join(_link(rule.name) for rule in rules if control.name in rule.controls)
        source = f"[{control.source.title}]({control.source.url})"
        yield control.name, named, ", ".join(control.requirements) or "none", source


def _unconfirmed() -> Iterable[tuple[str, ...]]:
    for entry in unconfirmed():
        yield ", ".join(_link(name) for name in entry.rules), ", ".join(entry.ids), entry.why


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _link(name: str) -> str:
    return f"[{name}]({name}.md)"
