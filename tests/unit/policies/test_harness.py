"""The harness itself: exemptions, configuration, secrets, reports."""

from __future__ import annotations

import datetime as dt
import json
from xml.etree import ElementTree as ET

import pytest

from holdfast_policies import exemptions, kinds
from holdfast_policies.config import choices
from holdfast_policies.decode import OUTPUT, SECRET, SIGNATURE, Decoder
from holdfast_policies.deployment import judge_deployment
from holdfast_policies.judge import Judge
from holdfast_policies.packs import all_rules
from holdfast_policies.reports import as_json, junit, sarif, table
from holdfast_policies.resource import Resource, Stack
from holdfast_policies.rule import Level
from holdfast_policies.testing import make
from holdfast_policies.values import SENTINELS, UNKNOWN, Undecided, View

DAY = dt.date(2026, 11, 21)
BARE = make(kinds.TABLE, "orders", pointInTimeRecovery=None)
ENTRY = {
    "rule": "dynamodb-pitr",
    "resource": "orders",
    "reason": "throw-away",
    "owner": "team",
    "expires": "2027-01-31",
}
PITR = next(rule for rule in all_rules() if rule.name == "dynamodb-pitr")
STATE = {
    "version": 3,
    "deployment": {
        "resources": [
            {
                "urn": BARE.urn,
                "type": kinds.TABLE,
                "custom": True,
                "inputs": {"name": "orders\x01<&", "hashKey": "pk"},
                "sourcePosition": "project:///components/data/home.py#41,9",
            }
        ]
    },
}


def write(tmp_path, *entries, text=None):
    path = tmp_path / "exemptions.prod.yaml"
    path.write_text(text if text is not None else json.dumps({"exemptions": list(entries)}))
    return exemptions.load(path, today=DAY)


def names(findings):
    return [finding.rule.name for finding in findings]


def test_an_exemption_silences_the_finding_and_is_shown(tmp_path):
    judge = Judge(rules=[PITR], exemptions=write(tmp_path, ENTRY))
    assert judge.judge(BARE) == []
    (shown,) = judge.judge_stack(Stack([BARE]))
    assert shown.rule is exemptions.IN_FORCE
    assert shown.level is Level.ADVISORY
    assert shown.urn == BARE.urn
    for part in ("dynamodb-pitr", "2027-01-31", "team", "throw-away", "has no point-in-time recovery"):
        assert part in shown.message


@pytest.mark.parametrize(
    ("change", "words", "kept"),
    [
        ({"expires": "2026-11-20"}, "expired on 2026-11-20", True),
        ({"resource": "another"}, "that nothing needs", True),
        ({"rule": "dynamodb-pitt"}, "which is no rule", True),
        ({"reason": ""}, "wrong or missing reason", True),
        ({"until": "2027"}, "wrong or missing until", True),
        ({"expires": "soon"}, "no date", True),
    ],
)
def test_a_bad_exemption_is_a_mandatory_finding(tmp_path, change, words, kept):
    judge = Judge(rules=[PITR], exemptions=write(tmp_path, {**ENTRY, **change}))
    assert bool(judge.judge(BARE)) is kept
    (bad,) = judge.judge_stack(Stack([BARE]))
    assert bad.rule is exemptions.VALID
    assert bad.level is Level.MANDATORY
    assert words in bad.message
    assert "exemptions.prod.yaml" in bad.message


@pytest.mark.parametrize("text", ["- a", "exemptions: 5", "{", "other: []", "exemptions: [5]"])
def test_a_bad_file_is_a_mandatory_finding(tmp_path, text):
    judge = Judge(rules=[PITR], exemptions=write(tmp_path, text=text))
    (bad,) = judge.judge_stack(Stack([]))
    assert bad.rule is exemptions.VALID


def test_an_exemption_is_found_by_urn_pattern_and_only_for_its_rule(tmp_path):
    accepted = write(tmp_path, {**ENTRY, "resource": "urn:pulumi:*::aws:dynamodb/table:Table::ord*"})
    judge = Judge(rules=all_rules(), exemptions=accepted)
    found = judge.judge(make(kinds.TABLE, "orders", pointInTimeRecovery=None, serverSideEncryption=None))
    assert "dynamodb-pitr" not in names(found)
    assert "dynamodb-table-cmk" in names(found)


def test_where_the_file_is(tmp_path, monkeypatch):
    (tmp_path / "Pulumi.yaml").write_text("name: x")
    pack = tmp_path / "policies" / "recovery"
    pack.mkdir(parents=True)
    monkeypatch.chdir(pack)
    monkeypatch.delenv("HOLDFAST_EXEMPTIONS", raising=False)
    assert exemptions.find("prod") == tmp_path / "exemptions.prod.yaml"
    monkeypatch.setenv("HOLDFAST_EXEMPTIONS", "accepted.yaml")
    assert exemptions.find("prod") == tmp_path / "accepted.yaml"
    assert exemptions.find("prod", "other.yaml") == tmp_path / "other.yaml"
    assert exemptions.load(tmp_path / "none.yaml").entries == ()


