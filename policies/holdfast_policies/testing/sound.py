"""Resources that break no rule, as starting points of cases."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

from holdfast_policies import kinds
from holdfast_policies.resource import Options, Provider, Resource

ACCOUNT: Final = "111122223333"
HOME: Final = "us-east-1"
AWAY: Final = "us-west-2"
TAGS: Final = {
    "Environment": "production",
    "Service": "orders",
    "Owner": "orders-team",
    "CostCenter": "4711",
    "DataClassification": "confidential",
}


def arn(service: str, rest: str, region: str = HOME) -> str:
    """An ARN of the account of the samples."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def key(region: str = HOME) -> str:
    """The ARN of a key in a region."""
    return arn("kms", "key/mrk-0a1b2c3d4e5f60718293a4b5c6d7e8f9", region)


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = None, **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return _statement("Allow", action, resource, more)


def deny(action: Any, resource: Any = None, **more: Any) -> dict[str, Any]:
    """A statement that denies."""
    return _statement("Deny", action, resource, more)


def _statement(effect: str, action: Any, resource: Any, more: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, **({} if resource is None else {"Resource": resource}), **more}


_APP: Final = f"arn:aws:iam::{ACCOUNT}:role/app"
_TABLE_ARN: Final = arn("dynamodb", "table/orders")
_OWN_KEY_POLICY: Final = document(allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))

