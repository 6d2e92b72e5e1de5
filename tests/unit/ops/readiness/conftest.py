"""A stack with every layer that the checklist asks about, and the least state that shows each of its lines."""

from __future__ import annotations

import functools
import json
from datetime import date, timedelta

import pytest

from ops.readiness.checklist import PRACTISED, assess
from ops.readiness.deployed import Deployed
from settings import parse

REGIONS = ("us-east-1", "us-west-2")
TODAY = date(2026, 11, 21)
SETTINGS = {
    "holdfast:stack": {
        "account_id": "111122223333",
        "name_prefix": "hf",
        "tags": {"dr-tier": "1", "rto-hours": "1"},
    },
    "holdfast:regions": [
        {"name": "us-east-1", "home": True, "cidr": "10.10.0.0/16"},
        {"name": "us-west-2", "cidr": "10.20.0.0/16"},
    ],
    "holdfast:network": {},
    "holdfast:security": {"audit": {"account_wide": True}},
    "holdfast:data": {
        "tables": {"orders": {"name": "orders", "partition_key": {"name": "pk"}, "ttl_attribute": "expires_at"}},
        "backup": {"copy_region": "us-west-2"},
    },
    "holdfast:cache": {"dax": {"tables": ["orders"]}, "redis": {}},
    "holdfast:monitoring": {},
    "holdfast:recovery": {"dns": {"zone": "example.com", "ttl_seconds": 20}, "region_switch": {"standby": "us-west-2"}},
    "holdfast:cost": {"own_account_settings": True},
}
CLUSTER = {"holdfast:compute": {}}
FUNCTIONS = {
    "holdfast:serverless": {},
    "holdfast:edge": {"authorization": {"type": "iam"}, "observer": "eu-west-1", "waf": {}},
}
"""A stack has one or the other: its names lead to load balancers or to an API."""


def resource(kind, name, /, **inputs):
    return {"type": kind, "urn": f"urn:pulumi:t::hf::{kind}::{name}", "inputs": inputs}


def alarm(region, metric):
    return resource(
        "aws:cloudwatch/metricAlarm:MetricAlarm", f"{region}-{metric}", alarmActions=["arn"], metricName=metric,
        dimensions={"TableName": "orders"},
    )  # fmt: skip


def bucket(purpose):
    """What makes a bucket safe."""
    name = f"hf-111122223333-us-east-1-{purpose}"
    rules = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]
    closed = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    return [
        resource("aws:s3/bucketVersioning:BucketVersioning", f"{purpose}-versions", bucket=name,
                 versioningConfiguration={"status": "Enabled"}),
        resource(encryption, f"{purpose}-encryption", bucket=name, rules=rules),
        resource("aws:s3/bucketPolicy:BucketPolicy", f"{purpose}-policy", bucket=name,
                 policy='{"Condition": {"Bool": {"aws:SecureTransport": "false"}}}'),
        resource("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", f"{purpose}-private", bucket=name,
                 **dict.fromkeys(closed, True)),
    ]  # fmt: skip


