"""The network layer of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.network.endpoint_policies import dynamodb_policy, s3_policy
from components.network.flow_logs import FlowLogs
from components.network.outputs import NetworkOutputs
from components.network.plan import SubnetPlan, Tier, subnets

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
        tables = self._route_tables(plan, ids)
        self._gateway_endpoint("dynamodb", dynamodb_policy(settings, place), tables)
        self._gateway_endpoint("s3", s3_policy([], place), tables)
        FlowLogs(
            f"{place.region}-flow-logs",
            self.child(),
            network=network,
            vpc_id=self._vpc.id,
            logs_key_arn=logs_key_arn,
            place=place,
        )

        def of(tier: Tier) -> tuple[pulumi.Output[str], ...]:
            return tuple(ids[tier, zone] for zone in region.zone_names)

        self.outputs = NetworkOutputs(
            vpc_id=self._vpc.id,
            cidr=region.cidr,
            zones=region.zone_names,
            public_subnet_ids=of("public"),
            application_subnet_ids=of("application"),
            data_subnet_ids=of("data"),
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

    def _route_tables(
        self, plan: tuple[SubnetPlan, ...], ids: dict[tuple[Tier, str], pulumi.Output[str]]
    ) -> list[pulumi.Output[str]]:
        """One table for the public tier, one per zone for the application tier, one for the data tier."""
        tables: dict[str, aws.ec2.RouteTable] = {}
        for part in plan:
            label = f"application-{part.zone_letter}" if part.tier == "application" else part.tier
            if label not in tables:
                tables[label] = self._route_table(label)
            aws.ec2.RouteTableAssociation(
                f"{self._place.region}-{part.tier}-{part.zone_letter}-routes",
                subnet_id=ids[part.tier, part.zone],
                route_table_id=tables[label].id,
                opts=self.child(),
            )
        self._internet(tables["public"])
        return [table.id for table in tables.values()]

    def _route_table(self, label: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._place.region}-{label}", vpc_id=self._vpc.id, tags=self._named(label), opts=self.child()
        )

    def _internet(self, table: aws.ec2.RouteTable) -> None:
        gateway = aws.ec2.InternetGateway(
            f"{self._place.region}-internet", vpc_id=self._vpc.id, tags=self._named("internet"), opts=self.child()
        )
        aws.ec2.Route(
            f"{self._place.region}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self.child(),
        )

    def _gateway_endpoint(self, service: str, policy: str, route_tables: list[pulumi.Output[str]]) -> None:
        aws.ec2.VpcEndpoint(
            f"{self._place.region}-endpoint-{service}",
            vpc_id=self._vpc.id,
            service_name=f"com.amazonaws.{self._place.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=route_tables,
            policy=policy,
            tags=self._named(service),
            opts=self.child(),
        )
