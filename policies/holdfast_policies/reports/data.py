"""JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast_policies.deployment import Report


def document(report: Report) -> dict[str, Any]:
    """Counts, and the findings in the order in which they were made."""
    return {
        "version": 1,
        "ok": report.ok,
        "resources": report.resources,
        "rules": report.rules,
        "mandatory": len(report.mandatory),
        "findings": [
            {
                "rule": finding.rule.name,
                "pack": finding.rule.pack,
                "subject": finding.rule.subject,
                "level": finding.level.value,
                "severity": finding.rule.severity.value,
                "urn": finding.urn,
                "resource": finding.subject,
                "problem": finding.problem,
                "fix": finding.rule.fix,
                "controls": list(finding.rule.controls),
                "undecided": finding.undecided,
                "waits_for": finding.waits_for,
                "source": report.sources.get(finding.urn, ""),
            }
            for finding in report.findings
        ],
    }


def as_json(report: Report) -> str:
    """The document as text."""
    return json.dumps(document(report), indent=2)
