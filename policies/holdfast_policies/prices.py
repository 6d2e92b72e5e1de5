"""What resources cost by the hour, whether used or not: a floor under the monthly bill.

List prices of us-east-1 in US dollars, not confirmed against AWS's price pages since they were written: a floor for a
rule, never a bill. A node type that is not listed is left out, so that the estimate stays a floor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from holdfast_policies import kinds

if TYPE_CHECKING:
    from holdfast_policies.resource import Resource, Stack

HOURS_A_MONTH: Final = 730
READ_UNIT: Final = 0.00013
WRITE_UNIT: Final = 0.00065
EKS_CLUSTER: Final = 0.10
NAT_GATEWAY: Final = 0.045
INTERFACE_ENDPOINT: Final = 0.01
"""Per zone."""
NODES: Final = {
    "dax.r5.large": 0.255, "dax.r5.xlarge": 0.509, "dax.r5.2xlarge": 1.017, "dax.r5.4xlarge": 2.035,
    "dax.t3.small": 0.04, "dax.t3.medium": 0.08,
    "cache.r7g.large": 0.219, "cache.r7g.xlarge": 0.437, "cache.r7g.2xlarge": 0.874,
    "cache.r6g.large": 0.206, "cache.r6g.xlarge": 0.411, "cache.m7g.large": 0.158, "cache.t4g.small": 0.032,
    "cache.t4g.medium": 0.065,
}  # fmt: skip
"""Per node and hour."""


def estimate(stack: Stack) -> tuple[float, list[tuple[str, float]]]:
    """US dollars a month, and the resources that cost something, dearest first."""
    lines = [(resource.name, hourly(resource) * HOURS_A_MONTH) for resource in stack.resources]
    priced = sorted(((name, price) for name, price in lines if price), key=lambda line: -line[1])
    return sum(price for _, price in priced), priced


def hourly(resource: Resource) -> float:
    """US dollars an hour; 0 for what is not priced by the hour, or not listed."""
    if resource.type == kinds.TABLE and resource.text("billingMode") in ("", "PROVISIONED"):
        reads, writes = resource.number("readCapacity") or 0, resource.number("writeCapacity") or 0
        return reads * READ_UNIT + writes * WRITE_UNIT
    if resource.type == kinds.DAX:
        return NODES.get(resource.text("nodeType"), 0) * (resource.number("replicationFactor") or 1)
    if resource.type == kinds.CACHE_GROUP:
        return NODES.get(resource.text("nodeType"), 0) * _nodes(resource)
    if resource.type == kinds.ENDPOINT and resource.text("vpcEndpointType") == "Interface":
        subnets = resource.data.get("subnetIds")
        return INTERFACE_ENDPOINT * (len(subnets) if isinstance(subnets, list) else 1)
    return {kinds.EKS: EKS_CLUSTER, kinds.NAT_GATEWAY: NAT_GATEWAY}.get(resource.type, 0)


def _nodes(group: Resource) -> float:
    shards = group.number("numNodeGroups")
    if shards:
        return shards * (1 + (group.number("replicasPerNodeGroup") or 0))
    return group.number("numCacheClusters") or 1
