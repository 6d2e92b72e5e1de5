"""Findings of previews as SARIF, at the source lines that the preview's steps name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from holdfast_policies.deployment import Report
from holdfast_policies.exemptions import IN_FORCE, VALID
from holdfast_policies.judge import Finding
from holdfast_policies.packs import all_rules
from holdfast_policies.reports import sarif
from holdfast_policies.rule import Level

_POSITION = re.compile(r"project:///(?P<file>[^#]+)#(?P<line>\d+)")


def from_previews(documents: Iterable[Mapping[str, Any]]) -> str:
    """One SARIF document of several `holdfast preview --json`; a policy that is not ours has no place in it."""
    rules = {rule.name: rule for rule in (*all_rules(), IN_FORCE, VALID)}
    findings, sources, resources = [], {}, 0
    for document in documents:
        resources += len(document["steps"])
        for step in document["steps"]:
            found = _POSITION.fullmatch(str(step.get("sourcePosition") or "").split(",")[0])
            if found and ".venv/" not in found["file"]:
                sources[step["urn"]] = f"{found['file']}:{found['line']}"
        for one in document.get("findings") or ():
            rule = rules.get(one["policy"])
            if rule is None:
                continue
            urn = str(one.get("urn") or "")
            problem = str(one["message"]).partition(f" [{rule.name}]")[0]
            findings.append(
                Finding(
                    rule=rule,
                    level=Level.MANDATORY if one["level"] == "mandatory" else Level.ADVISORY,
                    urn=urn,
                    subject="",
                    problem=problem,
                )
            )
    return sarif(Report(findings=tuple(findings), resources=resources, rules=len(rules), sources=sources))
