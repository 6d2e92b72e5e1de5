"""What has to be really created is, and each created kind is led through its life."""

import pathlib
import re

import pytest

from sandbox.provider import coverage

LIVES = pathlib.Path(__file__).parents[3] / "integration" / "sandbox" / "provider" / "test_lives.py"
NAMED = {
    "tables, with indexes, TTL, recovery, streams, tags and replicas": "dynamodb/table dynamodb/tableReplica",
    "resource policies": "dynamodb/resourcePolicy",
    "autoscaling": "appautoscaling/target appautoscaling/policy",
    "keys and aliases": "kms/key kms/replicaKey kms/alias",
    "IAM": "iam/role iam/policy iam/rolePolicy iam/rolePolicyAttachment iam/instanceProfile",
    "buckets": "s3/bucket s3/bucketVersioning s3/bucketServerSideEncryptionConfiguration s3/bucketPublicAccessBlock "
    "s3/bucketLifecycleConfiguration s3/bucketPolicy s3/bucketOwnershipControls s3/bucketReplicationConfig "
    "s3/bucketLogging s3/bucketObjectLockConfiguration",
    "SNS": "sns/topic sns/topicPolicy sns/topicSubscription",
    "SQS": "sqs/queue sqs/queuePolicy",
    "secrets": "secretsmanager/secret secretsmanager/secretVersion",
    "parameters": "ssm/parameter",
    "alarms and dashboards": "cloudwatch/metricAlarm cloudwatch/compositeAlarm cloudwatch/dashboard",
    "log groups": "cloudwatch/logGroup",
    "EventBridge rules and schedules": "cloudwatch/eventRule cloudwatch/eventTarget cloudwatch/eventBus "
    "scheduler/schedule scheduler/scheduleGroup",
    "functions": "lambda/function lambda/alias lambda/permission lambda/layerVersion lambda/eventSourceMapping",
    "REST APIs": "apigateway/restApi apigateway/deployment apigateway/stage apigateway/methodSettings "
    "apigateway/domainName apigateway/basePathMapping apigateway/account apigateway/authorizer "
    "apigateway/requestValidator apigateway/apiKey apigateway/usagePlan apigateway/usagePlanKey",
    "API Gateway": "apigatewayv2/api apigatewayv2/integration apigatewayv2/route apigatewayv2/stage",
    "Step Functions": "sfn/stateMachine",
    "Route 53": "route53/zone route53/record route53/healthCheck",
    "backup": "backup/vault backup/plan backup/vaultLockConfiguration",
    "networks": "ec2/vpc ec2/subnet ec2/routeTable ec2/route ec2/routeTableAssociation ec2/internetGateway "
    "ec2/natGateway ec2/eip ec2/vpcEndpoint ec2/networkAcl ec2/flowLog ec2/securityGroup ec2/defaultSecurityGroup "
    "ec2/securityGroupRule vpc/securityGroupIngressRule vpc/securityGroupEgressRule",
    "what nodes start from": "ec2/launchTemplate",
    "ECR": "ecr/repository ecr/lifecyclePolicy",
    "CloudTrail": "cloudtrail/trail",
    "budgets": "budgets/budget",
}
ELSEWHERE = {
    "dynamodb/contributorInsights": "in the life of a global table",
    "s3/bucketObject": "the older name of bucketObjectv2, by the same functions",
}


def short(token):
    return token.removeprefix("aws:").split(":")[0]


CREATED = {short(token) for token in coverage.created()}


@pytest.mark.parametrize("what", sorted(NAMED))
def test_what_is_named_is_really_created(what):
    assert set(NAMED[what].split()) <= CREATED


def test_each_created_kind_has_a_life():
    source = LIVES.read_text(encoding="utf-8")
    led = {short(token) for token in re.findall(r'"(aws:[\w/]+:\w+)"', source)}
    led |= {f"s3/{name[0].lower()}{name[1:]}" for name in re.findall(r'"(Bucket\w+)":', source)}
    assert CREATED - led - set(ELSEWHERE) == set()
