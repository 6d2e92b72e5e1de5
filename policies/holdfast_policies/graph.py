"""Questions about a stack that several rules ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast_policies import kinds
from holdfast_policies.values import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Resource, Stack


def endpoints_of(stack: Stack, vpc: Resource, service: str) -> Iterator[Resource]:
    """The endpoints of a VPC for a service, e.g. `dynamodb` or `ecr.api`."""
    for endpoint in stack.referring(vpc, "vpcId", kinds.ENDPOINT):
        if endpoint.text("serviceName").endswith(f".{service}"):
            yield endpoint


def is_public_subnet(stack: Stack, subnet: Resource) -> bool:
    """Whether a subnet gives out public addresses, or its route table has a route to an internet gateway."""
    if subnet.flag("mapPublicIpOnLaunch"):
        return True
    for association in stack.referring(subnet, "subnetId", kinds.ROUTE_ASSOCIATION):
        table = stack.target(association, "routeTableId", kinds.ROUTE_TABLE)
        if table is not None and _leads_out(stack, table):
            return True
    return False


def _leads_out(stack: Stack, table: Resource) -> bool:
    routes: list[tuple[Resource, View]] = [(table, route) for route in table.views("routes")]
    routes += [(route, route) for route in stack.referring(table, "routeTableId", kinds.ROUTE)]
    for carrier, route in routes:
        gateway = route.data.get("gatewayId")
        if isinstance(gateway, str) and gateway.startswith("igw-"):
            return True
        name = "routes" if carrier is table else "gatewayId"
        if any(stack.refers(carrier, name, one) for one in stack.of(kinds.INTERNET_GATEWAY)):
            return True
    return False


def table_name(table: Resource) -> str:
    """The physical name of a table, or the name in the program where AWS is to choose it."""
    name = table.data.get("name")
    return name if isinstance(name, str) and name else table.name


def replicas_of(stack: Stack, table: Resource) -> Iterator[Resource]:
    """The replicas of a table that are resources of their own."""
    for replica in stack.of(kinds.REPLICA):
        arn = replica.data.get("globalTableArn")
        by_name = isinstance(arn, str) and arn.endswith(f":table/{table_name(table)}")
        if by_name or stack.refers(replica, "globalTableArn", table):
            yield replica


def regions_of(stack: Stack, table: Resource) -> list[str]:
    """The regions of a table and of its replicas, its own first."""
    inline = [replica.text("regionName") for replica in table.views("replicas")]
    own = [replica.region for replica in replicas_of(stack, table)]
    return list(dict.fromkeys([table.region, *inline, *own]))


def serving_regions(stack: Stack) -> list[str]:
    """The regions that serve: those with a table or a replica of one. A region of backups alone is none."""
    if "serving" not in stack.cache:
        found = [region for table in stack.of(kinds.TABLE) for region in regions_of(stack, table)]
        stack.cache["serving"] = [region for region in dict.fromkeys(found) if region]
    regions: list[str] = stack.cache["serving"]
    return regions


def tags_of(resource: Resource) -> View:
    """The tags of a resource, those of its provider included where they are known."""
    tags = resource.value("tagsAll") if resource.known("tagsAll") else None
    tags = tags or resource.value("tags")
    return View(tags if isinstance(tags, dict) else {}, "tags")
