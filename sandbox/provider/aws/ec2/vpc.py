"""`aws.ec2.Vpc` and `aws.ec2.Subnet`."""

from __future__ import annotations

from typing import Any

from sandbox.provider.aws.api import changed, pascals, pick
from sandbox.provider.aws.ec2 import tags
from sandbox.provider.aws.ec2.names import arn_and_owner
from sandbox.provider.aws.errors import gone_is_fine, told
from sandbox.provider.aws.facts.conditions import tenancy_narrows
from sandbox.provider.context import Context
from sandbox.provider.resource import Handler, Kind, Made, Properties

_SWITCHES = {
    "enableDnsSupport": "EnableDnsSupport",
    "enableDnsHostnames": "EnableDnsHostnames",
    "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
}
_VPC_DEFAULTS = {
    "enableDnsSupport": True,
    "enableDnsHostnames": False,
    "enableNetworkAddressUsageMetrics": False,
    "assignGeneratedIpv6CidrBlock": False,
    "instanceTenancy": "default",
}
_SUBNET_DEFAULTS = {
    "mapPublicIpOnLaunch": False,
    "assignIpv6AddressOnCreation": False,
    "enableDns64": False,
    "ipv6Native": False,
    "enableResourceNameDnsARecordOnLaunch": False,
    "enableResourceNameDnsAaaaRecordOnLaunch": False,
}


def _create_vpc(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    with told(context, "creating VPC"):
        vpc = client.create_vpc(
            **pick(
                inputs,
                {
                    **pascals("cidrBlock", "instanceTenancy"),
                    "assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock",
                },
            ),
            **tags.specification(context, inputs, "vpc"),
        )["Vpc"]
        vpc_id = str(vpc["VpcId"])
        _switch(client, vpc_id, {}, inputs)
        return Made(vpc_id, {**_parts(client, vpc_id), "dhcpOptionsId": vpc.get("DhcpOptionsId")})


def _switch(client: Any, vpc_id: str, old: Properties, new: Properties) -> None:
    for name, api in _SWITCHES.items():
        default = _VPC_DEFAULTS[name]
        wanted = bool(new.get(name, default))
        if bool(old.get(name, default)) != wanted:
            client.modify_vpc_attribute(VpcId=vpc_id, **{api: {"Value": wanted}})


def _parts(client: Any, vpc_id: str) -> Properties:
    """The objects that come with a VPC."""
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    groups = client.describe_security_groups(Filters=[*of_vpc, {"Name": "group-name", "Values": ["default"]}])
    tables = client.describe_route_tables(Filters=[*of_vpc, {"Name": "association.main", "Values": ["true"]}])
    acls = client.describe_network_acls(Filters=[*of_vpc, {"Name": "default", "Values": ["true"]}])
    main = tables["RouteTables"][0]["RouteTableId"] if tables["RouteTables"] else None
    return {
        "defaultSecurityGroupId": groups["SecurityGroups"][0]["GroupId"] if groups["SecurityGroups"] else None,
        "mainRouteTableId": main,
        "defaultRouteTableId": main,
        "defaultNetworkAclId": acls["NetworkAcls"][0]["NetworkAclId"] if acls["NetworkAcls"] else None,
    }


def _read_vpc(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    client = context.client("ec2")
    with told(context, "reading VPC"):
        vpc = tags.one(client.describe_vpcs, "Vpcs", VpcIds=[physical_id])
        if vpc is None:
            return None
        switches: Properties = {}
        for name in ("enableDnsSupport", "enableDnsHostnames"):
            answer = client.describe_vpc_attribute(VpcId=physical_id, Attribute=name)
            switches[name] = bool(answer[_SWITCHES[name]]["Value"])
        return {
            "cidrBlock": vpc["CidrBlock"],
            "instanceTenancy": vpc["InstanceTenancy"],
            "dhcpOptionsId": vpc.get("DhcpOptionsId"),
            **switches,
            **_parts(client, physical_id),
            **tags.observed(context, vpc.get("Tags")),
        }


def _update_vpc(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    with told(context, "updating VPC"):
        _switch(context.client("ec2"), physical_id, old, new)
        tags.change(context, physical_id, old, new)
    return {}


def _delete_vpc(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting VPC"), gone_is_fine("InvalidVpcID.NotFound"):
        context.client("ec2").delete_vpc(VpcId=physical_id)


VPC = Kind(
    type="aws:ec2/vpc:Vpc",
    forces=frozenset({"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "region"}),
    forces_if={"instanceTenancy": tenancy_narrows},
    defaults=_VPC_DEFAULTS,
    computed=arn_and_owner("vpc"),
    handler=Handler(create=_create_vpc, read=_read_vpc, update=_update_vpc, delete=_delete_vpc),
)


def _create_subnet(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    with told(context, "creating subnet"):
        subnet = client.create_subnet(
            **pick(inputs, pascals("vpcId", "cidrBlock", "ipv6CidrBlock", "availabilityZone", "availabilityZoneId")),
            **tags.specification(context, inputs, "subnet"),
        )["Subnet"]
        subnet_id = str(subnet["SubnetId"])
        if inputs.get("mapPublicIpOnLaunch"):
            client.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": True})
    return Made(
        subnet_id,
        {"availabilityZone": subnet["AvailabilityZone"], "availabilityZoneId": subnet.get("AvailabilityZoneId")},
    )


def _read_subnet(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    with told(context, "reading subnet"):
        subnet = tags.one(context.client("ec2").describe_subnets, "Subnets", SubnetIds=[physical_id])
    if subnet is None:
        return None
    return {
        "vpcId": subnet["VpcId"],
        "cidrBlock": subnet["CidrBlock"],
        "availabilityZone": subnet["AvailabilityZone"],
        "mapPublicIpOnLaunch": bool(subnet.get("MapPublicIpOnLaunch")),
        **tags.observed(context, subnet.get("Tags")),
    }


def _update_subnet(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    with told(context, "updating subnet"):
        if changed(old, new, "mapPublicIpOnLaunch"):
            context.client("ec2").modify_subnet_attribute(
                SubnetId=physical_id, MapPublicIpOnLaunch={"Value": bool(new.get("mapPublicIpOnLaunch"))}
            )
        tags.change(context, physical_id, old, new)
    return {}


def _delete_subnet(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting subnet"), gone_is_fine("InvalidSubnetID.NotFound"):
        context.client("ec2").delete_subnet(SubnetId=physical_id)


SUBNET = Kind(
    type="aws:ec2/subnet:Subnet",
    forces=frozenset(
        {
            "vpcId",
            "cidrBlock",
            "availabilityZone",
            "availabilityZoneId",
            "ipv4IpamPoolId",
            "ipv4NetmaskLength",
            "ipv6IpamPoolId",
            "ipv6Native",
            "ipv6NetmaskLength",
            "outpostArn",
            "region",
        }
    ),
    defaults=_SUBNET_DEFAULTS,
    computed=arn_and_owner("subnet"),
    handler=Handler(create=_create_subnet, read=_read_subnet, update=_update_subnet, delete=_delete_subnet),
)
