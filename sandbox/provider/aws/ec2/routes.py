"""Route tables, their routes, and what they are associated with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws.api import pick
from sandbox.provider.aws.ec2 import tags
from sandbox.provider.aws.ec2.names import arn_and_owner
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import Handler, Kind, Made, Properties

_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcEndpointId": "VpcEndpointId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "networkInterfaceId": "NetworkInterfaceId",
    "carrierGatewayId": "CarrierGatewayId",
    "localGatewayId": "LocalGatewayId",
    "coreNetworkArn": "CoreNetworkArn",
}
_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_INLINE = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}


def _create_table(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    with told(context, "creating route table"):
        table = client.create_route_table(VpcId=inputs["vpcId"], **tags.specification(context, inputs, "route-table"))
        table_id = str(table["RouteTable"]["RouteTableId"])
        _inline_routes(client, table_id, [], inputs.get("routes") or [])
    return Made(table_id)


def _inline_routes(client: Any, table_id: str, old: list[Mapping[str, Value]], new: list[Mapping[str, Value]]) -> None:
    before = {tuple(pick(route, _INLINE).items()): route for route in old}
    after = {tuple(pick(route, _INLINE).items()): route for route in new}
    for destination in set(before) - set(after):
        with gone_is_fine("InvalidRoute.NotFound"):
            client.delete_route(RouteTableId=table_id, **dict(destination))
    for destination, route in after.items():
        if destination not in before:
            client.create_route(RouteTableId=table_id, **dict(destination), **pick(route, _TARGETS))
        elif before[destination] != route:
            client.replace_route(RouteTableId=table_id, **dict(destination), **pick(route, _TARGETS))


def _read_table(context: Context, physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading route table"):
        found = tags.one(context.client("ec2").describe_route_tables, "RouteTables", RouteTableIds=[physical_id])
    if found is None:
        return None
    properties: Properties = {"vpcId": found["VpcId"], **tags.observed(context, found.get("Tags"))}
    if state.get("routes"):
        api = {**{value: key for key, value in _INLINE.items()}, **{value: key for key, value in _TARGETS.items()}}
        properties["routes"] = [
            {api[key]: value for key, value in route.items() if key in api and value}
            for route in found["Routes"]
            if route.get("GatewayId") != "local" and not str(route.get("GatewayId", "")).startswith("vpce-")
        ]
    return properties


def _update_table(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    with told(context, "updating route table"):
        _inline_routes(context.client("ec2"), physical_id, old.get("routes") or [], new.get("routes") or [])
        tags.change(context, physical_id, old, new)
    return {}


def _delete_table(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting route table"), gone_is_fine("InvalidRouteTableID.NotFound"):
        context.client("ec2").delete_route_table(RouteTableId=physical_id)


ROUTE_TABLE = Kind(
    type="aws:ec2/routeTable:RouteTable",
    forces=frozenset({"vpcId", "region"}),
    sets=frozenset({"routes", "propagatingVgws"}),
    computed=arn_and_owner("route-table"),
    handler=Handler(create=_create_table, read=_read_table, update=_update_table, delete=_delete_table),
)


def _route_id(inputs: Mapping[str, Value]) -> str:
    destination = next(iter(pick(inputs, _DESTINATIONS).values()), "")
    # The real provider hashes the destination; a readable id serves the same end.
    return f"r-{inputs['routeTableId']}{destination}"


def _create_route(context: Context, inputs: Properties) -> Made:
    with told(context, "creating route"):
        context.client("ec2").create_route(
            RouteTableId=inputs["routeTableId"], **pick(inputs, _DESTINATIONS), **pick(inputs, _TARGETS)
        )
    return Made(_route_id(inputs), {"state": "active", "origin": "CreateRoute"})


def _read_route(context: Context, _physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading route"):
        table = tags.one(
            context.client("ec2").describe_route_tables, "RouteTables", RouteTableIds=[state["routeTableId"]]
        )
    wanted = pick(state, _DESTINATIONS)
    for route in (table or {}).get("Routes", []):
        if all(route.get(key) == value for key, value in wanted.items()):
            found = {name: route.get(api) for name, api in _TARGETS.items() if route.get(api) or name in state}
            return {"routeTableId": state["routeTableId"], "state": route.get("State"), **found}
    return None


def _update_route(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    with told(context, "updating route"):
        context.client("ec2").replace_route(
            RouteTableId=new["routeTableId"], **pick(new, _DESTINATIONS), **pick(new, _TARGETS)
        )
    return {}


def _delete_route(context: Context, _physical_id: str, state: Properties) -> None:
    gone = gone_is_fine("InvalidRoute.NotFound", "InvalidRouteTableID.NotFound")
    with told(context, "deleting route"), gone:
        context.client("ec2").delete_route(RouteTableId=state["routeTableId"], **pick(state, _DESTINATIONS))


ROUTE = Kind(
    type="aws:ec2/route:Route",
    forces=frozenset({"routeTableId", *_DESTINATIONS, "region"}),
    handler=Handler(create=_create_route, read=_read_route, update=_update_route, delete=_delete_route),
    lasting=True,
)


def _associate(context: Context, inputs: Properties) -> Made:
    with told(context, "associating route table"):
        answer = context.client("ec2").associate_route_table(
            RouteTableId=inputs["routeTableId"], **pick(inputs, {"subnetId": "SubnetId", "gatewayId": "GatewayId"})
        )
    return Made(str(answer["AssociationId"]))


def _read_association(context: Context, physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading route table association"):
        table = tags.one(
            context.client("ec2").describe_route_tables,
            "RouteTables",
            Filters=[{"Name": "association.route-table-association-id", "Values": [physical_id]}],
        )
    if table is None:
        return None
    found = [entry for entry in table["Associations"] if entry["RouteTableAssociationId"] == physical_id]
    if not found:
        return None
    return {"routeTableId": table["RouteTableId"], "subnetId": found[0].get("SubnetId", state.get("subnetId"))}


def _reassociate(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("ec2")
    with told(context, "updating route table association"):
        if old.get("routeTableId") != new["routeTableId"]:
            try:
                client.replace_route_table_association(AssociationId=physical_id, RouteTableId=new["routeTableId"])
            except Exception as error:
                if code_of(error) != "InvalidAssociationID.NotFound":
                    raise
    return {}


def _disassociate(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "disassociating route table"), gone_is_fine("InvalidAssociationID.NotFound"):
        context.client("ec2").disassociate_route_table(AssociationId=physical_id)


ASSOCIATION = Kind(
    type="aws:ec2/routeTableAssociation:RouteTableAssociation",
    forces=frozenset({"subnetId", "gatewayId", "region"}),
    handler=Handler(create=_associate, read=_read_association, update=_reassociate, delete=_disassociate),
    lasting=True,
)
