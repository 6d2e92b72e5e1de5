"""What the network layer gives to the layers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class NetworkOutputs:
    """The VPC of one region; subnets are in the order of the zones."""

    vpc_id: pulumi.Output[str]
    cidr: str
    zones: tuple[str, ...]
    public_subnet_ids: tuple[pulumi.Output[str], ...]
    application_subnet_ids: tuple[pulumi.Output[str], ...]
    data_subnet_ids: tuple[pulumi.Output[str], ...]
    application_cidrs: tuple[str, ...]
    """Networks of the application subnets, from which caches are reached."""
