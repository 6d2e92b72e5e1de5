"""What resources cost by the hour, whether used or not: a floor under the monthly bill.

Prices are those of `awsfacts.prices`, which names the source and the day of each. A node type that it does not list is
left out, so that the estimate stays a floor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsfacts.prices import current
from holdfast_policies import kinds

if TYPE_CHECKING:
    from holdfast_policies.resource import Resource, Stack

HOURS_A_MONTH: Final = 730
_REFERENCE: Final = "us-east-1"
"""Whose prices are taken for a resource whose region nobody says."""


def estimate(stack: Stack) -> tuple[float, list[tuple[str, float]]]:
    """US dollars a month, and the resources that cost something, dearest first."""
    lines = [(resource.name, hourly(resource) * HOURS_A_MONTH) for resource in stack.resources]
    priced = sorted(((name, price) for name, price in lines if price), key=lambda line: -line[1])
    return sum(price for _, price in priced), priced


def hourly(resource: Resource) -> float:
    """US dollars an hour; 0 for what is not priced by the hour, or not listed."""
    return sum(_usd(key, resource) * amount for key, amount in _units(resource))


def _units(resource: Resource) -> list[tuple[str, float]]:
    """Keys of the price file, and how many units of each the resource has for an hour."""
    if resource.type == kinds.TABLE and resource.text("billingMode") in ("", "PROVISIONED"):
        reads, writes = resource.number("readCapacity") or 0, resource.number("writeCapacity") or 0
        return [("dynamodb.provisioned.read", reads), ("dynamodb.provisioned.write", writes)]
    if resource.type == kinds.DAX:
        return [(f"dax.node.{resource.text('nodeType')}", resource.number("replicationFactor") or 1)]
    if resource.type == kinds.CACHE_GROUP:
        return [(f"elasticache.node.{resource.text('nodeType')}", _nodes(resource))]
    if resource.type == kinds.ENDPOINT and resource.text("vpcEndpointType") == "Interface":
        subnets = resource.data.get("subnetIds")
        return [("endpoint.interface.hour", len(subnets) if isinstance(subnets, list) else 1)]
    whole = {kinds.EKS: "eks.cluster.hour", kinds.NAT_GATEWAY: "natgateway.hour"}.get(resource.type)
    return [(whole, 1)] if whole else []


def _usd(key: str, resource: Resource) -> float:
    book = current()
    region = resource.region if resource.known("region") else ""
    return float(book.usd(key, region or _REFERENCE)) if key in book else 0.0


def _nodes(group: Resource) -> float:
    shards = group.number("numNodeGroups")
    if shards:
        return shards * (1 + (group.number("replicasPerNodeGroup") or 0))
    return group.number("numCacheClusters") or 1
