"""Who reaches a cache over the network: the application subnets, on one port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

if TYPE_CHECKING:
    import pulumi

    from components.base.layer import Component
    from components.base.place import Place
    from components.network.outputs import NetworkOutputs


def security_group(
    owner: Component, label: str, port: int, network: NetworkOutputs, place: Place
) -> pulumi.Output[str]:
    """A security group that admits the application subnets to one port. Its id."""
    region = place.region
    group = aws.ec2.SecurityGroup(
        f"{region}-{label}",
        name=place.name(label),
        description=f"{label} from the application subnets",
        vpc_id=network.vpc_id,
        tags={"Name": place.name(region, label)},
        opts=owner.child(),
    )
    for zone, cidr in zip(network.zones, network.application_cidrs, strict=True):
        aws.vpc.SecurityGroupIngressRule(
            f"{region}-{label}-from-{zone[-1]}",
            security_group_id=group.id,
            description=f"Application subnet of {zone}",
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=owner.child(),
        )
    return group.id
