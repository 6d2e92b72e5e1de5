"""JUnit XML for CI: a suite per pack, a case per rule; a rule with a mandatory finding has failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from holdfast_policies.exemptions import IN_FORCE, VALID
from holdfast_policies.packs import PACKS, rules_of
from holdfast_policies.rule import Level

if TYPE_CHECKING:
    from holdfast_policies.deployment import Report

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that XML has no way to write."""


def junit(report: Report) -> str:
    """The document as text."""
    root = ET.Element("testsuites", name="holdfast-policies")
    suites = {pack: list(rules_of(pack)) for pack in PACKS} | {"exemptions": [IN_FORCE, VALID]}
    for pack, rules in suites.items():
        suite = ET.SubElement(root, "testsuite", name=pack, tests=str(len(rules)))
        failed = 0
        for rule in rules:
            case = ET.SubElement(suite, "testcase", classname=f"{pack}.{rule.subject}", name=rule.name)
            found = [finding for finding in report.findings if finding.rule.name == rule.name]
            mandatory = [finding for finding in found if finding.level is Level.MANDATORY]
            if mandatory:
                failed += 1
                words = f"{len(mandatory)} mandatory finding{'' if len(mandatory) == 1 else 's'}: {rule.title}"
                failure = ET.SubElement(case, "failure", type=rule.severity.value, message=words)
                failure.text = _clean("\n".join(finding.message for finding in mandatory))
            if len(found) > len(mandatory):
                advice = ET.SubElement(case, "system-out")
                advice.text = _clean("\n".join(one.message for one in found if one.level is not Level.MANDATORY))
        suite.set("failures", str(failed))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _clean(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
