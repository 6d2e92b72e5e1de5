"""Internet gateways, elastic addresses and NAT gateways."""

from __future__ import annotations

from sandbox.provider.aws.api import pascals, pick
from sandbox.provider.aws.ec2 import tags
from sandbox.provider.aws.ec2.names import arn_and_owner
from sandbox.provider.aws.errors import gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import Handler, Kind, Made, Properties


def _create_internet(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    with told(context, "creating internet gateway"):
        gateway = client.create_internet_gateway(**tags.specification(context, inputs, "internet-gateway"))
        gateway_id = str(gateway["InternetGateway"]["InternetGatewayId"])
        if inputs.get("vpcId"):
            client.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=inputs["vpcId"])
    return Made(gateway_id)


def _read_internet(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    with told(context, "reading internet gateway"):
        found = tags.one(
            context.client("ec2").describe_internet_gateways, "InternetGateways", InternetGatewayIds=[physical_id]
        )
    if found is None:
        return None
    attached = found.get("Attachments") or []
    return {
        "vpcId": attached[0]["VpcId"] if attached else None,
        **tags.observed(context, found.get("Tags")),
    }


def _update_internet(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("ec2")
    with told(context, "updating internet gateway"):
        if old.get("vpcId") != new.get("vpcId"):
            if old.get("vpcId"):
                client.detach_internet_gateway(InternetGatewayId=physical_id, VpcId=old["vpcId"])
            if new.get("vpcId"):
                client.attach_internet_gateway(InternetGatewayId=physical_id, VpcId=new["vpcId"])
        tags.change(context, physical_id, old, new)
    return {}


def _delete_internet(context: Context, physical_id: str, state: Properties) -> None:
    client = context.client("ec2")
    with told(context, "deleting internet gateway"), gone_is_fine("InvalidInternetGatewayID.NotFound"):
        if state.get("vpcId"):
            with gone_is_fine("Gateway.NotAttached", "InvalidVpcID.NotFound"):
                client.detach_internet_gateway(InternetGatewayId=physical_id, VpcId=state["vpcId"])
        client.delete_internet_gateway(InternetGatewayId=physical_id)


INTERNET_GATEWAY = Kind(
    type="aws:ec2/internetGateway:InternetGateway",
    forces=frozenset({"region"}),
    computed=arn_and_owner("internet-gateway"),
    handler=Handler(create=_create_internet, read=_read_internet, update=_update_internet, delete=_delete_internet),
)


def _create_address(context: Context, inputs: Properties) -> Made:
    with told(context, "allocating address"):
        answer = context.client("ec2").allocate_address(
            Domain=inputs.get("domain") or "vpc", **tags.specification(context, inputs, "elastic-ip")
        )
    return Made(
        str(answer["AllocationId"]),
        {"allocationId": answer["AllocationId"], "publicIp": answer["PublicIp"], "domain": "vpc"},
    )


def _read_address(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    with told(context, "reading address"):
        found = tags.one(context.client("ec2").describe_addresses, "Addresses", AllocationIds=[physical_id])
    if found is None:
        return None
    return {
        "allocationId": physical_id,
        "publicIp": found["PublicIp"],
        "domain": found.get("Domain", "vpc"),
        **tags.observed(context, found.get("Tags")),
    }


def _update_tags(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    with told(context, "updating tags of"):
        tags.change(context, physical_id, old, new)
    return {}


def _delete_address(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "releasing address"), gone_is_fine("InvalidAllocationID.NotFound"):
        context.client("ec2").release_address(AllocationId=physical_id)


def _address_outputs(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("ec2", f"elastic-ip/{physical_id}")} if physical_id else {}


EIP = Kind(
    type="aws:ec2/eip:Eip",
    forces=frozenset(
        {
            "domain",
            "address",
            "customerOwnedIpv4Pool",
            "networkBorderGroup",
            "publicIpv4Pool",
            "ipamPoolId",
            "region",
        }
    ),
    defaults={"domain": "vpc"},
    computed=_address_outputs,
    handler=Handler(create=_create_address, read=_read_address, update=_update_tags, delete=_delete_address),
)


def _create_nat(context: Context, inputs: Properties) -> Made:
    with told(context, "creating NAT gateway"):
        gateway = context.client("ec2").create_nat_gateway(
            **pick(inputs, pascals("allocationId", "subnetId", "connectivityType")),
            **tags.specification(context, inputs, "natgateway"),
        )["NatGateway"]
    addresses = gateway.get("NatGatewayAddresses") or [{}]
    return Made(
        str(gateway["NatGatewayId"]),
        {
            "networkInterfaceId": addresses[0].get("NetworkInterfaceId"),
            "privateIp": addresses[0].get("PrivateIp"),
            "publicIp": addresses[0].get("PublicIp"),
        },
    )


def _read_nat(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    with told(context, "reading NAT gateway"):
        found = tags.one(context.client("ec2").describe_nat_gateways, "NatGateways", NatGatewayIds=[physical_id])
    if found is None or found.get("State") in {"deleted", "deleting"}:
        return None
    return {"subnetId": found["SubnetId"], **tags.observed(context, found.get("Tags"))}


def _delete_nat(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting NAT gateway"), gone_is_fine("NatGatewayNotFound"):
        context.client("ec2").delete_nat_gateway(NatGatewayId=physical_id)


NAT_GATEWAY = Kind(
    type="aws:ec2/natGateway:NatGateway",
    forces=frozenset(
        {
            "allocationId",
            "availabilityMode",
            "connectivityType",
            "privateIp",
            "secondaryPrivateIpAddressCount",
            "subnetId",
            "vpcId",
            "region",
        }
    ),
    defaults={"connectivityType": "public"},
    handler=Handler(create=_create_nat, read=_read_nat, update=_update_tags, delete=_delete_nat),
)
