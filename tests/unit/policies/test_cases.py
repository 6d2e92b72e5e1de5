"""Every rule against its table of programs, and the tables against the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast_policies.judge import Judge
from holdfast_policies.packs import PACKS, all_rules, policies_of
from holdfast_policies.pages import pages
from holdfast_policies.rule import Level
from holdfast_policies.testing import SOUND, check, make
from holdfast_policies.testing.tables import ALL

RULES = {rule.name: rule for rule in all_rules()}
TABLES = {cases.rule: cases for cases in ALL}


@pytest.mark.parametrize("cases", ALL, ids=lambda cases: cases.rule)
def test_a_rule_answers_its_table(cases):
    check(RULES[cases.rule], cases)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_has_every_kind_of_case_that_applies(rule):
    cases = TABLES.get(rule.name)
    assert cases is not None, "the rule has no table"
    assert cases.passes
    assert cases.fails
    assert bool(cases.undecided) != bool(cases.always_decides), "say why it always decides, or show when it cannot"


def test_tables_name_rules_once():
    assert len(TABLES) == len(ALL)
    assert set(TABLES) == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_explains_itself(rule):
    for words in (rule.title, rule.why, rule.fix):
        assert words.strip()
        assert words[0] == words[0].strip()
    assert not rule.title.endswith(".")
    assert not rule.fix.endswith(".")
    assert rule.types
    assert rule.pack in PACKS
    assert rule.check is not None or rule.check_stack is not None
    for schema in rule.settings.values():
        assert {"type", "default", "description"} <= schema.keys()
    if rule.level is Level.MANDATORY:
        assert rule.severity.value in ("medium", "high", "critical")


def test_policies_of_a_pack_have_names_of_their_own():
    for pack in PACKS:
        names = [rule.name for rule in policies_of(pack)]
        assert len(names) == len(set(names))
        assert len(names) > 15


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_resource_breaks_no_rule(kind):
    assert Judge(rules=all_rules()).judge(make(kind)) == []


def test_the_pages_are_those_that_the_rules_and_tables_make():
    folder = Path(__file__).parents[3] / "docs" / "policies"
    made = dict(pages())
    assert {path.name for path in folder.glob("*.md")} == set(made)
    stale = [name for name, text in made.items() if (folder / name).read_text(encoding="utf-8") != text]
    assert not stale, "run: python -m holdfast_policies.pages docs/policies"