SOUND: Final[dict[str, dict[str, Any]]] = {
    kinds.TABLE: {
        "name": "orders", "billingMode": "PAY_PER_REQUEST", "hashKey": "customer_id",
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": key()},
        "pointInTimeRecovery": {"enabled": True}, "deletionProtectionEnabled": True,
        "onDemandThroughput": {"maxReadRequestUnits": 40_000, "maxWriteRequestUnits": 40_000}, "tags": TAGS,
    },
    kinds.REPLICA: {
        "globalTableArn": _TABLE_ARN, "kmsKeyArn": key(AWAY), "pointInTimeRecovery": True,
        "deletionProtectionEnabled": True, "region": AWAY, "tags": TAGS,
    },
    kinds.TABLE_POLICY: {
        "resourceArn": _TABLE_ARN,
        "policy": document(allow("dynamodb:GetItem", _TABLE_ARN, Principal={"AWS": _APP})),
    },
    kinds.CONTRIBUTOR_INSIGHTS: {"tableName": "orders"},
    kinds.AUTOSCALING_TARGET: {
        "resourceId": "table/orders", "scalableDimension": "dynamodb:table:ReadCapacityUnits",
        "serviceNamespace": "dynamodb", "minCapacity": 50, "maxCapacity": 1000,
    },
    kinds.DAX: {
        "clusterName": "orders", "nodeType": "dax.r5.large", "replicationFactor": 3,
        "serverSideEncryption": {"enabled": True}, "clusterEndpointEncryptionType": "TLS",
        "subnetGroupName": "orders", "tags": TAGS,
    },
    kinds.DAX_SUBNETS: {"name": "orders", "subnetIds": ["subnet-0a"]},
    kinds.CACHE_GROUP: {
        "replicationGroupId": "orders", "nodeType": "cache.r7g.large", "engine": "redis", "numNodeGroups": 3,
        "replicasPerNodeGroup": 2, "atRestEncryptionEnabled": True, "transitEncryptionEnabled": True,
        "userGroupIds": ["orders"], "automaticFailoverEnabled": True, "multiAzEnabled": True,
        "snapshotRetentionLimit": 7, "subnetGroupName": "orders", "tags": TAGS,
    },
    kinds.CACHE_CLUSTER: {
        "clusterId": "sessions", "engine": "memcached", "nodeType": "cache.r7g.large",
        "transitEncryptionEnabled": True, "subnetGroupName": "orders", "tags": TAGS,
    },
    kinds.CACHE_SERVERLESS: {"name": "sessions", "engine": "valkey", "userGroupId": "orders", "tags": TAGS},
    kinds.KEY: {"enableKeyRotation": True, "multiRegion": True, "policy": _OWN_KEY_POLICY, "tags": TAGS},
    kinds.REPLICA_KEY: {"primaryKeyArn": key(), "policy": _OWN_KEY_POLICY, "region": AWAY, "tags": TAGS},
    kinds.EKS: {
        "name": "orders", "version": "1.36", "enabledClusterLogTypes": ["api", "audit"],
        "encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": key()}},
        "vpcConfig": {"subnetIds": ["subnet-0a", "subnet-0b"], "endpointPublicAccess": False}, "tags": TAGS,
    },
    kinds.EKS_NODES: {
        "clusterName": "orders", "subnetIds": ["subnet-0a", "subnet-0b"], "tags": TAGS,
        "launchTemplate": {"id": "lt-0a1b2c3d4e5f60718", "version": "1"},
    },
    kinds.POD_IDENTITY: {
        "clusterName": "orders", "namespace": "orders", "serviceAccount": "orders",
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/orders",
    },
    kinds.TRAIL: {
        "name": "orders", "s3BucketName": "orders-trail", "kmsKeyId": key(), "isMultiRegionTrail": True,
        "enableLogFileValidation": True, "cloudWatchLogsGroupArn": arn("logs", "log-group:trail:*"),
        "eventSelectors": [{"dataResources": [{"type": "AWS::DynamoDB::Table", "values": ["arn:aws:dynamodb"]}]}],
        "tags": TAGS,
    },
    kinds.LOG_GROUP: {"name": "/orders/app", "kmsKeyId": key(), "retentionInDays": 365, "tags": TAGS},
    kinds.QUEUE: {"name": "orders", "kmsMasterKeyId": key(), "tags": TAGS},
    kinds.TOPIC: {"name": "alarms", "kmsMasterKeyId": key(), "tags": TAGS},
    kinds.TOPIC_POLICY: {
        "arn": arn("sns", "alarms"),
        "policy": document(
            allow("sns:Publish", arn("sns", "alarms"), Principal={"Service": "cloudwatch.amazonaws.com"},
                  Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})
        ),
    },
    kinds.BUCKET: {"bucket": "orders-exports", "tags": TAGS},
    kinds.BUCKET_ENCRYPTION[0]: {
        "bucket": "orders-exports",
        "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key()}}],
    },
    kinds.BUCKET_VERSIONING[0]: {"bucket": "orders-exports", "versioningConfiguration": {"status": "Enabled"}},
    kinds.BUCKET_LOGGING[0]: {"bucket": "orders-exports", "targetBucket": "orders-access", "targetPrefix": "s3/"},
    kinds.BUCKET_POLICY: {
        "bucket": "orders-exports",
        "policy": document(
            deny("s3:*", ["arn:aws:s3:::orders-exports", "arn:aws:s3:::orders-exports/*"], Principal="*",
                 Condition={"Bool": {"aws:SecureTransport": "false"}})
        ),
    },
    kinds.BUCKET_REPLICATION: {
        "bucket": "orders-exports", "rules": [{"destination": {"bucket": "arn:aws:s3:::orders-exports-away"}}],
    },
    kinds.BACKUP_VAULT: {"name": "orders", "kmsKeyArn": key(), "tags": TAGS},
    kinds.BACKUP_LOCK: {"backupVaultName": "orders", "minRetentionDays": 35},
    kinds.BACKUP_PLAN: {
        "name": "orders",
        "rules": [{"ruleName": "daily", "targetVaultName": "orders", "lifecycle": {"deleteAfter": 35},
                   "copyActions": [{"destinationVaultArn": arn("backup", "backup-vault:orders-dr", AWAY)}]}],
        "tags": TAGS,
    },
    kinds.BACKUP_SELECTION: {"name": "orders", "planId": "plan", "resources": [_TABLE_ARN]},
    kinds.BACKUP_TESTING: {"name": "orders", "scheduleExpression": "cron(0 6 1 * ? *)"},
    kinds.SECRET: {"name": "orders", "kmsKeyId": key(), "tags": TAGS},
    kinds.POLICY: {"policy": document(allow(["dynamodb:GetItem", "dynamodb:PutItem"], _TABLE_ARN))},
    kinds.ROLE: {
        "name": "orders", "permissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary", "tags": TAGS,
        "assumeRolePolicy": document(allow("sts:AssumeRole", Principal={"Service": "pods.eks.amazonaws.com"})),
    },
    kinds.POLICY_ATTACHMENT: {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/app", "roles": ["app"]},
    kinds.VPC: {"cidrBlock": "10.10.0.0/16", "id": "vpc-0a", "tags": TAGS},
    kinds.SUBNET: {"vpcId": "vpc-0a", "id": "subnet-0a", "cidrBlock": "10.10.0.0/24", "tags": TAGS},
    kinds.ROUTE_TABLE: {"vpcId": "vpc-0a", "id": "rtb-0a"},
    kinds.ROUTE: {"routeTableId": "rtb-0a", "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "nat-0a"},
    kinds.ROUTE_ASSOCIATION: {"subnetId": "subnet-0a", "routeTableId": "rtb-0a"},
    kinds.INTERNET_GATEWAY: {"vpcId": "vpc-0a", "id": "igw-0a"},
    kinds.NAT_GATEWAY: {"subnetId": "subnet-0b"},
    kinds.DEFAULT_SECURITY_GROUP: {"vpcId": "vpc-0a"},
    kinds.FLOW_LOG: {"vpcId": "vpc-0a", "trafficType": "ALL"},
    kinds.ENDPOINT: {
        "vpcId": "vpc-0a", "id": "vpce-0a", "serviceName": f"com.amazonaws.{HOME}.dynamodb",
        "vpcEndpointType": "Gateway", "routeTableIds": ["rtb-0a"],
        "policy": document(allow(["dynamodb:GetItem", "dynamodb:PutItem"], _TABLE_ARN, Principal="*")),
    },
    kinds.ENDPOINT_ROUTES: {"routeTableId": "rtb-0a", "vpcEndpointId": "vpce-0a"},
    kinds.SECURITY_GROUP: {
        "vpcId": "vpc-0a", "tags": TAGS,
        "ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}],
    },
    kinds.SECURITY_GROUP_RULE: {
        "type": "ingress", "protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/8"],
    },
    kinds.SECURITY_INGRESS: {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/8"},
    kinds.ALARM: {
        "namespace": "AWS/DynamoDB", "metricName": "ReadThrottleEvents", "dimensions": {"TableName": "orders"},
        "comparisonOperator": "GreaterThanThreshold", "threshold": 10, "alarmActions": [arn("sns", "alarms")],
        "tags": TAGS,
    },
    kinds.CONFIG_RECORDER: {"name": "default", "recordingGroup": {"allSupported": True}},
    kinds.CONFIG_STATUS: {"name": "default", "isEnabled": True},
    kinds.GUARDDUTY: {"enable": True},
    kinds.BUDGET: {
        "budgetType": "COST", "limitAmount": "10000",
        "notifications": [{"threshold": 80, "subscriberEmailAddresses": ["team@example.com"]}],
    },
    kinds.RECORD: {
        "name": "orders.example.com", "type": "CNAME", "ttl": 20, "records": ["us-east-1.example.com"],
        "setIdentifier": HOME, "latencyRoutingPolicies": [{"region": HOME}], "healthCheckId": "check",
    },
    kinds.HEALTH_CHECK: {"id": "check", "type": "HTTPS", "requestInterval": 30, "failureThreshold": 3},
    kinds.FIS: {
        "description": "pause replication", "tags": TAGS,
        "stopConditions": [{"source": "aws:cloudwatch:alarm", "value": arn("cloudwatch", "alarm:orders")}],
    },
    kinds.FUNCTION: {
        "name": "orders", "runtime": "python3.14", "vpcConfig": {"subnetIds": ["subnet-0a", "subnet-0b"]},
        "tracingConfig": {"mode": "Active"}, "deadLetterConfig": {"targetArn": arn("sqs", "orders-dead")}, "tags": TAGS,
    },
    kinds.INVOKE_CONFIG: {
        "functionName": "orders", "destinationConfig": {"onFailure": {"destination": arn("sqs", "orders-dead")}},
    },
    kinds.LAMBDA_PERMISSION: {
        "action": "lambda:InvokeFunction", "principal": "events.amazonaws.com",
        "sourceArn": arn("events", "rule/hourly"),
    },
    kinds.LAUNCH_TEMPLATE: {
        "metadataOptions": {"httpTokens": "required"},
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}],
    },
    kinds.INSTANCE: {
        "metadataOptions": {"httpTokens": "required"}, "rootBlockDevice": {"encrypted": True}, "tags": TAGS,
    },
    kinds.EBS_VOLUME: {"availabilityZone": "us-east-1a", "encrypted": True},
    kinds.REPOSITORY: {
        "name": "orders", "imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": True},
        "tags": TAGS,
    },
    kinds.REST_API: {
        "name": "orders", "tags": TAGS,
        "body": json.dumps({
            "openapi": "3.0.1",
            "paths": {"/orders": {"post": {"security": [{"jwt": []}]}}, "/health": {"get": {}}},
        }),
    },
    kinds.REST_STAGE: {
        "stageName": "live", "arn": "arn:aws:apigateway:us-east-1::/restapis/a1/stages/live", "tags": TAGS,
        "accessLogSettings": {"destinationArn": arn("logs", "log-group:api"), "format": "{}"},
        "xrayTracingEnabled": True,
    },
    kinds.REST_METHOD: {"httpMethod": "POST", "authorization": "AWS_IAM"},
    kinds.REST_DOMAIN: {"domainName": "orders.example.com", "securityPolicy": "TLS_1_2"},
    kinds.HTTP_API: {"name": "orders", "protocolType": "HTTP", "tags": TAGS},
    kinds.HTTP_STAGE: {
        "name": "$default", "accessLogSettings": {"destinationArn": arn("logs", "log-group:api"), "format": "{}"},
        "tags": TAGS,
    },
    kinds.HTTP_ROUTE: {"routeKey": "POST /orders", "authorizationType": "JWT"},
    kinds.HTTP_DOMAIN: {
        "domainName": "orders.example.com", "domainNameConfiguration": {"securityPolicy": "TLS_1_2"},
    },
    kinds.WEB_ACL: {
        "name": "orders", "scope": "REGIONAL", "arn": arn("wafv2", "regional/webacl/orders/1"), "tags": TAGS,
    },
    kinds.WEB_ACL_ASSOCIATION: {
        "resourceArn": "arn:aws:apigateway:us-east-1::/restapis/a1/stages/live",
        "webAclArn": arn("wafv2", "regional/webacl/orders/1"),
    },
    kinds.WEB_ACL_LOGGING: {
        "resourceArn": arn("wafv2", "regional/webacl/orders/1"),
        "logDestinationConfigs": [arn("logs", "log-group:aws-waf-logs-orders")],
    },
    kinds.PROVIDER: {"region": HOME},
}  # fmt: skip
"""Properties by type. Each resource passes every rule that judges it alone, with its default settings."""


