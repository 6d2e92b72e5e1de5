"""A table for people: what stops a deployment first, then advice, the same rule together."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from holdfast_policies.rule import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.deployment import Report
    from holdfast_policies.judge import Finding

_ORDER: Final = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
_SHOWN: Final = 5
"""Resources shown for a rule; the other reports have them all."""


def table(report: Report, *, width: int = 100) -> str:
    """The text, without colours, lines no longer than `width` where words allow."""
    mandatory = len(report.mandatory)
    advice = len(report.findings) - mandatory
    lines = [line for level in (Level.MANDATORY, Level.ADVISORY) for line in _section(report, level, width)]
    lines.append(
        f"{report.resources} resources, {report.rules} rules: "
        f"{mandatory} mandatory finding{'' if mandatory == 1 else 's'}, {advice} advisory"
    )
    return "\n".join(lines)


def _section(report: Report, level: Level, width: int) -> Iterator[str]:
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.level is level:
            found.setdefault(finding.rule.name, []).append(finding)
    for findings in sorted(found.values(), key=lambda group: _ORDER.index(group[0].rule.severity)):
        rule = findings[0].rule
        yield f"{level.value:<9} {rule.severity.value:<8} {rule.name}"
        yield from textwrap.wrap(f"{rule.title}.", width, initial_indent="  ", subsequent_indent="  ")
        for finding in findings[:_SHOWN]:
            place = report.sources.get(finding.urn, "")
            words = f"- {finding.subject} {finding.problem}{f' ({place})' if place else ''}"
            yield from textwrap.wrap(words, width, initial_indent="  ", subsequent_indent="    ")
        if len(findings) > _SHOWN:
            yield f"  - and {len(findings) - _SHOWN} more"
        yield from textwrap.wrap(f"Fix: {rule.fix}.", width, initial_indent="  ", subsequent_indent="  ")
        yield ""
