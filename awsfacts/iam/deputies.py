"""Services that say for whom they act when they assume a role: their guides ask for it in the role's trust policy.

Each entry names the guide's page that shows or recommends `aws:SourceAccount` or `aws:SourceArn` in the trust policy of
a role for the service, read on 2026-11-21 in stored copies made after 2026-04-13. A service that is not listed may
send the keys too; it is left out until a page says so, because a condition on a key that is not sent locks the service
out of the role.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES_ITS_SOURCE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "access-grants.s3.amazonaws.com": "Amazon S3: Register a location (S3 Access Grants)",
        "aiops.amazonaws.com": "Amazon CloudWatch: Set up an investigation group",
        "amplify.amazonaws.com": "AWS Amplify: Cross-service confused deputy prevention",
        "appstream.amazonaws.com": "Amazon AppStream 2.0: Example confused deputy",
        "athena.amazonaws.com": "Amazon Athena: Notebooks, troubleshooting of workgroups",
        "bedrock.amazonaws.com": "Amazon Bedrock: Cross-service confused deputy prevention",
        "codebuild.amazonaws.com": "AWS CodeBuild: Cross-service confused deputy prevention",
        "ecs-tasks.amazonaws.com": "Amazon ECS: Task IAM role",
        "events.amazonaws.com": "Amazon EventBridge: Cross-service confused deputy prevention (event buses)",
        "fis.amazonaws.com": "AWS FIS: IAM roles for experiments",
        "hooks.cloudformation.amazonaws.com": "AWS CloudFormation: Use third-party public extensions (hooks)",
        "pipes.amazonaws.com": "Amazon EventBridge: Cross-service confused deputy prevention (pipes)",
        "qbusiness.amazonaws.com": "Amazon Q Business: IAM roles of data sources and actions",
        "rds.amazonaws.com": "Amazon RDS: Cross-service confused deputy prevention",
        "resources.cloudformation.amazonaws.com": "AWS CloudFormation: Cross-service confused deputy prevention",
        "sagemaker.amazonaws.com": "Amazon SageMaker AI: Cross-service confused deputy prevention",
        "scheduler.amazonaws.com": "EventBridge Scheduler: Confused deputy prevention",
        "ssm.amazonaws.com": "AWS Systems Manager: Cross-service confused deputy prevention",
        "states.amazonaws.com": "AWS Step Functions: Prevent cross-service confused deputy issue",
        "transfer.amazonaws.com": "AWS Transfer Family: Cross-service confused deputy prevention",
        "vpc-flow-logs.amazonaws.com": "Amazon VPC: IAM role for publishing flow logs to CloudWatch Logs",
    }
)
"""Service principal and the page."""
