"""Which operation of a service creates a type, and what botocore's model does not say."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

from sandbox.provider.sdk import TypeInfo

SERVICES: Final[Mapping[str, str]] = {
    "alb": "elbv2",
    "appautoscaling": "application-autoscaling",
    "cfg": "config",
    "cloudwatch": "cloudwatch",
    "cognito": "cognito-idp",
    "lb": "elbv2",
    "mq": "mq",
    "msk": "kafka",
    "sfn": "stepfunctions",
    "vpc": "ec2",
}
"""boto3's service names where they differ from a token's."""

OPERATIONS: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "aws:appautoscaling/policy:Policy": ("application-autoscaling", "PutScalingPolicy", {"name": "PolicyName"}),
    "aws:appautoscaling/target:Target": ("application-autoscaling", "RegisterScalableTarget", {"roleArn": "RoleARN"}),
    "aws:backup/vault:Vault": (
        "backup",
        "CreateBackupVault",
        {"name": "BackupVaultName", "kmsKeyArn": "EncryptionKeyArn"},
    ),
    "aws:cloudtrail/trail:Trail": ("cloudtrail", "CreateTrail", {}),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("cloudwatch", "PutCompositeAlarm", {}),
    "aws:cloudwatch/dashboard:Dashboard": ("cloudwatch", "PutDashboard", {}),
    "aws:cloudwatch/eventRule:EventRule": ("events", "PutRule", {}),
    "aws:cloudwatch/logGroup:LogGroup": ("logs", "CreateLogGroup", {"name": "logGroupName"}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("cloudwatch", "PutMetricAlarm", {"name": "AlarmName"}),
    "aws:dax/cluster:Cluster": ("dax", "CreateCluster", {}),
    "aws:dynamodb/table:Table": ("dynamodb", "CreateTable", {"name": "-", "attributes": "AttributeDefinitions"}),
    "aws:ec2/flowLog:FlowLog": ("ec2", "CreateFlowLogs", {}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("ec2", "CreateVpcEndpoint", {"policy": "PolicyDocument"}),
    "aws:eks/cluster:Cluster": ("eks", "CreateCluster", {"vpcConfig": "resourcesVpcConfig"}),
    "aws:eks/nodeGroup:NodeGroup": (
        "eks",
        "CreateNodegroup",
        {"nodeGroupName": "nodegroupName", "nodeRoleArn": "nodeRole"},
    ),
    "aws:iam/policy:Policy": ("iam", "CreatePolicy", {"name": "PolicyName", "policy": "PolicyDocument"}),
    "aws:iam/role:Role": ("iam", "CreateRole", {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}),
    "aws:iam/rolePolicy:RolePolicy": (
        "iam",
        "PutRolePolicy",
        {"name": "PolicyName", "policy": "PolicyDocument", "role": "RoleName"},
    ),
    "aws:kms/alias:Alias": ("kms", "CreateAlias", {"name": "AliasName"}),
    "aws:kms/key:Key": ("kms", "CreateKey", {"customerMasterKeySpec": "KeySpec"}),
    "aws:lambda/function:Function": ("lambda", "CreateFunction", {"name": "FunctionName", "code": "-"}),
    "aws:route53/healthCheck:HealthCheck": ("route53", "CreateHealthCheck", {}),
    "aws:scheduler/schedule:Schedule": ("scheduler", "CreateSchedule", {}),
    "aws:sfn/stateMachine:StateMachine": ("stepfunctions", "CreateStateMachine", {}),
    "aws:ssm/parameter:Parameter": ("ssm", "PutParameter", {}),
}
"""Service, operation and renames of types whose operation has another name than `Create<Type>` or `Put<Type>`."""

NUMBERED: Final = frozenset(
    {
        "aws:appautoscaling/target:Target",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:dynamodb/table:Table",
        "aws:eks/nodeGroup:NodeGroup",
        "aws:iam/role:Role",
        "aws:kms/key:Key",
        "aws:lambda/function:Function",
        "aws:scheduler/schedule:Schedule",
    }
)
"""Types whose numbers have the API's own units; elsewhere a property of the same name may count in others."""

_TABLE_NAME: Final = {"pattern": "[a-zA-Z0-9_.-]+", "min": 3, "max": 255}
_RETENTION: Final = (
    0,
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)

