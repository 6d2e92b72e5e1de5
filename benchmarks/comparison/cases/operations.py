"""Trails, logs, alarms, functions, DNS and drills."""

from __future__ import annotations

from typing import Any

from benchmarks.comparison.cases.model import KEY, REGION, Case, Part, arn, one

TRAIL = Part(
    "Trail",
    "AWS::CloudTrail::Trail",
    {
        "TrailName": "orders",
        "S3BucketName": "trail",
        "IsLogging": True,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
        "KMSKeyId": KEY,
        "CloudWatchLogsLogGroupArn": arn("logs", "log-group:trail:*"),
        "CloudWatchLogsRoleArn": arn("iam", "role/trail", ""),
        "SnsTopicName": "trail",
        "EventSelectors": [
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": "AWS::DynamoDB::Table", "Values": ["arn:aws:dynamodb"]}],
            }
        ],
    },
    "aws:cloudtrail/trail:Trail",
    {
        "name": "orders",
        "s3BucketName": "trail",
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
        "kmsKeyId": KEY,
        "cloudWatchLogsGroupArn": arn("logs", "log-group:trail:*"),
        "cloudWatchLogsRoleArn": arn("iam", "role/trail", ""),
        "snsTopicName": "trail",
        "eventSelectors": [
            {
                "readWriteType": "All",
                "includeManagementEvents": True,
                "dataResources": [{"type": "AWS::DynamoDB::Table", "values": ["arn:aws:dynamodb"]}],
            }
        ],
    },
)
LOGS = Part(
    "Logs",
    "AWS::Logs::LogGroup",
    {"LogGroupName": "orders", "KmsKeyId": KEY, "RetentionInDays": 365},
    "aws:cloudwatch/logGroup:LogGroup",
    {"name": "orders", "kmsKeyId": KEY, "retentionInDays": 365},
)
ALARM = Part(
    "Alarm",
    "AWS::CloudWatch::Alarm",
    {
        "AlarmName": "orders-throttled",
        "Namespace": "AWS/DynamoDB",
        "MetricName": "ReadThrottleEvents",
        "Dimensions": [{"Name": "TableName", "Value": "orders"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 5,
        "Threshold": 10,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [arn("sns", "alarms")],
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    {
        "name": "orders-throttled",
        "namespace": "AWS/DynamoDB",
        "metricName": "ReadThrottleEvents",
        "dimensions": {"TableName": "orders"},
        "statistic": "Sum",
        "period": 60,
        "evaluationPeriods": 5,
        "threshold": 10,
        "comparisonOperator": "GreaterThanThreshold",
        "alarmActions": [arn("sns", "alarms")],
    },
)
_CODE = {"S3Bucket": "code", "S3Key": "orders.zip"}
FUNCTION = Part(
    "Function",
    "AWS::Lambda::Function",
    {
        "FunctionName": "orders",
        "Runtime": "python3.15",
        "Handler": "app.handler",
        "Role": arn("iam", "role/orders", ""),
        "Code": _CODE,
        "VpcConfig": {"SubnetIds": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]},
        "DeadLetterConfig": {"TargetArn": arn("sqs", "orders-dead")},
        "TracingConfig": {"Mode": "Active"},
        "ReservedConcurrentExecutions": 10,
        "KmsKeyArn": KEY,
    },
    "aws:lambda/function:Function",
    {
        "name": "orders",
        "runtime": "python3.15",
        "handler": "app.handler",
        "role": arn("iam", "role/orders", ""),
        "s3Bucket": "code",
        "s3Key": "orders.zip",
        "vpcConfig": {"subnetIds": ["subnet-0a", "subnet-0b"], "securityGroupIds": ["sg-0a"]},
        "deadLetterConfig": {"targetArn": arn("sqs", "orders-dead")},
        "tracingConfig": {"mode": "Active"},
        "reservedConcurrentExecutions": 10,
        "kmsKeyArn": KEY,
    },
)
REPOSITORY = Part(
    "Repository",
    "AWS::ECR::Repository",
    {
        "RepositoryName": "orders",
        "ImageTagMutability": "IMMUTABLE",
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": KEY},
    },
    "aws:ecr/repository:Repository",
    {
        "name": "orders",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY}],
    },
)
_RECORD = {
    "HostedZoneId": "Z0123456789",
    "Name": "orders.example.com",
    "Type": "CNAME",
    "TTL": "20",
    "ResourceRecords": [f"{REGION}.example.com"],
    "SetIdentifier": REGION,
    "Region": REGION,
}
RECORD = Part(
    "Record",
    "AWS::Route53::RecordSet",
    {**_RECORD, "HealthCheckId": "check"},
    "aws:route53/record:Record",
    {
        "zoneId": "Z0123456789",
        "name": "orders.example.com",
        "type": "CNAME",
        "ttl": 20,
        "records": [f"{REGION}.example.com"],
        "setIdentifier": REGION,
        "latencyRoutingPolicies": [{"region": REGION}],
        "healthCheckId": "check",
    },
    tagged=False,
)


