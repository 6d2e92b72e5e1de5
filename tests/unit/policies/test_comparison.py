"""The programs of the comparison with other tools: what the packs say of them is what the documents say."""

from __future__ import annotations

import pytest

from benchmarks.comparison.cases import CASES
from benchmarks.comparison.cases.model import deployment, template
from holdfast_policies.deployment import judge_deployment


def told(parts):
    return {(finding.rule.name, finding.urn) for finding in judge_deployment(deployment(parts)).findings}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_packs_notice_the_planted_fault(case):
    assert told(case.faulty) - told(case.sound), case.fault


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_a_program_in_both_languages(case):
    assert template(case.sound)["Resources"] or case.sound == ()
    assert template(case.sound) != template(case.faulty)
    assert deployment(case.sound) != deployment(case.faulty)


def test_names_are_used_once():
    assert len({case.name for case in CASES}) == len(CASES) == 70
