"""The packs as Pulumi's engine meets them: a process, a port, the Analyzer protocol."""

from __future__ import annotations

import json

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as wire

pytestmark = pytest.mark.sandbox

TABLE = "aws:dynamodb/table:Table"
ADMIN_OF_TABLES = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]}
)
GOOD_TABLE = {
    "hashKey": "pk",
    "deletionProtectionEnabled": True,
    "pointInTimeRecovery": {"enabled": True},
    "serverSideEncryption": {"enabled": True, "kmsKeyArn": "arn:aws:kms:us-east-1:111122223333:alias/app-key"},
}


@pytest.mark.parametrize(
    ("pack", "kind", "properties", "rule", "fix"),
    [
        (
            "encryption",
            TABLE,
            GOOD_TABLE | {"serverSideEncryption": None},
            "dynamodb-table-cmk",
            "server_side_encryption=",
        ),
        ("recovery", TABLE, GOOD_TABLE | {"pointInTimeRecovery": None}, "dynamodb-pitr", "point_in_time_recovery="),
        (
            "least-privilege",
            "aws:iam/policy:Policy",
            {"policy": ADMIN_OF_TABLES},
            "iam-no-service-wildcard",
            "list the actions",
        ),
    ],
)
@pytest.mark.parametrize("dispatcher", ["", "standard"])
def test_a_broken_rule_is_a_mandatory_finding_that_names_resource_rule_and_fix(
    start_pack, pack, kind, properties, rule, fix, dispatcher
):
    client = start_pack(pack, HOLDFAST_POLICIES=dispatcher)
    found = {item.policyName: item for item in client.analyze(kind, "orders", properties)}
    assert rule in found
    assert found[rule].enforcementLevel == wire.MANDATORY
    assert found[rule].policyPackName == pack
    for part in ("orders", rule, fix):
        assert part in found[rule].message
    if kind == TABLE:
        good = client.analyze(TABLE, "orders", GOOD_TABLE)
        assert [item.policyName for item in good if item.enforcementLevel == wire.MANDATORY] == []


def test_a_pack_lists_each_rule_as_a_policy_of_its_own(start_pack):
    info = start_pack("encryption").stub.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == "encryption"
    assert info.supportsConfig
    by_name = {policy.name: policy for policy in info.policies}
    assert len(by_name) == len(info.policies)
    table = by_name["dynamodb-table-cmk"]
    assert table.enforcementLevel == wire.MANDATORY
    assert table.severity == wire.POLICY_SEVERITY_HIGH
    assert table.remediation_steps
    assert "undecided" in table.configSchema.properties


def test_a_rule_can_be_turned_off_and_down(start_pack):
    client = start_pack("recovery")
    client.stub.Configure(
        wire.ConfigureAnalyzerRequest(
            policyConfig={
                "dynamodb-pitr": wire.PolicyConfig(enforcementLevel=wire.DISABLED),
                "dynamodb-deletion-protection": wire.PolicyConfig(enforcementLevel=wire.ADVISORY),
            }
        )
    )
    found = {item.policyName: item.enforcementLevel for item in client.analyze(TABLE, "orders", {"hashKey": "pk"})}
    assert "dynamodb-pitr" not in found
    assert found["dynamodb-deletion-protection"] == wire.ADVISORY


def test_a_pack_set_to_remediate_mends_and_keeps_secrets_and_unknowns(start_pack):
    client = start_pack("recovery")
    client.stub.Configure(
        wire.ConfigureAnalyzerRequest(
            policyConfig={"dynamodb-pitr": wire.PolicyConfig(enforcementLevel=wire.REMEDIATE)}
        )
    )
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hidden"}
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    request = client.request(
        TABLE, "orders", {"hashKey": secret, "name": unknown, "pointInTimeRecovery": {"enabled": False}}
    )
    (remedy,) = client.stub.Remediate(request).remediations
    assert remedy.policyName == "dynamodb-pitr"
    assert remedy.properties["pointInTimeRecovery"]["enabled"] is True
    assert dict(remedy.properties["hashKey"]) == secret
    assert remedy.properties["name"] == unknown
    again = client.request(TABLE, "orders", {})
    again.properties.CopyFrom(remedy.properties)
    assert not client.stub.Remediate(again).remediations
