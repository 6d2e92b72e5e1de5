"""The section of a report about what the policy packs find."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from holdfast_policies.rule import Level, Severity
from ops.html import Html, badge, note, section, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast_policies.judge import Finding
    from ops.report.gather import Gathered

ROWS = 40
"""Most rows of the table; how many there are beyond is said."""
NAMED = 5
"""How many resources a row names."""
_ORDER = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def findings(found: Gathered) -> Html:
    """What is wrong, and what to write instead: a row for all resources of which a rule says the same."""
    if found.policies is None:
        return section("findings", "Findings", note("Not known: nothing is deployed. See: holdfast preview."))
    judged = found.policies
    if not judged.findings:
        none = note(f"None: {judged.rules} rules over {judged.resources} resources.", kind="good")
        return section("findings", "Findings", none)
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for one in judged.findings:
        groups.setdefault((one.rule.name, one.level.value, one.problem), []).append(one)
    ordered = sorted(groups.values(), key=_rank)
    counts = Counter(one.level.value for one in judged.findings)
    told = ", ".join(f"{count} {level}" for level, count in sorted(counts.items(), reverse=True))
    more = f"; the first {ROWS} of {len(ordered)} rows, all with: holdfast check" if len(ordered) > ROWS else ""
    columns = ["rule", "level", "resources", "what is wrong", "what to write instead"]
    rows = [_row(group) for group in ordered[:ROWS]]
    return section("findings", "Findings", table(f"{told}, of {judged.rules} rules{more}", columns, rows))


def _rank(group: Sequence[Finding]) -> tuple[bool, int, str, str]:
    """What stops a deployment first, then what matters most: a long table is cut at its end."""
    first = group[0]
    return (
        first.level is not Level.MANDATORY,
        _ORDER.index(first.rule.severity),
        first.rule.name,
        first.problem,
    )


def _row(group: Sequence[Finding]) -> list[object]:
    first = group[0]
    level = badge(first.level.value, "bad" if first.level is Level.MANDATORY else "warn")
    names = sorted({one.urn.split("::")[-1] or one.subject for one in group})
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [first.rule.name, level, f"{', '.join(names[:NAMED])}{more}", first.problem, f"{first.rule.fix}."]
