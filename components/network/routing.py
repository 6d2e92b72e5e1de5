"""Route tables of a region: public, application per zone, data; and the NAT gateways that the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from components.network.plan import SubnetPlan, Tier
    from settings.network import NetworkSettings


class Routing(Component):
    """What leaves a subnet, and through what. The data tier has no way out but the gateway endpoints."""

    layer = "network"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        network: NetworkSettings,
        vpc_id: pulumi.Output[str],
        plan: Sequence[SubnetPlan],
        subnet_ids: Mapping[tuple[Tier, str], pulumi.Output[str]],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._vpc_id = vpc_id
        self._place = place
        self._tables: dict[str, aws.ec2.RouteTable] = {}
        for part in plan:
            self._associate(part, subnet_ids[part.tier, part.zone])
        internet = self._internet()
        self._nat(network, [part for part in plan if part.tier == "public"], subnet_ids, internet)
        self.table_ids = [table.id for table in self._tables.values()]
        self.done()

    def _tags(self, *labels: str) -> dict[str, str]:
        return {"Name": self._place.name(self._place.region, *labels)}

    def _associate(self, part: SubnetPlan, subnet_id: pulumi.Output[str]) -> None:
        label = f"application-{part.zone_letter}" if part.tier == "application" else part.tier
        if label not in self._tables:
            self._tables[label] = aws.ec2.RouteTable(
                f"{self._place.region}-{label}", vpc_id=self._vpc_id, tags=self._tags(label), opts=self.child()
            )
        aws.ec2.RouteTableAssociation(
            f"{self._place.region}-{part.tier}-{part.zone_letter}-routes",
            subnet_id=subnet_id,
            route_table_id=self._tables[label].id,
            opts=self.child(),
        )

    def _route(self, label: str, **target: pulumi.Output[str]) -> None:
        aws.ec2.Route(
            f"{self._place.region}-{label}-out",
            route_table_id=self._tables[label].id,
            destination_cidr_block="0.0.0.0/0",
            opts=self.child(),
            **target,
        )

    def _internet(self) -> aws.ec2.InternetGateway:
        gateway = aws.ec2.InternetGateway(
            f"{self._place.region}-internet", vpc_id=self._vpc_id, tags=self._tags("internet"), opts=self.child()
        )
        self._route("public", gateway_id=gateway.id)
        return gateway

    def _nat(
        self,
        network: NetworkSettings,
        public: Sequence[SubnetPlan],
        subnet_ids: Mapping[tuple[Tier, str], pulumi.Output[str]],
        internet: aws.ec2.InternetGateway,
    ) -> None:
        """A gateway per zone, or the first zone's for all: then the loss of that zone cuts the others off."""
        if network.nat == "none":
            return
        gateway: aws.ec2.NatGateway | None = None
        for part in public:
            if gateway is None or network.nat == "per-zone":
                gateway = self._gateway(part, subnet_ids["public", part.zone], internet)
            self._route(f"application-{part.zone_letter}", nat_gateway_id=gateway.id)

    def _gateway(
        self, part: SubnetPlan, subnet_id: pulumi.Output[str], internet: aws.ec2.InternetGateway
    ) -> aws.ec2.NatGateway:
        label = f"{self._place.region}-nat-{part.zone_letter}"
        tags = self._tags("nat", part.zone_letter)
        address = aws.ec2.Eip(f"{label}-address", domain="vpc", tags=tags, opts=self.child(depends_on=[internet]))
        return aws.ec2.NatGateway(
            label, allocation_id=address.allocation_id, subnet_id=subnet_id, tags=tags, opts=self.child()
        )
