"""`holdfast:network`: the VPC of each region."""

from __future__ import annotations

from typing import Literal

from settings._base import Days, Frozen

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
]
"""Services that the application reaches without leaving the VPC."""

ALL_SERVICES: tuple[InterfaceService, ...] = (
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
)


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
    flow_logs_retention_days: Days = 90
    """How long flow logs are kept (reference architecture: audit retention of 90 days)."""
