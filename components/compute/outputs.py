"""What the compute layer gives to the layers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi


@dataclass(frozen=True, kw_only=True)
class ComputeOutputs:
    """The cluster and the load balancer of one region."""

    cluster_name: str
    namespace: str
    """Namespace of the orders service."""
    experiment_account: str
    """Service account in that namespace as which experiments act on the pods."""
    node_tags: Mapping[str, str]
    """What marks the node group, for experiments that find it by its tags."""
    balancer_dns_name: pulumi.Output[str]
    """Public name of the load balancer."""
    balancer_zone_id: pulumi.Output[str]
    """Hosted zone of that name, for alias records."""
    balancer_suffix: pulumi.Output[str]
    """What the metrics of the load balancer are published under."""
    targets_suffix: pulumi.Output[str]
    """What the metrics of its targets are published under."""
