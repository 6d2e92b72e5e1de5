"""The permissions boundary: the most that a role of the stack can ever do, whatever is attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.base.documents import Statement, allow, deny, document
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.base.place import Place
    from settings import Settings


def boundary_name(place: Place) -> str:
    """Name of the workloads' boundary, one per stack."""
    return place.name("boundary")


def service_boundary_policy(settings: Settings) -> str:
    """What roles that AWS services assume can do at most: anything in the regions of the stack but change identities.

    Their own policies say what each needs; this holds whatever is attached to one of them later.
    """
    return document(
        allow(
            "InTheRegionsOfTheStack",
            ["*"],
            ["*"],
            # Services without a region answer in us-east-1 (IAM user guide, "aws:RequestedRegion").
            condition={"StringEquals": {"aws:RequestedRegion": sorted({*settings.deployed_regions, "us-east-1"})}},
        ),
        deny("NeverIdentities", ["iam:*", "organizations:*"], ["*"]),
    )


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
                "fis:GetExperiment",
                "fis:GetExperimentTemplate",
                "fis:StartExperiment",
                "fis:StopExperiment",
                "fis:TagResource",
                "kms:Decrypt",
                "kms:GenerateDataKey",
                "kms:GetPublicKey",
                "kms:Sign",
                "kms:Verify",
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
        *_functions(settings, regions),
        *_item_sessions(settings, place),
        deny("NeverIdentities", ["iam:*", "organizations:*"], ["*"]),
    )


def _functions(settings: Settings, regions: list[str]) -> list[Statement]:
    """What Lambda does as the function: network interfaces in the VPC, failed events; nothing else of EC2 or SQS."""
    if settings.serverless is None:
        return []
    actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
        "sqs:SendMessage",
        "xray:PutTelemetryRecords",
    ]
    return [allow("Functions", actions, ["*"], condition={"StringEquals": {"aws:RequestedRegion": regions}})]


def _item_sessions(settings: Settings, place: Place) -> list[Statement]:
    """The roles of single items, which the application assumes; no other role of the account."""
    names = settings.security.item_access if settings.security else {}
    roles = [place.role_arn(place.at(region).global_name(name)) for region in settings.region_names for name in names]
    return [allow("ItemSessions", ["sts:AssumeRole", "sts:TagSession"], roles)] if roles else []


def bounding(arn: str, policy: pulumi.Resource) -> Callable[[pulumi.ResourceTransformArgs], Any]:
    """A transform that gives a boundary to every role that names none; the role waits for the policy."""

    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != "aws:iam/role:Role" or args.props.get("permissionsBoundary") is not None:
            return None
        after = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(depends_on=[policy]))
        return pulumi.ResourceTransformResult({**args.props, "permissionsBoundary": arn}, after)

    return transform


class Boundary(Component):
    """The boundary of workloads, and that of the roles which services assume, as managed policies.

    The second one is given to every role that is registered afterwards and names none, those of remote components
    among them.
    """

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
        services = aws.iam.Policy(
            "service-boundary",
            name=place.name("service-boundary"),
            description="The most that a service can do in the name of the stack",
            policy=service_boundary_policy(settings),
            opts=self.child(),
        )
        arn = place.global_arn("iam", f"policy/{place.name('service-boundary')}")
        pulumi.runtime.register_resource_transform(bounding(arn, services))
        self.done()
