from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.readiness.checklist import PRACTISED, assess
from ops.readiness.deployed import Deployed
from settings import parse

REGIONS = ("us-east-1", "us-west-2")
TODAY = date(2026, 11, 21)
SETTINGS = parse(
    {
        "holdfast:stack": {"account_id": "111122223333", "name_prefix": "hf"},
        "holdfast:regions": [
            {"name": "us-east-1", "home": True, "cidr": "10.10.0.0/16"},
            {"name": "us-west-2", "cidr": "10.20.0.0/16"},
        ],
        "holdfast:security": {},
        "holdfast:data": {
            "tables": {
                "orders": {
                    "name": "orders",
                    "partition_key": {"name": "pk"},
                    "ttl_attribute": "expires_at",
                    "indexes": {"ByDate": {"partition_key": {"name": "day"}}},
                },
                "sessions": {
                    "name": "sessions",
                    "partition_key": {"name": "pk"},
                    "provisioned": {
                        "read": {"initial": 100, "minimum": 50, "maximum": 1000},
                        "write": {"initial": 50, "minimum": 25, "maximum": 500},
                    },
                },
            },
            "backup": {"copy_region": "us-west-2"},
        },
    },
    "Pulumi.test.yaml",
)
BOUNDS = {
    "ReadCapacityUnits": {"minCapacity": 50, "maxCapacity": 1000},
    "WriteCapacityUnits": {"minCapacity": 25, "maxCapacity": 500},
}
EVIDENCE = {
    "proof": TODAY,
    "restore": TODAY,
    "capacity-report": TODAY,
    "objective:rto": TODAY,
    "objective:rpo": TODAY,
    **{f"drill:{scenario}": TODAY - timedelta(days=30) for scenario in PRACTISED},
}


def resource(kind: str, name: str, /, **inputs):
    return {"type": kind, "urn": f"urn:pulumi:test::hf::{kind}::{name}", "inputs": inputs}


def alarm(region, metric, table, **more):
    name = f"{region}-{metric}-{table}-{'-'.join(more)}"
    dimensions = {"TableName": table, **more}
    return resource(
        "aws:cloudwatch/metricAlarm:MetricAlarm", name, alarmActions=["arn"], metricName=metric, dimensions=dimensions
    )


def sound():
    copy = {"destinationVaultArn": "arn:aws:backup:us-west-2:1:backup-vault:dr", "lifecycle": {"deleteAfter": 90}}
    found = [
        resource("aws:backup/plan:Plan", "plan", rules=[
            {"schedule": "cron(0 5 * * ? *)", "lifecycle": {"deleteAfter": 35}, "copyActions": [copy]},
            {"schedule": "cron(0 5 ? * SUN *)", "lifecycle": {"deleteAfter": 90}},
            {"schedule": "cron(0 5 1 * ? *)", "lifecycle": {"deleteAfter": 365}},
        ]),
        resource("aws:backup/selection:Selection", "selection", selectionTags=[{"key": "Stack", "value": "test"}]),
    ]  # fmt: skip
    kept = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
    vaults = ("dynamodb-backup-vault", "dynamodb-backup-vault-dr")
    found += [resource(kept, vault, backupVaultName=vault, minRetentionDays=7) for vault in vaults]
    found += [resource(f"aws:backup/restoreTesting{kind}:RestoreTesting{kind}", kind) for kind in ("Plan", "Selection")]
    keys = ("data", "fields", "logs", "backup")
    found += [resource("aws:kms/key:Key", f"us-east-1-key-{purpose}", enableKeyRotation=True) for purpose in keys]
    found.append(resource("aws:kms/replicaKey:ReplicaKey", "us-west-2-key-data"))
    closed = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    sealed = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}
    found += [
        resource(f"aws:s3/{kind}", f"exports-{kind}", bucket="hf-111122223333-us-east-1-exports", **inputs)
        for kind, inputs in (
            ("bucketVersioning:BucketVersioning", {"versioningConfiguration": {"status": "Enabled"}}),
            ("bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", {"rules": [sealed]}),
            ("bucketPolicy:BucketPolicy", {"policy": '{"Bool": {"aws:SecureTransport": "false"}}'}),
            ("bucketPublicAccessBlock:BucketPublicAccessBlock", dict.fromkeys(closed, True)),
        )
    ]
    for table in ("orders", "sessions"):
        target = {"arn": "exportTableToPointInTime", "input": json.dumps({"TableArn": f"arn:table:table/{table}"})}
        found.append(resource("aws:scheduler/schedule:Schedule", f"export-{table}", target=target))
    for table, mode in (("orders", "PAY_PER_REQUEST"), ("sessions", "PROVISIONED")):
        found.append(resource(
            "aws:dynamodb/table:Table", f"table-{table}", name=table, billingMode=mode, tags={"Stack": "test"},
            serverSideEncryption={"enabled": True, "kmsKeyArn": "arn:aws:kms:us-east-1:1:key/k"},
            pointInTimeRecovery={"enabled": True, "recoveryPeriodInDays": 35},
            ttl={"enabled": True, "attributeName": "expires_at"}, deletionProtectionEnabled=True,
            streamEnabled=True, streamViewType="NEW_AND_OLD_IMAGES",
            globalSecondaryIndexes=[{"name": "ByDate", "projectionType": "ALL"}] if table == "orders" else [],
        ))  # fmt: skip
        found.append(resource(
            "aws:dynamodb/tableReplica:TableReplica", f"us-west-2-replica-{table}",
            globalTableArn=f"arn:aws:dynamodb:us-east-1:1:table/{table}", pointInTimeRecovery=True,
            kmsKeyArn="arn:aws:kms:us-west-2:1:key/k", deletionProtectionEnabled=True,
        ))  # fmt: skip
        for region in REGIONS:
            found.append(resource(
                "aws:dynamodb/contributorInsights:ContributorInsights", f"{region}-insights-{table}", tableName=table
            ))  # fmt: skip
            metrics = ("SystemErrors", "ReadThrottleEvents", "WriteThrottleEvents", "SuccessfulRequestLatency")
            found += [alarm(region, metric, table) for metric in metrics]
    for region in REGIONS:
        found.append(alarm(region, "WriteThrottleEvents", "orders", GlobalSecondaryIndexName="ByDate"))
        statement = [{"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": ["arn:table/orders"]}]
        document = json.dumps({"Statement": statement})
        found.append(
            resource("aws:iam/rolePolicy:RolePolicy", f"{region}-app-policy", role=f"hf-{region}-app", policy=document)
        )
        found += [
            resource(
                "aws:ec2/vpcEndpoint:VpcEndpoint",
                f"{region}-{service}",
                serviceName=f"com.amazonaws.{region}.{service}",
            )
            for service in ("dynamodb", "s3")
        ]
        figures = {"targetValue": 70, "scaleInCooldown": 60, "scaleOutCooldown": 60}
        for units in ("ReadCapacityUnits", "WriteCapacityUnits"):
            where = {"resourceId": "table/sessions", "scalableDimension": f"dynamodb:table:{units}"}
            found += [
                resource("aws:appautoscaling/target:Target", f"{region}-{units}", **where, **BOUNDS[units]),
                resource("aws:appautoscaling/policy:Policy", f"{region}-{units}", **where,
                         targetTrackingScalingPolicyConfiguration=figures),
            ]  # fmt: skip
    return found


