"""`holdfast:network`: the VPC of each region."""

from __future__ import annotations

from typing import Literal, get_args

from settings._base import Frozen, LogDays

InterfaceService = Literal[
    "kms",
    "sts",
    "secretsmanager",
    "ssm",
    "logs",
    "monitoring",
    "sqs",
    "sns",
    "ecr.api",
    "ecr.dkr",
    "xray",
    "dax",
    "ec2",
]
"""Services that the application and its nodes reach without leaving the VPC; nodes attach addresses through EC2."""

ALL_SERVICES: tuple[InterfaceService, ...] = get_args(InterfaceService)
"""Every one of them."""


class NetworkSettings(Frozen):
    """Three tiers in three zones, closed by default."""

    nat: Literal["per-zone", "single", "none"] = "per-zone"
    """NAT gateways: three survive the loss of a zone; one costs a third; none leaves the VPC endpoints.

    One NAT gateway costs $0.045 an hour and $0.045 a GB in us-east-1, so three cost about $99 a month before traffic.
    """
    interface_endpoints: tuple[InterfaceService, ...] = ALL_SERVICES
    """Interface endpoints, each in three zones ($0.01 an hour and zone in us-east-1, about $22 a month each).

    A service that has no endpoint in a region is left out there.
    """
    flow_logs_retention_days: LogDays = 90
    """How long flow logs are kept (reference architecture: audit retention of 90 days)."""
