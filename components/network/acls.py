"""Network ACLs: what each tier admits at its border, whatever a security group says.

An ACL keeps no state, so the answers to what a tier sends out are admitted on the ephemeral ports (VPC user guide,
"Ephemeral ports": 1024 to 65535 cover every client).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from components.network.plan import Tier

ANYWHERE = "0.0.0.0/0"
_EPHEMERAL = (1024, 65_535)


@dataclass(frozen=True, kw_only=True)
class AclRule:
    """One rule that admits; what no rule admits is refused."""

    direction: Literal["ingress", "egress"]
    cidr: str
    protocol: str
    ports: tuple[int, int]


def rules(tier: Tier, cidr: str) -> tuple[AclRule, ...]:
    """The rules of a tier in a VPC of this network."""

    def rule(direction: Literal["ingress", "egress"], source: str, ports: tuple[int, int], protocol: str) -> AclRule:
        return AclRule(direction=direction, cidr=source, protocol=protocol, ports=ports)

    inside = (rule("ingress", cidr, (0, 0), "-1"), rule("egress", cidr, (0, 0), "-1"))
    answers = rule("ingress", ANYWHERE, _EPHEMERAL, "tcp")
    https_out = rule("egress", ANYWHERE, (443, 443), "tcp")
    if tier == "public":
        clients = (rule("ingress", ANYWHERE, (443, 443), "tcp"), rule("egress", ANYWHERE, _EPHEMERAL, "tcp"))
        return (*inside, *clients, answers, https_out)
    # The application reaches other services through NAT, the data tier DynamoDB through its gateway endpoint.
    return (*inside, answers, https_out)


class Acls(Component):
    """One ACL per tier."""

    layer = "network"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        vpc_id: pulumi.Output[str],
        cidr: str,
        subnets: Mapping[Tier, Sequence[pulumi.Output[str]]],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        for tier, subnet_ids in subnets.items():
            admitted = rules(tier, cidr)
            aws.ec2.NetworkAcl(
                f"{place.region}-{tier}-acl",
                vpc_id=vpc_id,
                subnet_ids=list(subnet_ids),
                ingress=[
                    aws.ec2.NetworkAclIngressArgs(
                        rule_no=100 + 10 * number,
                        action="allow",
                        protocol=rule.protocol,
                        cidr_block=rule.cidr,
                        from_port=rule.ports[0],
                        to_port=rule.ports[1],
                    )
                    for number, rule in enumerate(item for item in admitted if item.direction == "ingress")
                ],
                egress=[
                    aws.ec2.NetworkAclEgressArgs(
                        rule_no=100 + 10 * number,
                        action="allow",
                        protocol=rule.protocol,
                        cidr_block=rule.cidr,
                        from_port=rule.ports[0],
                        to_port=rule.ports[1],
                    )
                    for number, rule in enumerate(item for item in admitted if item.direction == "egress")
                ],
                tags={"Name": place.name(place.region, tier)},
                opts=self.child(),
            )
        self.done()