SOUND = sound()


def judge(resources=SOUND, evidence=EVIDENCE, today=TODAY):
    return assess(SETTINGS, Deployed(resources=resources, home="us-east-1"), evidence, today=today)


def test_a_sound_stack_shows_every_line():
    found = judge()
    assert found.ready is True
    assert found.score == 1.0
    assert set(found.lines().values()) == {"passed", "not applicable"}
    assert {line: found.lines()[line] for line in REQUIRED} == dict.fromkeys(REQUIRED, "passed")
    assert {one.line for one in found.findings if one.required} >= set(REQUIRED[:11])


REQUIRED = (
    "capacity-mode", "autoscaling", "encryption-at-rest", "least-privilege", "point-in-time-recovery", "backup-plan",
    "alarms", "throttling-alerts", "latency-monitoring", "key-cardinality", "index-capacity", "vpc-endpoints",
    "cross-region-backup", "ttl", "evidence",
)  # fmt: skip
"""The eleven required lines and the three recommended ones of the reference checklist, and the evidence."""


def test_two_runs_are_equal_to_the_byte():
    first, second = judge(), judge(list(reversed(SOUND)))
    assert repr(first) == repr(second)


def test_what_does_not_apply_says_why():
    states = {finding.id: finding for finding in judge().findings}
    assert states["autoscaling/orders/us-east-1"].state == "not applicable"
    assert states["autoscaling/orders/us-east-1"].reason == "the table is on demand"
    assert states["index-capacity/sessions/us-west-2"].reason == "the table has no index"


@pytest.mark.parametrize("index", range(len(SOUND)))
def test_each_resource_that_is_gone_fails_a_line_of_its_own(index):
    found = judge(SOUND[:index] + SOUND[index + 1 :])
    assert found.score < 1.0


@given(kept=st.sets(st.integers(0, len(SOUND) - 1)), gone=st.sets(st.integers(0, len(SOUND) - 1)))
def test_no_removal_raises_the_score_or_makes_ready(kept, gone):
    before = judge([SOUND[index] for index in sorted(kept)])
    after = judge([SOUND[index] for index in sorted(kept - gone)])
    assert after.score <= before.score
    assert before.ready or not after.ready


def test_evidence_ages_out_and_what_was_never_shown_fails():
    states = {finding.id: finding for finding in judge(today=TODAY + timedelta(days=70)).findings}
    assert states["evidence/drill:region-loss"].state == "failed"
    assert "shown 100 days ago" in states["evidence/drill:region-loss"].reason
    assert states["evidence/proof"].state == "passed"
    assert judge(evidence={}).score < 1.0


def test_a_wide_policy_and_an_unreadable_one_are_not_least_privilege():
    for document in (
        json.dumps({"Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn"}]}),
        json.dumps({"Statement": {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": "*"}}),
        {"unknown": True},
    ):
        wide = resource("aws:iam/rolePolicy:RolePolicy", "us-east-1-app-2", role="hf-us-east-1-app", policy=document)
        states = {finding.id: finding.state for finding in judge([*SOUND, wide]).findings}
        assert states["least-privilege/us-east-1"] == "failed"
