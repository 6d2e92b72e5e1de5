"""VPC endpoints and flow logs."""

from __future__ import annotations

from typing import Any

from sandbox.provider.aws.api import pascals, pick
from sandbox.provider.aws.ec2 import tags
from sandbox.provider.aws.ec2.names import arn_and_owner
from sandbox.provider.aws.errors import gone_is_fine, told
from sandbox.provider.aws.facts.conditions import not_an_interface
from sandbox.provider.context import Context
from sandbox.provider.resource import Handler, Kind, Made, Properties

_LISTS = {"routeTableIds": "RouteTableIds", "subnetIds": "SubnetIds", "securityGroupIds": "SecurityGroupIds"}
_ADDED = {
    "routeTableIds": ("AddRouteTableIds", "RemoveRouteTableIds"),
    "subnetIds": ("AddSubnetIds", "RemoveSubnetIds"),
    "securityGroupIds": ("AddSecurityGroupIds", "RemoveSecurityGroupIds"),
}


def _create(context: Context, inputs: Properties) -> Made:
    with told(context, "creating VPC endpoint"):
        endpoint = context.client("ec2").create_vpc_endpoint(
            VpcEndpointType=inputs.get("vpcEndpointType") or "Gateway",
            **pick(inputs, {**pascals("vpcId", "serviceName", "privateDnsEnabled"), "policy": "PolicyDocument"}),
            **pick(inputs, _LISTS),
            **tags.specification(context, inputs, "vpc-endpoint"),
        )["VpcEndpoint"]
    return Made(str(endpoint["VpcEndpointId"]), _outputs(endpoint))


def _outputs(endpoint: dict[str, Any]) -> Properties:
    return {
        "state": str(endpoint.get("State", "available")).lower(),
        "networkInterfaceIds": endpoint.get("NetworkInterfaceIds") or None,
        "dnsEntries": [
            {"dnsName": entry.get("DnsName"), "hostedZoneId": entry.get("HostedZoneId", "")}
            for entry in endpoint.get("DnsEntries") or []
        ]
        or None,
        "requesterManaged": bool(endpoint.get("RequesterManaged")),
        "policy": endpoint.get("PolicyDocument"),
    }


def _describe(context: Context, physical_id: str) -> dict[str, Any] | None:
    found = tags.one(context.client("ec2").describe_vpc_endpoints, "VpcEndpoints", VpcEndpointIds=[physical_id])
    return None if found is None or str(found.get("State", "")).lower() in {"deleted", "deleting"} else found


def _read(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    with told(context, "reading VPC endpoint"):
        found = _describe(context, physical_id)
    if found is None:
        return None
    return {
        "vpcId": found["VpcId"],
        "serviceName": found["ServiceName"],
        "vpcEndpointType": found["VpcEndpointType"],
        "routeTableIds": found.get("RouteTableIds") or [],
        "subnetIds": found.get("SubnetIds") or [],
        "securityGroupIds": [group["GroupId"] for group in found.get("Groups") or []],
        **_outputs(found),
        **tags.observed(context, found.get("Tags")),
    }


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    change: dict[str, Any] = {}
    for name, (add, remove) in _ADDED.items():
        before, after = set(old.get(name) or []), set(new.get(name) or [])
        if after - before:
            change[add] = sorted(after - before)
        if before - after:
            change[remove] = sorted(before - after)
    if new.get("policy") is not None and old.get("policy") != new["policy"]:
        change["PolicyDocument"] = new["policy"]
    if "privateDnsEnabled" in new and old.get("privateDnsEnabled") != new["privateDnsEnabled"]:
        change["PrivateDnsEnabled"] = new["privateDnsEnabled"]
    with told(context, "updating VPC endpoint"):
        if change:
            context.client("ec2").modify_vpc_endpoint(VpcEndpointId=physical_id, **change)
        tags.change(context, physical_id, old, new)
    return {}


def _delete(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting VPC endpoint"), gone_is_fine("InvalidVpcEndpointId.NotFound"):
        if _describe(context, physical_id) is None:
            return
        context.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[physical_id])


ENDPOINT = Kind(
    type="aws:ec2/vpcEndpoint:VpcEndpoint",
    forces=frozenset(
        {
            "vpcId",
            "serviceName",
            "vpcEndpointType",
            "serviceRegion",
            "serviceNetworkArn",
            "resourceConfigurationArn",
            "dnsOptions.privateDnsPreference",
            "dnsOptions.privateDnsSpecifiedDomains",
            "region",
        }
    ),
    forces_if={"privateDnsEnabled": not_an_interface},
    defaults={"vpcEndpointType": "Gateway"},
    documents=frozenset({"policy"}),
    sets=frozenset({"routeTableIds", "subnetIds", "securityGroupIds"}),
    computed=arn_and_owner("vpc-endpoint"),
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)

_WATCHED = {
    "vpcId": "VPC",
    "subnetId": "Subnet",
    "eniId": "NetworkInterface",
    "transitGatewayId": "TransitGateway",
    "transitGatewayAttachmentId": "TransitGatewayAttachment",
}


def _create_log(context: Context, inputs: Properties) -> Made:
    watched = next(name for name in _WATCHED if inputs.get(name))
    with told(context, "creating flow log"):
        answer = context.client("ec2").create_flow_logs(
            ResourceIds=[inputs[watched]],
            ResourceType=_WATCHED[watched],
            LogDestinationType=inputs.get("logDestinationType") or "cloud-watch-logs",
            **pick(
                inputs,
                {
                    **pascals("trafficType", "logDestination", "logFormat", "maxAggregationInterval"),
                    "iamRoleArn": "DeliverLogsPermissionArn",
                },
            ),
            **tags.specification(context, inputs, "vpc-flow-log"),
        )
    return Made(str(answer["FlowLogIds"][0]))


def _read_log(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    with told(context, "reading flow log"):
        found = tags.one(context.client("ec2").describe_flow_logs, "FlowLogs", FlowLogIds=[physical_id])
    return None if found is None else tags.observed(context, found.get("Tags"))


def _update_log(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    with told(context, "updating flow log"):
        tags.change(context, physical_id, old, new)
    return {}


def _delete_log(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting flow log"), gone_is_fine("InvalidFlowLogId.NotFound"):
        context.client("ec2").delete_flow_logs(FlowLogIds=[physical_id])


def _log_known(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("ec2", f"vpc-flow-log/{physical_id}")} if physical_id else {}


FLOW_LOG = Kind(
    type="aws:ec2/flowLog:FlowLog",
    forces=frozenset(
        {
            *_WATCHED,
            "trafficType",
            "logDestination",
            "logDestinationType",
            "logFormat",
            "iamRoleArn",
            "maxAggregationInterval",
            "deliverCrossAccountRole",
            "destinationOptions",
            "regionalNatGatewayId",
            "tagFieldSpecifications",
            "region",
        }
    ),
    defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
    computed=_log_known,
    handler=Handler(create=_create_log, read=_read_log, update=_update_log, delete=_delete_log),
)
