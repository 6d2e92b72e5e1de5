"""The permissions boundary: the most that a role of the stack can ever do, whatever is attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import Statement, allow, deny, document
from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings import Settings


def boundary_name(place: Place) -> str:
    """Name of the boundary, one per stack."""
    return place.name("boundary")


def boundary_arn(place: Place) -> str:
    """ARN of the boundary, known before it exists."""
    return place.global_arn("iam", f"policy/{boundary_name(place)}")


def boundary_policy(settings: Settings, place: Place) -> str:
    """Data planes in the regions of the stack; never IAM, never a table's existence."""
    regions = list(settings.deployed_regions)
    return document(
        allow(
            "DataPlanes",
            [
                "cloudwatch:DescribeAlarms",
                "cloudwatch:GetMetricData",
                "cloudwatch:PutMetricData",
                "dax:*Item",
                "dax:Query",
                "dynamodb:*Item",
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:DescribeStream",
                "dynamodb:DescribeTable",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
                "dynamodb:ListStreams",
                "dynamodb:Query",
                "elasticache:Connect",
                "kms:Decrypt",
                "kms:GenerateDataKey",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "ssm:GetParameter",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTraceSegments",
            ],
            ["*"],
            condition={"StringEquals": {"aws:RequestedRegion": regions}},
        ),
        *_item_sessions(settings, place),
        deny("NeverIdentities", ["iam:*", "organizations:*"], ["*"]),
    )


def _item_sessions(settings: Settings, place: Place) -> list[Statement]:
    """The roles of single items, which the application assumes; no other role of the account."""
    names = settings.security.item_access if settings.security else {}
    roles = [place.role_arn(place.at(region).global_name(name)) for region in settings.region_names for name in names]
    return [allow("ItemSessions", ["sts:AssumeRole", "sts:TagSession"], roles)] if roles else []


class Boundary(Component):
    """The boundary as a managed policy."""

    layer = "security"

    def __init__(self, name: str, opts: pulumi.ResourceOptions, *, settings: Settings, place: Place) -> None:
        super().__init__(name, opts)
        self.policy = aws.iam.Policy(
            "boundary",
            name=boundary_name(place),
            description="The most that a workload of the stack can do",
            policy=boundary_policy(settings, place),
            opts=self.child(),
        )
        self.done()