def make(kind: str, name: str = "", /, **changes: Any) -> Resource:
    """A sound resource of a type with changes; None takes a property away.

    The keywords `protect`, `ignore_changes`, `delete_before_replace`, `parent`, `provider_region`, `default_provider`,
    `provider_tags`, `property_dependencies`, `outputs` and `only` are not properties: `only=True` leaves the sound
    properties out, and `provider_tags` are the default tags of the provider, as JSON text or an object.
    """
    options = Options(
        protect=changes.pop("protect", kind == kinds.TABLE),
        ignore_changes=tuple(changes.pop("ignore_changes", ())),
        delete_before_replace=changes.pop("delete_before_replace", None),
        parent=changes.pop("parent", ""),
    )
    tags = changes.pop("provider_tags", None)
    provider = _provider(changes.pop("provider_region", HOME), tags, default=changes.pop("default_provider", False))
    dependencies = changes.pop("property_dependencies", {})
    start = {} if changes.pop("only", False) else copy.deepcopy(SOUND.get(kind, {}))
    properties = {key: value for key, value in {**start, **changes}.items() if value is not None}
    name = name or kind.rpartition(":")[2].lower()
    return Resource(
        type=kind,
        name=name,
        urn=f"urn:pulumi:prod::orders::{kind}::{name}",
        properties=properties,
        options=options,
        provider=provider if kind.startswith("aws:") else None,
        property_dependencies=dependencies,
        id=str(properties.get("id", "")),
    )


def _provider(region: str, tags: Any = None, *, default: bool) -> Provider:
    name = "default_7_51_1" if default else region
    urn = f"urn:pulumi:prod::orders::{kinds.PROVIDER}::{name}"
    properties = ({"region": region} if region else {}) | ({} if tags is None else {"defaultTags": tags})
    return Provider(urn=urn, type=kinds.PROVIDER, name=name, properties=properties)
