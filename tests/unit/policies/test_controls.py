"""Published control ids: a rule carries none that was not found in a published source."""

from __future__ import annotations

import re

import pytest

from holdfast_policies.controls import confirmed, expand, unconfirmed
from holdfast_policies.packs import all_rules

RULES = {rule.name: rule for rule in all_rules()}
KNOWN = set(confirmed()) | {one for control in confirmed().values() for one in control.requirements}
SHAPE = re.compile(
    r"Security Hub [A-Z][A-Za-z0-9]+\.\d+|CIS AWS \d\.\d\.\d [\d.]+|PCI DSS (4\.0(\.1)?|3\.2\.1) [\d.]+"
    r"|NIST 800-53r5 [A-Z]{2}-\d+(\(\d+\))?|CKV_AWS_\d+"
)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_id_of_a_rule_is_confirmed_and_written_as_published(rule):
    assert set(rule.controls) <= KNOWN
    assert all(SHAPE.fullmatch(one) for one in rule.controls)
    assert len(rule.controls) == len(set(rule.controls))


def test_an_id_that_is_not_in_the_list_cannot_be_given_to_a_rule():
    with pytest.raises(KeyError, match=r"DynamoDB\.99"):
        expand(["Security Hub DynamoDB.99"])


def test_every_confirmed_control_says_where_it_was_read_and_is_used():
    used = {one for rule in RULES.values() for one in rule.controls}
    for control in confirmed().values():
        assert control.source.url.startswith("https://")
        assert control.source.title
        assert control.name in used, control.name


def test_what_is_left_out_names_rules_that_exist_and_do_not_carry_it():
    for entry in unconfirmed():
        assert entry.why
        for name in entry.rules:
            assert not set(entry.ids) & set(RULES[name].controls), name


def test_frameworks_follow_the_security_hub_control_they_come_from():
    rotation = RULES["kms-rotation"].controls
    assert rotation[0] == "Security Hub KMS.4"
    assert "CIS AWS 5.0.0 3.6" in rotation
    assert rotation.index("CIS AWS 5.0.0 3.6") < rotation.index("PCI DSS 4.0.1 3.7.4")
    assert rotation.index("PCI DSS 4.0.1 3.7.4") < rotation.index("NIST 800-53r5 SC-12")
