"""Malformed properties, documents and states: a finding or a clean pass, never a crash."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast_policies import kinds
from holdfast_policies.deployment import DeploymentError, judge_deployment, judge_file
from holdfast_policies.judge import Judge
from holdfast_policies.packs import all_rules
from holdfast_policies.resource import Stack
from holdfast_policies.rule import Level
from holdfast_policies.testing import SOUND, make
from holdfast_policies.values import UNKNOWN

TEXT = st.text(string.ascii_letters + "*:/-_ é漢\x00", max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-5, 10**9) | st.floats(allow_nan=False) | TEXT | st.just(UNKNOWN)
VALUES = st.recursive(
    SCALARS | st.just("22") | st.just("arn:aws:kms:us-east-1:111122223333:key/x") | st.just("{not json"),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXT, children, max_size=3),
    max_leaves=6,
)


@st.composite
def broken(draw):
    kind = draw(st.sampled_from(sorted(SOUND)))
    names = sorted(SOUND[kind])
    changes = draw(st.dictionaries(st.sampled_from(names), VALUES, min_size=1, max_size=4))
    return make(kind, **changes)


def crashes(findings):
    return [finding.message for finding in findings if "the rule broke" in finding.problem]


@given(broken())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_rule_breaks_on_a_property_of_an_unexpected_type(resource):
    judge = Judge(rules=all_rules())
    assert crashes(judge.judge(resource)) == []


@given(st.lists(broken(), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_stack_rule_breaks_on_properties_of_unexpected_types(resources):
    judge = Judge(rules=all_rules())
    assert crashes(judge.judge_stack(Stack(resources))) == []


STATEMENTS = st.recursive(
    SCALARS,
    lambda children: st.lists(children, max_size=2)
    | st.dictionaries(
        st.sampled_from(["Version", "Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "Condition", "Sid", "AWS", "StringEquals"]),
        children | st.sampled_from(["Allow", "Deny", "2012-10-17", "*", "dynamodb:*", "s3:Get*", "arn:aws:s3:::a"]),
        max_size=5,
    ),
    max_leaves=15,
)  # fmt: skip


@given(STATEMENTS, st.sampled_from([kinds.POLICY, kinds.TABLE_POLICY, kinds.KEY, kinds.ENDPOINT]), st.booleans())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_rule_breaks_on_a_malformed_document(document, kind, as_text):
    value = json.dumps(document, default=str) if as_text else document
    judge = Judge(rules=all_rules())
    assert crashes(judge.judge(make(kind, policy=value))) == []


@pytest.mark.parametrize("document", [None, [], "x", 5, {}, {"resources": {}}, {"deployment": {"resources": 5}}])
def test_what_is_no_deployment_is_refused_with_what_to_pass(document):
    with pytest.raises(DeploymentError, match="stack export"):
        judge_deployment(document)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DeploymentError, match=r"none\.json: cannot be read"):
        judge_file(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(DeploymentError, match=r"bad\.json: not JSON"):
        judge_file(tmp_path / "bad.json")


def test_states_with_holes_are_judged():
    resources = [
        5,
        {},
        {"urn": 5},
        {"urn": "no-urn", "type": kinds.TABLE},
        {"urn": "urn:pulumi:s::p::t::n", "type": None, "inputs": [], "outputs": "x", "parent": 5},
        {
            "urn": "urn:pulumi:s::p::t::m",
            "type": kinds.TABLE,
            "inputs": {"tags": 5},
            "propertyDependencies": {"tags": 5},
        },
        {"urn": "urn:pulumi:s::p::t::gone", "type": kinds.TABLE, "inputs": {}, "delete": True},
    ]
    report = judge_deployment({"version": 3, "deployment": {"resources": resources}})
    assert crashes(report.findings) == []
    assert report.resources == 3
    assert not any("gone" in finding.urn for finding in report.findings)
    assert any(finding.rule.name == "dynamodb-pitr" for finding in report.findings)


def test_a_state_of_six_megabytes_is_judged_in_seconds():
    table = {
        "type": kinds.TABLE,
        "custom": True,
        "inputs": {**SOUND[kinds.TABLE], "comment": "x" * 2000},
        "outputs": {},
    }
    resources = [
        {**table, "urn": f"urn:pulumi:s::p::{kinds.TABLE}::t{n}", "inputs": {**table["inputs"], "name": f"t{n}"}}
        for n in range(2500)
    ]
    document = {"version": 3, "deployment": {"resources": resources}}
    assert len(json.dumps(document)) > 6_000_000
    report = judge_deployment(document, config={"all": "advisory"})
    assert report.resources == 2500
    assert crashes(report.findings) == []
    assert all(finding.level is not Level.MANDATORY for finding in report.findings)
