"""The VPC endpoints of a region: what the application reaches without leaving the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from awsfacts import dax
from components.base.layer import Component
from components.network.endpoint_policies import account_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from settings.network import InterfaceService, NetworkSettings


def services_in(region: str, wanted: Sequence[InterfaceService]) -> list[str]:
    """Of the wanted interface endpoints those that exist in a region."""
    return [service for service in wanted if service != "dax" or region in dax.REGIONS]


class Endpoints(Component):
    """Gateway endpoints on every route table, interface endpoints in every zone."""

    layer = "network"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        network: NetworkSettings,
        vpc_id: pulumi.Output[str],
        cidr: str,
        gateway_policies: Mapping[str, str],
        route_table_ids: Sequence[pulumi.Output[str]],
        subnet_ids: Sequence[pulumi.Output[str]],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self._vpc_id = vpc_id
        for service, policy in gateway_policies.items():
            self._gateway(service, policy, route_table_ids)
        services = services_in(place.region, network.interface_endpoints)
        if services:
            group = self._security_group(cidr)
            for service in services:
                self._interface(service, group, subnet_ids)
        self.done()

    def _tags(self, label: str) -> dict[str, str]:
        return {"Name": self._place.name(self._place.region, label)}

    def _gateway(self, service: str, policy: str, route_table_ids: Sequence[pulumi.Output[str]]) -> None:
        aws.ec2.VpcEndpoint(
            f"{self._place.region}-endpoint-{service}",
            vpc_id=self._vpc_id,
            service_name=f"com.amazonaws.{self._place.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(route_table_ids),
            policy=policy,
            tags=self._tags(service),
            opts=self.child(),
        )

    def _security_group(self, cidr: str) -> aws.ec2.SecurityGroup:
        region = self._place.region
        group = aws.ec2.SecurityGroup(
            f"{region}-endpoints",
            name=self._place.name("endpoints"),
            description="HTTPS from the VPC to its interface endpoints",
            vpc_id=self._vpc_id,
            tags=self._tags("endpoints"),
            opts=self.child(),
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{region}-endpoints-https",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self.child(),
        )
        return group

    def _interface(self, service: str, group: aws.ec2.SecurityGroup, subnet_ids: Sequence[pulumi.Output[str]]) -> None:
        aws.ec2.VpcEndpoint(
            f"{self._place.region}-endpoint-{service.replace('.', '-')}",
            vpc_id=self._vpc_id,
            service_name=f"com.amazonaws.{self._place.region}.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=list(subnet_ids),
            security_group_ids=[group.id],
            private_dns_enabled=True,
            policy=account_policy(self._place),
            tags=self._tags(service),
            opts=self.child(),
        )