def _experiment(stop: dict[str, str]) -> Part:
    here = {key[0].lower() + key[1:]: value for key, value in stop.items()}
    return Part(
        "Experiment",
        "AWS::FIS::ExperimentTemplate",
        {
            "Description": "pause replication",
            "RoleArn": arn("iam", "role/fis", ""),
            "StopConditions": [stop],
            "Targets": {},
            "Tags": {"Name": "pause"},
        },
        "aws:fis/experimentTemplate:ExperimentTemplate",
        {"description": "pause replication", "roleArn": arn("iam", "role/fis", ""), "stopConditions": [here]},
    )


def _of_trail(name: str, fault: str, there: dict[str, Any], here: dict[str, Any]) -> Case:
    return one(name, fault, TRAIL, there, here)


OPERATIONS: tuple[Case, ...] = (
    _of_trail("trail-one-region", "a trail of one region",
              {"IsMultiRegionTrail": False}, {"isMultiRegionTrail": False}),
    _of_trail("trail-digests", "a trail whose files may be changed unseen",
              {"EnableLogFileValidation": False}, {"enableLogFileValidation": False}),
    _of_trail("trail-key", "a trail without a key of its own", {"KMSKeyId": None}, {"kmsKeyId": None}),
    _of_trail("trail-items", "a trail that does not record reads and writes of items",
              {"EventSelectors": None}, {"eventSelectors": None}),
    one("logs-key", "a log group without a key of its own", LOGS, {"KmsKeyId": None}, {"kmsKeyId": None}),
    one("logs-days", "a log group that keeps a week", LOGS, {"RetentionInDays": 7}, {"retentionInDays": 7}),
    one("alarm-silent", "an alarm that tells nobody", ALARM, {"AlarmActions": None}, {"alarmActions": None}),
    one("alarm-dead", "an alarm on a metric that DynamoDB does not publish so", ALARM,
        {"MetricName": "SystemErrors"}, {"metricName": "SystemErrors"}),
    one("function-runtime", "a function on a runtime without fixes", FUNCTION,
        {"Runtime": "python3.8"}, {"runtime": "python3.8"}),
    one("function-events", "a function that drops what it cannot handle", FUNCTION,
        {"DeadLetterConfig": None}, {"deadLetterConfig": None}),
    one("function-one-zone", "a function in one subnet", FUNCTION,
        {"VpcConfig": {"SubnetIds": ["subnet-0a"], "SecurityGroupIds": ["sg-0a"]}},
        {"vpcConfig": {"subnetIds": ["subnet-0a"], "securityGroupIds": ["sg-0a"]}}),
    one("images-mutable", "a repository whose tags move", REPOSITORY,
        {"ImageTagMutability": "MUTABLE"}, {"imageTagMutability": "MUTABLE"}),
    one("images-unscanned", "a repository that scans nothing", REPOSITORY,
        {"ImageScanningConfiguration": None}, {"imageScanningConfiguration": None}),
    one("dns-unchecked", "a region that DNS answers with, healthy or not", RECORD,
        {"HealthCheckId": None}, {"healthCheckId": None}),
    Case(name="drill-unstopped", fault="a fault injection that nothing stops",
         sound=(_experiment({"Source": "aws:cloudwatch:alarm", "Value": arn("cloudwatch", "alarm:orders")}),),
         faulty=(_experiment({"Source": "none"}),)),
)  # fmt: skip
