"""A stack with every layer that the checklist asks about, and the least state that shows each of its lines."""

from __future__ import annotations

import functools
import json
from datetime import date, timedelta

import pytest

from ops.readiness.checklist import PRACTISED, assess
from ops.readiness.deployed import Deployed
from ops.readiness.telling import BOARDS
from ops.readiness.workload import ZONE
from settings import parse
from settings.edge import WafSettings
from settings.network import ALL_SERVICES

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
    "holdfast:security": {
        "audit": {"account_wide": True},
        "item_access": {"customer": {"table": "orders", "session_tag": "customer_id", "attributes": ["pk"]}},
        "secrets": {"cursor-key": {"description": "Signs cursors"}},
    },
    "holdfast:data": {
        "tables": {"orders": {"name": "orders", "partition_key": {"name": "pk"}, "ttl_attribute": "expires_at"}},
        "backup": {"copy_region": "us-west-2"},
    },
    "holdfast:cache": {"dax": {"tables": ["orders"]}, "redis": {}},
    "holdfast:monitoring": {
        "subscriptions": {
            "p1": [{"protocol": "email", "endpoint": "p1@example.com"}],
            "p2": [{"protocol": "email", "endpoint": "p2@example.com"}],
        }
    },
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


@functools.cache
def _settings(*, edge):
    return parse({**SETTINGS, **(FUNCTIONS if edge else CLUSTER)}, "Pulumi.t.yaml")


LIMITS = {
    "ReadThrottleEvents": 10, "WriteThrottleEvents": 10, "SystemErrors": 5, "SuccessfulRequestLatency": 100,
    "ReplicationLatency": 1000,
}  # fmt: skip


def alarm(region, metric, statistic="Sum"):
    return resource(
        "aws:cloudwatch/metricAlarm:MetricAlarm", f"{region}-{metric}-{statistic}", alarmActions=["arn"],
        metricName=metric, statistic=statistic, dimensions={"TableName": "orders"}, threshold=LIMITS.get(metric, 0),
        evaluationPeriods=3, datapointsToAlarm=2,
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
            streamEnabled=True, streamViewType="NEW_AND_OLD_IMAGES",
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
          for purpose in ("data", "fields", "logs", "backup")),
        resource("aws:kms/replicaKey:ReplicaKey", "us-west-2-key-data"),
        resource("aws:cloudtrail/trail:Trail", "trail", isMultiRegionTrail=True, enableLogFileValidation=True,
                 advancedEventSelectors=trail),
        resource("aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination", "c", tableName="orders"),
        resource("aws:arcregionswitch/plan:Plan", "plan", regions=list(REGIONS), workflows=[{}]),
        resource("aws:budgets/budget:Budget", "budget", limitAmount="10000", notifications=budget),
        resource("aws:costexplorer/anomalySubscription:AnomalySubscription", "anomalies"),
        *(one for purpose in ("exports", "trail", "changes") for one in bucket(purpose)),
        *(resource("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", f"{purpose}-lifecycle",
                   bucket=f"hf-{purpose}", rules=[{"expiration": {"days": 90}}]) for purpose in ("trail", "changes")),
        resource("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "changes-lock",
                 bucket="hf-changes", rule={"defaultRetention": {"days": 90}}),
        resource("aws:secretsmanager/secret:Secret", "secret-cursor-key", name="hf/cursor-key", kmsKeyId="k",
                 replicas=[{"region": "us-west-2"}]),
        resource("aws:secretsmanager/secretRotation:SecretRotation", "rotation-cursor-key",
                 rotationRules={"automaticallyAfterDays": 30}),
        resource("aws:ecr/repository:Repository", "repository", imageTagMutability="IMMUTABLE",
                 imageScanningConfiguration={"scanOnPush": True}),
        resource("aws:ecr/replicationConfiguration:ReplicationConfiguration", "images", replicationConfiguration={
            "rules": [{"destinations": [{"region": "us-west-2"}]}]}),
        resource("aws:cloudwatch/eventRule:EventRule", "drill-due", scheduleExpression="cron(0 14 ? 1/3 TUE#2 *)"),
        resource("aws:cloudwatch/metricAlarm:MetricAlarm", "home-alarm-backup-failed", alarmActions=["arn"],
                 metricName="NumberOfBackupJobsFailed"),
        *(resource("aws:sns/topicSubscription:TopicSubscription", f"hears-{one}", endpoint=f"{one}@example.com")
          for one in ("p1", "p2")),
        *(resource("aws:costexplorer/costAllocationTag:CostAllocationTag", f"tag-{tag}", tagKey=tag, status="Active")
          for tag in ("Stack", "Environment", "Service", "CostCenter")),
        *(resource("aws:route53/record:Record", f"failover-{region}", setIdentifier=region, healthCheckId="id", ttl=20,
                   failoverRoutingPolicies=[{}]) for region in REGIONS),
        resource("aws:route53/record:Record", "geo", setIdentifier="us-east-1", healthCheckId="id", ttl=20,
                 geolocationRoutingPolicies=[{}]),
    ]  # fmt: skip


