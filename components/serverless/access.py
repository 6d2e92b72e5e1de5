"""What the functions of a region may do beside the application's own rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.documents import allow, document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.base.place import Place

NETWORK_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda needs to put a function into a VPC (Lambda developer guide, "Execution role permissions")."""


def function_policy(place: Place, functions: Sequence[str], queue: str, keys: Sequence[str]) -> str:
    """Logs, network interfaces, traces, and the queue of what failed.

    Args:
        place: the region.
        functions: names of the functions.
        queue: name of the queue.
        keys: aliases of the keys of the environment and of the queue.
    """
    return document(
        allow(
            "Logs",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [place.log_group_arn(f"/aws/lambda/{name}") for name in functions],
        ),
        # Describing takes no resource, and an interface has none before it exists (service authorization reference).
        allow(
            "Network",
            NETWORK_ACTIONS,
            ["*"],
            condition={"StringEquals": {"aws:RequestedRegion": place.region}},
        ),
        allow("FailedEvents", ["sqs:SendMessage"], [place.arn("sqs", queue)]),
        allow("Traces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
        allow(
            "EnvironmentAndQueue",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [place.any_key_arn],
            condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": list(keys)}},
        ),
    )
