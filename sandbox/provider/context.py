"""What a handler may know of the request it serves: where it acts, for whom, and through which clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.provider.faults import ProviderError

if TYPE_CHECKING:
    from sandbox.provider.cloud import Cloud

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
"""Partitions by the beginning of their regions' names; all other regions are in `aws`."""


def partition_of(region: str) -> str:
    """The partition that a region belongs to."""
    return next((name for start, name in PARTITIONS.items() if region.startswith(start)), "aws")


@dataclass(frozen=True, kw_only=True)
class Context:
    """One request's surroundings.

    Attributes:
        urn: The resource's URN.
        token: Its type token.
        region: The region it lives in: its own `region` input, else the provider's.
        account_id: The account.
        cloud: The sandbox's cloud; None when none runs.
        preview: Whether nothing may be changed.
        default_tags: Tags that the provider adds to every taggable resource.
    """

    urn: str
    token: str
    region: str
    account_id: str
    cloud: Cloud | None = None
    preview: bool = False
    default_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def partition(self) -> str:
        """The ARN partition of the region."""
        return partition_of(self.region)

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """An ARN in this account; pass `region=""` for a global service."""
        where = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{where}:{self.account_id}:{resource}"

    def running(self) -> Cloud:
        """The sandbox's cloud; `ProviderError` says how to start one when none runs."""
        if self.cloud is None:
            raise ProviderError(
                f"{self.token} is created in the sandbox's cloud, and none is running; start it with "
                "`holdfast sandbox start`"
            )
        return self.cloud

    def client(self, service: str, region: str | None = None) -> Any:
        """The boto3 client of a service at the region's gateway; `ProviderError` when no cloud runs."""
        return self.running().client(service, region or self.region)