def test_configuration_sets_levels_settings_and_what_undecided_counts_as():
    rules = all_rules()
    chosen = choices(
        rules,
        {
            "all": "advisory",
            "dynamodb-pitr": "disabled",
            "kms-deletion-window-minimum": {"enforcementLevel": "mandatory", "minimum_days": 30.0},
        },
    )
    assert chosen["dynamodb-pitr"].level is Level.DISABLED
    assert chosen["dynamodb-table-cmk"].level is Level.ADVISORY
    window = chosen["kms-deletion-window-minimum"]
    assert (window.level, window.settings["minimum_days"]) == (Level.MANDATORY, 30)
    unsure = make(kinds.TABLE, pointInTimeRecovery=UNKNOWN)
    for given, level in (("finding", Level.MANDATORY), ("advisory", Level.ADVISORY), ("nothing", None)):
        judge = Judge(rules=[PITR], choices=choices([PITR], {"dynamodb-pitr": {"undecided": given}}))
        found = judge.judge(unsure)
        assert [one.level for one in found] == ([level] if level else [])
        assert all(one.undecided and one.waits_for == "pointInTimeRecovery" for one in found)


def test_a_secret_is_never_repeated():
    decoder = Decoder()
    properties = decoder.plain({"engine": "x", "nodeType": {SIGNATURE: SECRET, "value": "dax.hush.8xlarge"}})
    resource = Resource(type=kinds.DAX, name="d", urn="u", properties=properties, secrets=decoder.secrets)
    messages = [finding.message for finding in Judge(rules=all_rules()).judge(resource)]
    assert any("[secret]" in message for message in messages)
    assert not any("hush" in message for message in messages)


def test_values_are_decoded_as_pulumi_writes_them():
    plain = Decoder().plain
    sentinel = next(iter(SENTINELS))
    assert plain([1.0, 1.5, sentinel, None]) == [1, 1.5, UNKNOWN, None]
    assert plain({SIGNATURE: OUTPUT, "value": "v", "secret": True}) == "v"
    assert plain({SIGNATURE: OUTPUT}) is UNKNOWN
    assert plain({SIGNATURE: SECRET, "ciphertext": "v1:x"}) is UNKNOWN
    assert plain({SIGNATURE: SECRET, "plaintext": '{"a": 1.0}'}) == {"a": 1}
    assert plain({SIGNATURE: SECRET, "plaintext": "{"}) is UNKNOWN


def test_a_view_reads_tolerantly():
    view = View({"on": "true", "n": "7", "list": [{"a": 1}, 5], "one": {"a": 1}, "hole": UNKNOWN, "text": 5})
    assert view.flag("on")
    assert view.number("n") == 7
    assert view.number("one") is None
    assert [item.number("a") for item in view.views("list")] == [1]
    assert view.view("list").number("a") == 1
    assert [item.path for item in view.views("one")] == ["one[0]"]
    assert view.text("text") == "5"
    assert view.texts("list") == []
    with pytest.raises(Undecided, match="hole"):
        view.flag("hole")


@pytest.fixture
def report():
    return judge_deployment(STATE)


def test_sarif_places_each_finding_at_its_source_line(report):
    run = json.loads(sarif(report))["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} == rules
    pitr = next(result for result in run["results"] if result["ruleId"] == "dynamodb-pitr")
    place = pitr["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "components/data/home.py"
    assert place["physicalLocation"]["region"]["startLine"] == 41
    assert place["logicalLocations"][0]["fullyQualifiedName"] == BARE.urn
    assert pitr["level"] == "error"
    marks = [result["partialFingerprints"]["finding/v1"] for result in run["results"]]
    assert len(set(marks)) == len(marks)


def test_junit_fails_the_rules_with_mandatory_findings(report):
    root = ET.fromstring(junit(report))  # noqa: S314 - our own text
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases["dynamodb-pitr"].find("failure") is not None
    assert cases["dax-at-rest"].find("failure") is None
    assert sum(int(suite.get("failures")) for suite in root) == len({one.rule.name for one in report.mandatory})


def test_json_and_table_say_the_same(report):
    document = json.loads(as_json(report))
    assert document["mandatory"] == len(report.mandatory) > 0
    assert not document["ok"]
    text = table(report, width=80)
    for finding in document["findings"]:
        assert finding["rule"] in text
    assert text.splitlines()[-1].startswith(
        f"1 resources, {document['rules']} rules: {document['mandatory']} mandatory"
    )
    assert "components/data/home.py:41" in text


def test_exemptions_of_another_project_are_not_used(tmp_path, monkeypatch):
    """A pack may lie in the checkout of one project and judge another."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOLDFAST_EXEMPTIONS", raising=False)
    monkeypatch.setenv("PULUMI_PROJECT", "shop")
    assert exemptions.find("dev") == tmp_path / "exemptions.dev.yaml"
    monkeypatch.setenv("PULUMI_PROJECT", "another")
    assert exemptions.find("dev") is None