EXTRA: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    # Developer Guide, "Naming rules"; "Point-in-time recovery"
    "aws:dynamodb/table:Table": {
        "name": _TABLE_NAME,
        "pointInTimeRecovery": {"members": {"recoveryPeriodInDays": {"number": True, "min": 1, "max": 35}}},
        "billingMode": {"enum": ["PROVISIONED", "PAY_PER_REQUEST"]},
        "streamViewType": {"enum": ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", ""]},
        "tableClass": {"enum": ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]},
        "attributes": {
            "item": {"members": {"name": {"min": 1, "max": 255}, "type": {"enum": ["S", "N", "B"]}}},
        },
        "globalSecondaryIndexes": {
            "item": {
                "members": {
                    "name": _TABLE_NAME,
                    "projectionType": {"enum": ["ALL", "KEYS_ONLY", "INCLUDE"]},
                }
            },
        },
    },
    "aws:dynamodb/tableReplica:TableReplica": {
        "tableClassOverride": {"enum": ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]},
    },
    # API reference, PutRetentionPolicy: one of these, 0 for ever
    "aws:cloudwatch/logGroup:LogGroup": {"retentionInDays": {"one_of": list(_RETENTION)}},
    # API reference, ScheduleKeyDeletion and EnableKeyRotation
    "aws:kms/key:Key": {
        "deletionWindowInDays": {"number": True, "min": 7, "max": 30},
        "rotationPeriodInDays": {"number": True, "min": 90, "max": 2560},
    },
    "aws:kms/replicaKey:ReplicaKey": {"deletionWindowInDays": {"number": True, "min": 7, "max": 30}},
    "aws:kms/alias:Alias": {"name": {"pattern": "^alias/[a-zA-Z0-9/_-]+$", "max": 256}},
    # DAX API reference, CreateCluster
    "aws:dax/cluster:Cluster": {
        "clusterName": {"pattern": "^[a-zA-Z][a-zA-Z0-9-]*$", "min": 1, "max": 20},
        "clusterEndpointEncryptionType": {"enum": ["NONE", "TLS"]},
        "replicationFactor": {"number": True, "min": 1, "max": 10},
    },
    # SQS API reference, CreateQueue and SetQueueAttributes
    "aws:sqs/queue:Queue": {
        "delaySeconds": {"number": True, "min": 0, "max": 900},
        "messageRetentionSeconds": {"number": True, "min": 60, "max": 1209600},
        "receiveWaitTimeSeconds": {"number": True, "min": 0, "max": 20},
        "visibilityTimeoutSeconds": {"number": True, "min": 0, "max": 43200},
    },
    "aws:s3/bucket:Bucket": {"bucket": {"pattern": "^[a-z0-9][a-z0-9.-]+[a-z0-9]$", "min": 3, "max": 63}},
    # S3 API reference, PutBucketVersioning; the real provider adds Disabled for a bucket that never had it
    "aws:s3/bucketVersioning:BucketVersioning": {
        "versioningConfiguration": {"members": {"status": {"enum": ["Enabled", "Suspended", "Disabled"]}}},
    },
    # Route 53 API reference, HealthCheckConfig
    "aws:route53/healthCheck:HealthCheck": {
        "type": {
            "enum": [
                "HTTP",
                "HTTPS",
                "HTTP_STR_MATCH",
                "HTTPS_STR_MATCH",
                "TCP",
                "CALCULATED",
                "CLOUDWATCH_METRIC",
                "RECOVERY_CONTROL",
            ]
        },
        "failureThreshold": {"number": True, "min": 1, "max": 10},
        "requestInterval": {"one_of": [10, 30]},
    },
    "aws:budgets/budget:Budget": {
        "timeUnit": {"enum": ["DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM"]},
        "budgetType": {
            "enum": [
                "USAGE",
                "COST",
                "RI_UTILIZATION",
                "RI_COVERAGE",
                "SAVINGS_PLANS_UTILIZATION",
                "SAVINGS_PLANS_COVERAGE",
            ]
        },
    },
}
"""Constraints that the services document and their models leave out."""


def operation_of(info: TypeInfo) -> tuple[Any, Mapping[str, str]] | None:
    """The input shape of the operation that creates a type, and renames; None where none is known."""
    if not info.token.startswith("aws:"):
        return None
    if info.token in OPERATIONS:
        service, operation, renames = OPERATIONS[info.token]
        model = _model(service)
        return (model.operation_model(operation).input_shape, renames) if model is not None else None
    token_service = info.token.split(":")[1].split("/")[0]
    cls = info.token.rsplit(":", 1)[-1]
    model = _model(SERVICES.get(token_service, token_service))
    if model is None:
        return None
    names = {name.lower(): name for name in model.operation_names}
    for candidate in (f"Create{cls}", f"Put{cls}"):
        if candidate.lower() in names:
            return model.operation_model(names[candidate.lower()]).input_shape, {"name": f"{cls}Name"}
    return None


@functools.cache
def _model(service: str) -> Any:
    import botocore.session  # noqa: PLC0415  reading models takes long: only where rules are made
    from botocore.exceptions import UnknownServiceError  # noqa: PLC0415  loaded only where it is needed
    from botocore.model import ServiceModel  # noqa: PLC0415  loaded only where it is needed

    loader = botocore.session.get_session().get_component("data_loader")
    try:
        return ServiceModel(loader.load_service_model(service, "service-2"), service)
    except UnknownServiceError:
        return None
