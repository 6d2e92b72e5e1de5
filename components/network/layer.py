"""The network layer of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.network.acls import Acls
from components.network.endpoint_policies import buckets_in, dynamodb_policy, s3_policy
from components.network.endpoints import Endpoints
from components.network.flow_logs import FlowLogs
from components.network.outputs import NetworkOutputs
from components.network.plan import TIERS, SubnetPlan, subnets
from components.network.routing import Routing

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings import Settings
    from settings.network import NetworkSettings
    from settings.regions import RegionSettings


class NetworkLayer(Component):
    """A VPC of three zones and three tiers; only what is meant to talk can talk."""

    layer = "network"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        network: NetworkSettings,
        region: RegionSettings,
        settings: Settings,
        logs_key_arn: pulumi.Output[str] | None,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self._vpc = self._make_vpc(region)
        self._close_default_group()
        plan = subnets(region.cidr, region.zone_names)
        ids = {(part.tier, part.zone): self._subnet(part).id for part in plan}
        tiers = {tier: tuple(ids[tier, zone] for zone in region.zone_names) for tier in TIERS}
        routing = Routing(
            f"{region.name}-routing",
            self.child(),
            network=network,
            vpc_id=self._vpc.id,
            plan=plan,
            subnet_ids=ids,
            place=place,
        )
        Endpoints(
            f"{region.name}-endpoints",
            self.child(),
            network=network,
            vpc_id=self._vpc.id,
            cidr=region.cidr,
            gateway_policies={
                "dynamodb": dynamodb_policy(settings, place),
                "s3": s3_policy(buckets_in(settings, place), place),
            },
            route_table_ids=routing.table_ids,
            subnet_ids=tiers["application"],
            place=place,
        )
        Acls(f"{region.name}-acls", self.child(), vpc_id=self._vpc.id, cidr=region.cidr, subnets=tiers, place=place)
        FlowLogs(
            f"{region.name}-flow-logs",
            self.child(),
            network=network,
            vpc_id=self._vpc.id,
            logs_key_arn=logs_key_arn,
            place=place,
        )
        self.outputs = NetworkOutputs(
            vpc_id=self._vpc.id,
            cidr=region.cidr,
            zones=region.zone_names,
            public_subnet_ids=tiers["public"],
            application_subnet_ids=tiers["application"],
            data_subnet_ids=tiers["data"],
            application_cidrs=tuple(part.cidr for part in plan if part.tier == "application"),
        )
        self.done({"vpc_id": self._vpc.id})

    def _named(self, *parts: str) -> dict[str, str]:
        return {"Name": self._place.name(self._place.region, *parts)}

    def _make_vpc(self, region: RegionSettings) -> aws.ec2.Vpc:
        return aws.ec2.Vpc(
            f"{region.name}-vpc",
            cidr_block=region.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._named("vpc"),
            opts=self.child(),
        )

    def _close_default_group(self) -> None:
        """Everything that forgets to name a security group gets this one, which lets nothing through."""
        aws.ec2.DefaultSecurityGroup(
            f"{self._place.region}-default-sg",
            vpc_id=self._vpc.id,
            ingress=[],
            egress=[],
            tags=self._named("default-closed"),
            opts=self.child(),
        )

    def _subnet(self, part: SubnetPlan) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            f"{self._place.region}-{part.tier}-{part.zone_letter}",
            vpc_id=self._vpc.id,
            cidr_block=part.cidr,
            availability_zone=part.zone,
            map_public_ip_on_launch=False,
            tags={**self._named(part.tier, part.zone_letter), "Tier": part.tier},
            opts=self.child(),
        )
