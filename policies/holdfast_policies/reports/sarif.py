"""SARIF 2.1.0 for code scanning: a rule per policy, a result per finding, at the resource's source line where known."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from holdfast_policies.exemptions import IN_FORCE
from holdfast_policies.packs import version
from holdfast_policies.rule import Level, Rule, Severity

if TYPE_CHECKING:
    from holdfast_policies.deployment import Report
    from holdfast_policies.judge import Finding

_LEVELS: Final = {Level.MANDATORY: "error", Level.ADVISORY: "note"}
_SCORES: Final = {Severity.LOW: "3.0", Severity.MEDIUM: "5.5", Severity.HIGH: "8.0", Severity.CRITICAL: "9.5"}
"""Code scanning sorts by this number, from 0 to 10."""
_TAGS: Final = 20
"""Code scanning refuses a rule with more tags; the pages have all controls."""


def sarif(report: Report, *, fallback: str = "Pulumi.yaml") -> str:
    """The document as text. A finding whose resource has no known source line is placed at line 1 of `fallback`."""
    rules = {finding.rule.name: finding.rule for finding in report.findings}
    indexes = {name: index for index, name in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "holdfast-policies",
                "version": version(),
                "rules": [_rule(rule) for rule in rules.values()],
            }
        },
        "results": [_result(finding, indexes, report, fallback) for finding in report.findings],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"Fix: {rule.fix}."},
        "defaultConfiguration": {"level": _LEVELS.get(rule.level, "note")},
        "properties": {"tags": [rule.subject, *rule.controls][:_TAGS], "security-severity": _SCORES[rule.severity]},
    }


def _result(finding: Finding, indexes: dict[str, int], report: Report, fallback: str) -> dict[str, Any]:
    file, _, line = (report.sources.get(finding.urn) or f"{fallback}:1").rpartition(":")
    mark = hashlib.sha256(f"{finding.rule.name}\n{finding.urn}\n{finding.problem}".encode(errors="replace")).hexdigest()
    result: dict[str, Any] = {
        "ruleId": finding.rule.name,
        "ruleIndex": indexes[finding.rule.name],
        "level": _LEVELS.get(finding.level, "note"),
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": file},
                    "region": {"startLine": max(1, int(line) if line.isdigit() else 1)},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.urn or "stack", "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"finding/v1": mark},
    }
    if finding.rule is IN_FORCE:
        result["suppressions"] = [{"kind": "external", "justification": finding.problem}]
    return result
