"""Cases of the rules on audit and alarms."""

from __future__ import annotations

from typing import Final

from holdfast_policies import kinds
from holdfast_policies.testing.cases import Cases
from holdfast_policies.testing.sound import make
from holdfast_policies.values import UNKNOWN

_GLOBAL: Final = (make(kinds.TABLE), make(kinds.REPLICA))
_ERRORS: Final = {"metricName": "SystemErrors", "dimensions": {"TableName": "orders", "Operation": "GetItem"}}
_LAG: Final = {
    "metricName": "ReplicationLatency",
    "dimensions": {"TableName": "orders", "ReceivingRegion": "us-west-2"},
    "threshold": 180_000,
    "treatMissingData": "breaching",
}
_QUERY: Final = {
    "metricName": None,
    "namespace": None,
    "dimensions": None,
    "metricQueries": [
        {"id": "all", "expression": "SUM(METRICS())", "returnData": True},
        {
            "id": "get",
            "metric": {
                "namespace": "AWS/DynamoDB",
                "metricName": "SystemErrors",
                "dimensions": {"TableName": "orders", "Operation": "GetItem"},
            },
        },
    ],
}

CASES: Final = (
    Cases(
        rule="cloudtrail-multi-region",
        passes=[make(kinds.TRAIL)],
        fails=[make(kinds.TRAIL, isMultiRegionTrail=None)],
        undecided=[make(kinds.TRAIL, isMultiRegionTrail=UNKNOWN)],
    ),
    Cases(
        rule="cloudtrail-validation",
        passes=[make(kinds.TRAIL)],
        fails=[make(kinds.TRAIL, enableLogFileValidation=None)],
        undecided=[make(kinds.TRAIL, enableLogFileValidation=UNKNOWN)],
    ),
    Cases(
        rule="cloudtrail-cloudwatch",
        passes=[make(kinds.TRAIL), make(kinds.TRAIL, cloudWatchLogsGroupArn=UNKNOWN)],
        fails=[make(kinds.TRAIL, cloudWatchLogsGroupArn=None)],
        always_decides="a log group that is set is enough, be its ARN known or not",
    ),
    Cases(
        rule="cloudtrail-dynamodb-data-events",
        passes=[
            make(kinds.TRAIL),
            make(
                kinds.TRAIL,
                eventSelectors=None,
                advancedEventSelectors=[
                    {"fieldSelectors": [{"field": "resources.type", "equals": ["AWS::DynamoDB::Table"]}]}
                ],
            ),
        ],
        fails=[
            make(kinds.TRAIL, eventSelectors=None),
            make(kinds.TRAIL, eventSelectors=[{"dataResources": [{"type": "AWS::S3::Object"}]}]),
        ],
        undecided=[make(kinds.TRAIL, eventSelectors=UNKNOWN)],
    ),
    Cases(
        rule="cloudtrail-bucket-logging",
        passes=[
            [make(kinds.TRAIL, s3BucketName="orders-exports"), make(kinds.BUCKET), make(kinds.BUCKET_LOGGING[0])],
            [make(kinds.TRAIL)],
        ],
        fails=[
            [make(kinds.TRAIL, s3BucketName="orders-exports"), make(kinds.BUCKET)],
            [
                make(
                    kinds.TRAIL, s3BucketName=UNKNOWN, property_dependencies={"s3BucketName": [make(kinds.BUCKET).urn]}
                ),
                make(kinds.BUCKET, bucket=None),
            ],
        ],
        undecided=[[make(kinds.TRAIL, s3BucketName="orders-exports"), make(kinds.BUCKET, logging=UNKNOWN)]],
    ),
    Cases(
        rule="config-recorder",
        passes=[[make(kinds.CONFIG_RECORDER), make(kinds.CONFIG_STATUS)], [make(kinds.PROVIDER)]],
        fails=[
            [make(kinds.TABLE)],
            [make(kinds.CONFIG_RECORDER)],
            [make(kinds.CONFIG_RECORDER, recordingGroup={"allSupported": False}), make(kinds.CONFIG_STATUS)],
        ],
        undecided=[[make(kinds.CONFIG_RECORDER), make(kinds.CONFIG_STATUS, isEnabled=UNKNOWN)]],
    ),
    Cases(
        rule="guardduty-enabled",
        passes=[[make(kinds.GUARDDUTY)], [make(kinds.GUARDDUTY, enable=None)], [make(kinds.PROVIDER)]],
        fails=[[make(kinds.TABLE)], [make(kinds.GUARDDUTY, enable=False)]],
        undecided=[[make(kinds.GUARDDUTY, enable=UNKNOWN)]],
    ),
    Cases(
        rule="eks-audit-logs",
        passes=[make(kinds.EKS)],
        fails=[make(kinds.EKS, enabledClusterLogTypes=None), make(kinds.EKS, enabledClusterLogTypes=["api"])],
        undecided=[make(kinds.EKS, enabledClusterLogTypes=UNKNOWN)],
    ),
    Cases(
        rule="log-retention-minimum",
        passes=[
            make(kinds.LOG_GROUP),
            make(kinds.LOG_GROUP, retentionInDays=None),
            make(kinds.LOG_GROUP, retentionInDays=0),
        ],
        fails=[make(kinds.LOG_GROUP, retentionInDays=7), make(kinds.LOG_GROUP, retentionInDays="7")],
        undecided=[make(kinds.LOG_GROUP, retentionInDays=UNKNOWN)],
    ),
    Cases(
        rule="dynamodb-throttle-alarm",
        passes=[[make(kinds.TABLE), make(kinds.ALARM)]],
        fails=[
            [make(kinds.TABLE)],
            [make(kinds.TABLE), make(kinds.ALARM, dimensions={"TableName": "invoices"})],
            [make(kinds.TABLE), make(kinds.ALARM, **_ERRORS)],
        ],
        undecided=[[make(kinds.TABLE), make(kinds.ALARM, metricName=UNKNOWN)]],
    ),
    Cases(
        rule="dynamodb-system-error-alarm",
        passes=[
            [make(kinds.TABLE), make(kinds.ALARM, **_ERRORS)],
            [make(kinds.TABLE), make(kinds.ALARM, **_QUERY)],
            [
                make(kinds.TABLE, name=None),
                make(
                    kinds.ALARM,
                    metricName="SystemErrors",
                    dimensions={"TableName": UNKNOWN, "Operation": "GetItem"},
                    property_dependencies={"dimensions": [make(kinds.TABLE).urn]},
                ),
            ],
        ],
        fails=[[make(kinds.TABLE)], [make(kinds.TABLE), make(kinds.ALARM)]],
        undecided=[[make(kinds.TABLE), make(kinds.ALARM, namespace=UNKNOWN)]],
    ),
    Cases(
        rule="dynamodb-replication-latency-alarm",
        passes=[
            [*_GLOBAL, make(kinds.ALARM, **_LAG)],
            [make(kinds.TABLE)],
            [
                *_GLOBAL,
                make(kinds.ALARM, **{**_LAG, "treatMissingData": "missing"}),
                make(
                    kinds.ALARM,
                    "stopped",
                    **{**_LAG, "comparisonOperator": "LessThanOrEqualToThreshold", "threshold": 0},
                ),
            ],
        ],
        fails=[
            [*_GLOBAL],
            [*_GLOBAL, make(kinds.ALARM, **{**_LAG, "threshold": 600_000})],
            [*_GLOBAL, make(kinds.ALARM, **{**_LAG, "treatMissingData": "missing"})],
        ],
        undecided=[[*_GLOBAL, make(kinds.ALARM, **{**_LAG, "threshold": UNKNOWN})]],
    ),
    Cases(
        rule="alarm-has-action",
        passes=[make(kinds.ALARM), make(kinds.ALARM, alarmActions=[UNKNOWN])],
        fails=[
            make(kinds.ALARM, alarmActions=None),
            make(kinds.ALARM, alarmActions=[]),
            make(kinds.ALARM, actionsEnabled=False),
        ],
        undecided=[make(kinds.ALARM, actionsEnabled=UNKNOWN)],
    ),
    Cases(
        rule="alarm-can-fire",
        passes=[
            make(kinds.ALARM),
            make(kinds.ALARM, **_ERRORS),
            make(kinds.ALARM, **_QUERY),
            make(kinds.ALARM, namespace="Shop/Checkout", metricName="Anything", dimensions=None),
        ],
        fails=[
            make(kinds.ALARM, metricName="SystemErrors"),
            make(kinds.ALARM, metricName="ThrottledRequests"),
            make(kinds.ALARM, metricName="SystemError"),
            make(kinds.ALARM, metricName="SuccessfulRequestLatency", dimensions=None),
        ],
        undecided=[make(kinds.ALARM, dimensions=UNKNOWN), make(kinds.ALARM, metricName=UNKNOWN)],
    ),
    Cases(
        rule="route53-ttl-fits-rto",
        passes=[[make(kinds.RECORD), make(kinds.HEALTH_CHECK)], [make(kinds.RECORD, ttl=3600)]],
        fails=[
            [make(kinds.RECORD, ttl=300), make(kinds.HEALTH_CHECK)],
            [make(kinds.RECORD), make(kinds.HEALTH_CHECK, failureThreshold=10)],
        ],
        undecided=[[make(kinds.RECORD, ttl=UNKNOWN), make(kinds.HEALTH_CHECK)]],
    ),
    Cases(
        rule="dynamodb-contributor-insights",
        passes=[
            [make(kinds.TABLE), make(kinds.CONTRIBUTOR_INSIGHTS)],
            [
                make(kinds.TABLE, name=None),
                make(
                    kinds.CONTRIBUTOR_INSIGHTS,
                    tableName=UNKNOWN,
                    property_dependencies={"tableName": [make(kinds.TABLE).urn]},
                ),
            ],
        ],
        fails=[[make(kinds.TABLE)], [make(kinds.TABLE), make(kinds.CONTRIBUTOR_INSIGHTS, tableName="invoices")]],
        always_decides="what it refers to is in the graph, be the name known or not",
    ),
    Cases(
        rule="lambda-tracing",
        passes=[make(kinds.FUNCTION)],
        fails=[make(kinds.FUNCTION, tracingConfig=None), make(kinds.FUNCTION, tracingConfig={"mode": "PassThrough"})],
        undecided=[make(kinds.FUNCTION, tracingConfig=UNKNOWN)],
    ),
)
