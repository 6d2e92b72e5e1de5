"""Malformed properties, documents and states: a finding or a clean pass, never a crash."""

from __future__ import annotations

import json
import string
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast_policies import kinds
from holdfast_policies.deployment import DeploymentError, judge_deployment, judge_file
from holdfast_policies.judge import Judge
from holdfast_policies.packs import all_rules
from holdfast_policies.reports import as_json, junit, sarif, table
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


EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("document", "rules"),
    [
        ({"Statement": [EVERYTHING]}, {"iam-no-admin", "iam-document-evaluable"}),
        (json.dumps({"Statement": EVERYTHING}), {"iam-no-admin", "iam-document-evaluable"}),
        ({"Version": "2012-10-17", "Statement": "x"}, {"iam-document-evaluable"}),
        ({"Version": "2012-10-17"}, {"iam-document-evaluable"}),
        ({"Version": 20121017, "Statement": [EVERYTHING]}, {"iam-no-admin", "iam-document-evaluable"}),
        ("null", {"iam-document-evaluable"}),
        ("[]", {"iam-document-evaluable"}),
        ('{"Version": "2012-10-17", "Statement": [', {"iam-document-evaluable"}),
        ("Hokus Pokus", {"iam-document-evaluable"}),
        ({"Version": "2012-10-17", "Statement": [{**EVERYTHING, "Effect": "allow"}]}, {"iam-document-evaluable"}),
        ({"Version": "2012-10-17", "Statement": [{**EVERYTHING, "Resorce": "*"}]}, {"iam-document-evaluable"}),
    ],
)
def test_a_document_with_a_hole_is_a_finding_and_is_read_as_far_as_it_goes(document, rules):
    found = {finding.rule.name for finding in Judge(rules=all_rules()).judge(make(kinds.POLICY, policy=document))}
    assert rules <= found
    assert crashes(Judge(rules=all_rules()).judge(make(kinds.POLICY, policy=document))) == []


@pytest.mark.parametrize(
    ("kind", "changes", "rule", "speaks"),
    [
        (kinds.KEY, {"deletionWindowInDays": "30"}, "kms-deletion-window-minimum", False),
        (kinds.KEY, {"deletionWindowInDays": "7"}, "kms-deletion-window-minimum", True),
        (kinds.LOG_GROUP, {"retentionInDays": "30.0"}, "log-retention-minimum", True),
        (kinds.LOG_GROUP, {"retentionInDays": "a month"}, "log-retention-minimum", False),
        (kinds.TABLE, {"pointInTimeRecovery": {"enabled": "true"}}, "dynamodb-pitr", False),
        (kinds.TABLE, {"pointInTimeRecovery": "yes"}, "dynamodb-pitr", True),
        (kinds.DAX, {"replicationFactor": "1"}, "dax-multi-az", True),
        (kinds.SECURITY_INGRESS, {"fromPort": "22", "toPort": "22", "cidrIpv4": "0.0.0.0/0"}, "sg-no-open-admin", True),
        (kinds.EKS, {"version": 1.27}, "eks-supported-version", True),
    ],
)
def test_numbers_and_booleans_written_as_text_count_as_what_they_say(kind, changes, rule, speaks):
    found = Judge(rules=all_rules()).judge(make(kind, **changes))
    assert crashes(found) == []
    assert (rule in {finding.rule.name for finding in found}) is speaks


UNICODE = "注文-é-\u202e-\U0001f600"


def test_names_tags_and_text_beyond_ascii_reach_every_report():
    urn = f"urn:pulumi:prod::läden::{kinds.TABLE}::{UNICODE}"
    state = {"urn": urn, "type": kinds.TABLE, "custom": True, "inputs": {"name": UNICODE, "tags": {UNICODE: UNICODE}}}
    report = judge_deployment({"version": 3, "deployment": {"resources": [state]}})
    assert crashes(report.findings) == []
    assert any(finding.rule.name == "dynamodb-pitr" for finding in report.findings)
    assert UNICODE in table(report)
    results = json.loads(sarif(report))["runs"][0]["results"]
    assert any(UNICODE in one["message"]["text"] for one in results)
    assert any(UNICODE in (case.text or "") for case in ET.fromstring(junit(report)).iter("failure"))  # noqa: S314
    assert any(one["urn"] == urn for one in json.loads(as_json(report))["findings"])


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
    state = {
        "type": kinds.TABLE,
        "custom": True,
        "inputs": {**SOUND[kinds.TABLE], "comment": "x" * 2000},
        "outputs": {},
    }
    resources = [
        {**state, "urn": f"urn:pulumi:s::p::{kinds.TABLE}::t{n}", "inputs": {**state["inputs"], "name": f"t{n}"}}
        for n in range(2500)
    ]
    document = {"version": 3, "deployment": {"resources": resources}}
    assert len(json.dumps(document)) > 6_000_000
    report = judge_deployment(document, config={"all": "advisory"})
    assert report.resources == 2500
    assert crashes(report.findings) == []
    assert all(finding.level is not Level.MANDATORY for finding in report.findings)