def service(region):
    """The service on Kubernetes, and its entrance."""
    probe = {"httpGet": {"path": "/health"}}
    container = {
        "readinessProbe": probe, "livenessProbe": probe,
        "resources": {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True},
    }  # fmt: skip
    pod = {
        "containers": [container], "securityContext": {"runAsNonRoot": True},
        "topologySpreadConstraints": [{"topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule"}],
    }  # fmt: skip
    target = {"type": "Utilization", "averageUtilization": 60}
    scaling = {"minReplicas": 3, "maxReplicas": 24, "metrics": [{"resource": {"target": target}}]}
    runtime = json.loads(_settings(edge=False).runtime.model_dump_json())
    made = {
        "kubernetes:apps/v1:Deployment": {"spec": {"template": {"spec": pod}}},
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": {"spec": scaling},
        "kubernetes:policy/v1:PodDisruptionBudget": {"spec": {"maxUnavailable": 1}},
        "kubernetes:networking.k8s.io/v1:NetworkPolicy": {"spec": {"policyTypes": ["Ingress", "Egress"]}},
        "kubernetes:core/v1:ConfigMap": {"data": {"topology.json": json.dumps({"runtime": runtime})}},
        "aws:eks/podIdentityAssociation:PodIdentityAssociation": {"roleArn": f"arn:aws:iam::1:role/hf-{region}-app"},
        "aws:eks/nodeGroup:NodeGroup": {"scalingConfig": {"minSize": 3, "maxSize": 9}, "subnetIds": ["a", "b"],
                                        "amiType": "AL2023_ARM_64_STANDARD", "launchTemplate": {"id": "lt-1"}},
        "aws:ec2/launchTemplate:LaunchTemplate": {"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}]},
        "aws:lb/loadBalancer:LoadBalancer": {"subnets": ["a", "b"]},
        "aws:lb/listener:Listener": {"protocol": "HTTPS", "certificateArn": "arn", "sslPolicy": "TLS13-1-2"},
        "aws:lb/targetGroup:TargetGroup": {"healthCheck": {"path": "/health"}, "deregistrationDelay": 30},
    }  # fmt: skip
    return [
        *(resource(kind, f"{region}-service-{number}", **inputs) for number, (kind, inputs) in enumerate(made.items())),
        *(alarm(region, metric) for metric in ("HTTPCode_Target_5XX_Count", "HealthyHostCount", "node_cpu_utilization",
          "node_memory_utilization", "cluster_failed_node_count")),
    ]  # fmt: skip


def borders(region):
    """What is let in, and to whom."""
    inside = {"action": "allow", "protocol": "-1", "cidrBlock": "10.0.0.0/8", "fromPort": 0, "toPort": 0}
    answers = {"action": "allow", "protocol": "tcp", "cidrBlock": "0.0.0.0/0", "fromPort": 1024, "toPort": 65535}
    https = {**answers, "fromPort": 443, "toPort": 443}
    policy = '{"dynamodb:LeadingKeys": ["${aws:PrincipalTag/customer_id}"]}'
    return [
        *(resource("aws:ec2/networkAcl:NetworkAcl", f"{region}-{tier}-acl", subnetIds=["a"],
                   ingress=[inside, answers, *([https] if tier == "public" else [])])
          for tier in ("public", "application", "data")),
        *(resource("aws:ec2/vpcEndpoint:VpcEndpoint", f"{region}-{name}", privateDnsEnabled=True,
                   serviceName=f"com.amazonaws.{region}.{name}") for name in ALL_SERVICES),
        resource("aws:iam/rolePolicy:RolePolicy", f"{region}-customer-policy", role="customer", policy=policy),
        resource("aws:accessanalyzer/analyzer:Analyzer", f"{region}-analyzer"),
        resource("aws:dax/parameterGroup:ParameterGroup", f"{region}-dax-parameters", parameters=[
            {"name": f"{one}-ttl-millis", "value": "300000"} for one in ("record", "query")]),
    ]  # fmt: skip


def regional(region):
    """What stands in each region."""
    statement = [{"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": ["arn:table/orders"]}]
    metrics = (
        ("SystemErrors", "Sum"),
        ("ReadThrottleEvents", "Sum"),
        ("WriteThrottleEvents", "Sum"),
        ("SuccessfulRequestLatency", "Average"),
        ("SuccessfulRequestLatency", "p99"),
        ("ReplicationLatency", "Average"),
    )
    stop = [{"source": "aws:cloudwatch:alarm", "value": "arn"}]
    made = [
        ("aws:dynamodb/contributorInsights:ContributorInsights", {"tableName": "orders"}),
        ("aws:iam/rolePolicy:RolePolicy", {"role": f"hf-{region}-app", "policy": json.dumps({"Statement": statement})}),
        ("aws:route53/healthCheck:HealthCheck", {"fqdn": f"{region}.example.com", "requestInterval": 30,
         "failureThreshold": 3, "resourcePath": "/health/deep"}),
        ("aws:route53/record:Record", {"setIdentifier": region, "healthCheckId": "id", "ttl": 20, "latencyRoutingPolicies": [{}]}),
        ("aws:fis/experimentTemplate:ExperimentTemplate", {"stopConditions": stop}),
        ("aws:guardduty/detector:Detector", {"enable": True}),
        ("aws:cfg/recorderStatus:RecorderStatus", {"isEnabled": True}),
        ("aws:ec2/flowLog:FlowLog", {"trafficType": "ALL"}),
        ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {}),
        ("aws:dax/cluster:Cluster", {"clusterEndpointEncryptionType": "TLS", "serverSideEncryption": {"enabled": True},
         "replicationFactor": 3, "nodeType": "dax.r5.large"}),
        ("aws:elasticache/replicationGroup:ReplicationGroup", {"automaticFailoverEnabled": True, "multiAzEnabled": True,
         "transitEncryptionEnabled": True, "atRestEncryptionEnabled": True, "replicasPerNodeGroup": 2,
         "numNodeGroups": 3, "snapshotRetentionLimit": 7}),
        ("aws:eks/cluster:Cluster", {"vpcConfig": {"endpointPrivateAccess": True, "subnetIds": ["a", "b"]}, "encryptionConfig": {"a": 1},
         "enabledClusterLogTypes": ["audit"]}),
        ("aws:lambda/function:Function", {"reservedConcurrentExecutions": 200, "tracingConfig": {"mode": "Active"},
         "deadLetterConfig": {"targetArn": "arn"}, "architectures": ["arm64"]}),
        ("aws:cloudwatch/dashboard:Dashboard", {"dashboardBody": " ".join(one for names in BOARDS.values() for one in names)}),
        ("aws:xray/samplingRule:SamplingRule", {"fixedRate": 0.1}),
        ("aws:cloudwatch/compositeAlarm:CompositeAlarm", {"alarmActions": ["arn"]}),
        ("aws:apigateway/restApi:RestApi", {"body": '{"x-amazon-apigateway-request-validator": "all"}'}),
        ("aws:apigateway/methodSettings:MethodSettings", {"settings": {"throttlingRateLimit": 1000}}),
        ("aws:synthetics/canary:Canary", {"startCanary": True, "schedule": {"expression": "rate(1 minute)"}}),
        ("aws:wafv2/webAclAssociation:WebAclAssociation", {}),
        ("aws:wafv2/webAcl:WebAcl", {"rules": [{"statement": one} for one in (
            {"rateBasedStatement": {"limit": 2000}}, {"sizeConstraintStatement": {"size": 65536}},
            *({"managedRuleGroupStatement": {"name": name}} for name in WafSettings().managed_groups))]}),
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
        *(alarm(region, *metric) for metric in metrics),
        *service(region),
        *borders(region),
        *(resource("aws:sns/topic:Topic", f"{region}-topic-{priority}", name=f"hf-{priority}", kmsMasterKeyId="k")
          for priority in ("p1", "p2", "p3", "p4")),
        *(resource("aws:ec2/vpcEndpoint:VpcEndpoint", f"{region}-{service}", serviceName=f"com.amazonaws.{region}.{service}")
          for service in ("dynamodb", "s3")),
    ]  # fmt: skip


class Whole:
    """The whole stack: `judge` with what is to be missing."""

    today = TODAY
    resources = (*everywhere(), *(one for region in REGIONS for one in regional(region)))
    evidence = {  # noqa: RUF012 (never changed)
        "proof": TODAY, "restore": TODAY, "capacity-report": TODAY, "objective:rto": TODAY, "objective:rpo": TODAY,
        **{f"drill:{scenario}": TODAY - timedelta(days=30) for scenario in PRACTISED},
    }  # fmt: skip

    def judge(self, resources=None, evidence=None, *, edge=False):
        wanted = _settings(edge=edge)
        deployed = Deployed(resources=self.resources if resources is None else resources, home="us-east-1")
        return assess(wanted, deployed, self.evidence if evidence is None else evidence, today=TODAY)


@pytest.fixture(scope="module")
def whole():
    return Whole()
