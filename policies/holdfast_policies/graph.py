"""Questions about a stack that several rules ask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from holdfast_policies import kinds
from holdfast_policies.values import SENTINELS, UNKNOWN, Undecided, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_policies.resource import Provider, Resource, Stack


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
    """The tags of a resource: those that the provider worked out, else its own over its provider's default tags."""
    merged = resource.value("tagsAll") if resource.known("tagsAll") else None
    if isinstance(merged, dict) and merged:
        return View(merged, "tags")
    own = resource.value("tags")
    return View({**_default_tags(resource.provider), **(own if isinstance(own, dict) else {})}, "tags")


def _default_tags(provider: Provider | None) -> dict[str, Any]:
    """`default_tags` of an aws.Provider. A provider's nested settings travel as JSON text."""
    given = View(provider.properties, "provider").value("defaultTags") if provider else None
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            return {}
    tags = given.get("tags") if isinstance(given, dict) else None
    if tags is UNKNOWN or (isinstance(tags, str) and tags in SENTINELS):
        raise Undecided("provider.defaultTags.tags")
    if not isinstance(tags, dict):
        return {}
    return {key: UNKNOWN if isinstance(value, str) and value in SENTINELS else value for key, value in tags.items()}
