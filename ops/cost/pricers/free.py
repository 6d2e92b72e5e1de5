"""Resource types that cost nothing by themselves: identities, rules, connections between others, and components."""

from __future__ import annotations

_FREE = (
    "pulumi:", "holdfast:", "kubernetes:", "eks:", "aws:iam/", "aws:acm/", "aws:appautoscaling/", "aws:budgets/",
    "aws:costexplorer/", "aws:accessanalyzer/", "aws:vpc/", "aws:fis/experimentTemplate:", "aws:ssm/parameter:",
    "aws:autoscaling/", "aws:codedeploy/", "aws:xray/group:", "aws:oam/",
    "aws:backup/vault", "aws:backup/selection:", "aws:backup/restoreTestingPlan:", "aws:backup/regionSettings:",
    "aws:cfg/deliveryChannel:", "aws:cfg/recorderStatus:", "aws:cloudwatch/event", "aws:cloudwatch/logResourcePolicy:",
    "aws:dax/parameterGroup:", "aws:dax/subnetGroup:", "aws:dynamodb/resourcePolicy:", "aws:dynamodb/tableItem:",
    "aws:ec2/defaultSecurityGroup:", "aws:ec2/flowLog:", "aws:ec2/internetGateway:", "aws:ec2/launchTemplate:",
    "aws:ec2/networkAcl", "aws:ec2/route", "aws:ec2/securityGroup", "aws:ec2/subnet:", "aws:ec2/vpc:",
    "aws:ec2/defaultNetworkAcl:",
    "aws:ecr/lifecyclePolicy:", "aws:ecr/registry", "aws:ecr/replicationConfiguration:", "aws:ecr/repositoryPolicy:",
    "aws:eks/addon:", "aws:eks/podIdentityAssociation:", "aws:eks/accessEntry:", "aws:eks/accessPolicyAssociation:",
    "aws:elasticache/parameterGroup:", "aws:elasticache/subnetGroup:", "aws:elasticache/user",
    "aws:elasticache/globalReplicationGroup:",
    "aws:kms/alias:", "aws:kms/grant:", "aws:kms/keyPolicy:",
    "aws:lambda/permission:", "aws:lambda/alias:", "aws:lambda/eventSourceMapping:", "aws:lambda/layerVersion:",
    "aws:lambda/functionEventInvokeConfig:",
    "aws:lb/listener", "aws:lb/targetGroup", "aws:route53/record:",
    "aws:route53recoverycontrol/controlPanel:", "aws:route53recoverycontrol/routingControl:",
    "aws:route53recoverycontrol/safetyRule:",
    "aws:s3/bucketLifecycle", "aws:s3/bucketLogging:", "aws:s3/bucketObjectLock", "aws:s3/bucketPolicy:",
    "aws:s3/bucketPublicAccessBlock:", "aws:s3/bucketServerSideEncryption", "aws:s3/bucketVersioning:",
    "aws:s3/bucketOwnershipControls:", "aws:s3/bucketNotification:", "aws:s3/bucketObject",
    "aws:scheduler/scheduleGroup:", "aws:secretsmanager/secretRotation:", "aws:secretsmanager/secretPolicy:",
    "aws:secretsmanager/secretVersion:", "aws:sns/topicPolicy:", "aws:sns/topicSubscription:", "aws:sqs/queuePolicy:",
    "aws:apigateway/account:", "aws:apigateway/deployment:", "aws:apigateway/domainName:", "aws:apigateway/method",
    "aws:apigateway/stage:", "aws:apigateway/basePathMapping:", "aws:apigateway/restApiPolicy:",
    "aws:apigateway/usagePlan", "aws:apigateway/requestValidator:", "aws:apigateway/resource:",
    "aws:apigateway/integration", "aws:apigateway/response:", "aws:apigateway/model:", "aws:apigateway/authorizer:",
    "aws:apigatewayv2/stage:", "aws:apigatewayv2/domainName:", "aws:apigatewayv2/apiMapping:",
    "aws:apigatewayv2/integration:", "aws:apigatewayv2/route:", "aws:apigatewayv2/authorizer:",
    "aws:wafv2/webAclAssociation:", "aws:wafv2/webAclLoggingConfiguration:", "aws:synthetics/group",
)  # fmt: skip
"""Beginnings of types. A drill's experiment is paid by the minute of a drill, not by the month."""


def costs_nothing(kind: str) -> bool:
    """Whether a type costs nothing by itself."""
    return kind.startswith(_FREE)