def everywhere():
    """What stands once in the stack."""
    budget = [
        {"threshold": percent, "notificationType": kind, "subscriberSnsTopicArns": ["arn"]}
        for percent in (80, 90, 100) for kind in ("ACTUAL", "FORECASTED")
    ]  # fmt: skip
    trail = [{"fieldSelectors": [{"equals": ["arn:aws:dynamodb:us-east-1:1:table/orders"]}]}]
    export = '{"TableArn": "arn:aws:dynamodb:us-east-1:1:table/orders", "S3Bucket": "b"}'
    copy = {"destinationVaultArn": "arn:aws:backup:us-west-2:1:backup-vault:dr", "lifecycle": {"deleteAfter": 90}}
    rules = [
        {"schedule": "cron(0 5 * * ? *)", "lifecycle": {"deleteAfter": 35}, "copyActions": [copy]},
        {"schedule": "cron(0 5 ? * SUN *)", "lifecycle": {"deleteAfter": 90}},
        {"schedule": "cron(0 5 1 * ? *)", "lifecycle": {"deleteAfter": 365}},
    ]
    return [
        resource(
            "aws:dynamodb/table:Table", "table-orders", name="orders", billingMode="PAY_PER_REQUEST",
            tags={"Stack": "t", "dr-tier": "1", "rto-hours": "1"},
            serverSideEncryption={"kmsKeyArn": "arn:aws:kms:us-east-1:1:key/k"}, pointInTimeRecovery={"enabled": True, "recoveryPeriodInDays": 35},
            ttl={"enabled": True}, deletionProtectionEnabled=True,
        ),
        resource(
            "aws:dynamodb/tableReplica:TableReplica", "us-west-2-replica-orders",
            kmsKeyArn="arn:aws:kms:us-west-2:1:key/k",
            globalTableArn="arn:aws:dynamodb:us-east-1:1:table/orders", pointInTimeRecovery=True,
            deletionProtectionEnabled=True,
        ),
        resource("aws:backup/plan:Plan", "plan", rules=rules),
        resource("aws:backup/selection:Selection", "selection", selectionTags=[{"key": "Stack", "value": "t"}]),
        *(
            resource("aws:backup/vaultLockConfiguration:VaultLockConfiguration", vault, backupVaultName=vault,
                     minRetentionDays=7)
            for vault in ("dynamodb-backup-vault", "dynamodb-backup-vault-dr")
        ),
        resource("aws:backup/restoreTestingPlan:RestoreTestingPlan", "restore-testing"),
        resource("aws:backup/restoreTestingSelection:RestoreTestingSelection", "restore-testing-tables"),
        resource("aws:scheduler/schedule:Schedule", "export-orders", target={
            "arn": "arn:aws:scheduler:::aws-sdk:dynamodb:exportTableToPointInTime", "input": export}),
        *(resource("aws:kms/key:Key", f"us-east-1-key-{purpose}", enableKeyRotation=True)
          for purpose in ("data", "logs", "backup")),
        resource("aws:kms/replicaKey:ReplicaKey", "us-west-2-key-data"),
        resource("aws:cloudtrail/trail:Trail", "trail", isMultiRegionTrail=True, enableLogFileValidation=True,
                 advancedEventSelectors=trail),
        resource("aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination", "c", tableName="orders"),
        resource("aws:arcregionswitch/plan:Plan", "plan", regions=list(REGIONS), workflows=[{}]),
        resource("aws:budgets/budget:Budget", "budget", limitAmount="10000", notifications=budget),
        resource("aws:costexplorer/anomalySubscription:AnomalySubscription", "anomalies"),
        *(one for purpose in ("exports", "trail", "changes") for one in bucket(purpose)),
    ]  # fmt: skip


def regional(region):
    """What stands in each region."""
    statement = [{"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": ["arn:table/orders"]}]
    metrics = (
        "SystemErrors",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
        "SuccessfulRequestLatency",
        "ReplicationLatency",
    )
    stop = [{"source": "aws:cloudwatch:alarm", "value": "arn"}]
    made = [
        ("aws:dynamodb/contributorInsights:ContributorInsights", {"tableName": "orders"}),
        ("aws:iam/rolePolicy:RolePolicy", {"role": f"hf-{region}-app", "policy": json.dumps({"Statement": statement})}),
        ("aws:route53/healthCheck:HealthCheck", {"fqdn": f"{region}.example.com", "requestInterval": 30,
         "failureThreshold": 3, "resourcePath": "/health/deep"}),
        ("aws:route53/record:Record", {"setIdentifier": region, "healthCheckId": "id", "latencyRoutingPolicies": [{}]}),
        ("aws:fis/experimentTemplate:ExperimentTemplate", {"stopConditions": stop}),
        ("aws:guardduty/detector:Detector", {"enable": True}),
        ("aws:cfg/recorderStatus:RecorderStatus", {"isEnabled": True}),
        ("aws:ec2/flowLog:FlowLog", {"trafficType": "ALL"}),
        ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {}),
        ("aws:dax/cluster:Cluster", {"clusterEndpointEncryptionType": "TLS", "serverSideEncryption": {"enabled": True}}),
        ("aws:elasticache/replicationGroup:ReplicationGroup", {"automaticFailoverEnabled": True, "multiAzEnabled": True,
         "transitEncryptionEnabled": True, "atRestEncryptionEnabled": True, "replicasPerNodeGroup": 2}),
        ("aws:eks/cluster:Cluster", {"vpcConfig": {"endpointPrivateAccess": True, "subnetIds": ["a", "b"]}, "encryptionConfig": {"a": 1},
         "enabledClusterLogTypes": ["audit"]}),
        ("aws:lambda/function:Function", {"reservedConcurrentExecutions": 200, "tracingConfig": {"mode": "Active"},
         "deadLetterConfig": {"targetArn": "arn"}}),
        ("aws:cloudwatch/dashboard:Dashboard", {}),
        ("aws:xray/samplingRule:SamplingRule", {"fixedRate": 0.1}),
        ("aws:cloudwatch/compositeAlarm:CompositeAlarm", {"alarmActions": ["arn"]}),
        ("aws:apigateway/restApi:RestApi", {"body": '{"x-amazon-apigateway-request-validator": "all"}'}),
        ("aws:apigateway/methodSettings:MethodSettings", {"settings": {"throttlingRateLimit": 1000}}),
        ("aws:synthetics/canary:Canary", {"startCanary": True}),
        ("aws:wafv2/webAclAssociation:WebAclAssociation", {}),
        ("aws:wafv2/webAcl:WebAcl", {"rules": [{"statement": {"rateBasedStatement": {"limit": 2000}}}]}),
        ("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", {}),
        ("aws:apigateway/domainName:DomainName", {"securityPolicy": "TLS_1_2"}),
        ("aws:apigateway/stage:Stage", {"accessLogSettings": {"destinationArn": "arn"}}),
        ("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", {}),
        ("aws:codedeploy/deploymentGroup:DeploymentGroup", {"autoRollbackConfiguration": {"enabled": True},
         "alarmConfiguration": {"alarms": ["a"]}}),
        ("aws:cloudwatch/logGroup:LogGroup", {"name": f"/hf/{region}/flow-logs", "kmsKeyId": "k",
         "retentionInDays": 90}),
        *(("aws:ec2/natGateway:NatGateway", {"subnetId": f"subnet-{zone}"}) for zone in "ab"),
        *(("aws:ec2/subnet:Subnet", {"availabilityZone": f"{region}{zone}", "mapPublicIpOnLaunch": False,
          "tags": {"Tier": tier}}) for zone in "ab" for tier in ("public", "application", "data")),
    ]  # fmt: skip
    return [
        *(resource(kind, f"{region}-{number}", **inputs) for number, (kind, inputs) in enumerate(made)),
        *(alarm(region, metric) for metric in metrics),
        *(resource("aws:sns/topic:Topic", f"{region}-topic-{priority}", name=f"hf-{priority}", kmsMasterKeyId="k")
          for priority in ("p1", "p2", "p3", "p4")),
        *(resource("aws:ec2/vpcEndpoint:VpcEndpoint", f"{region}-{service}", serviceName=f"com.amazonaws.{region}.{service}")
          for service in ("dynamodb", "s3")),
    ]  # fmt: skip


@functools.cache
def _settings(*, edge):
    return parse({**SETTINGS, **(FUNCTIONS if edge else CLUSTER)}, "Pulumi.t.yaml")


class Whole:
    """The whole stack: `judge` with what is to be missing."""

    today = TODAY
    resources = (*everywhere(), *(one for region in REGIONS for one in regional(region)))
    evidence = {  # noqa: RUF012 (never changed)
        "proof": TODAY, "objective:rto": TODAY, "objective:rpo": TODAY,
        **{f"drill:{scenario}": TODAY - timedelta(days=30) for scenario in PRACTISED},
    }  # fmt: skip

    def judge(self, resources=None, evidence=None, *, edge=False):
        wanted = _settings(edge=edge)
        deployed = Deployed(resources=self.resources if resources is None else resources, home="us-east-1")
        return assess(wanted, deployed, self.evidence if evidence is None else evidence, today=TODAY)


@pytest.fixture(scope="module")
def whole():
    return Whole()
