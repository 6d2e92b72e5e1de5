"""What a network costs by the hour and by the GB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.cost.model import HOURS, ZERO
from ops.cost.pricers.surroundings import decimal
from ops.cost.table_bill import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.cost.pricers.surroundings import Surroundings
    from ops.cost.resources import Resource

LCU_CONNECTIONS = 25
"""New connections a second of one load balancer capacity unit (Elastic Load Balancing pricing)."""
LCU_GB = 1
"""GB an hour of one load balancer capacity unit."""


def _gateway(_gateway: Resource, around: Surroundings) -> Iterator[Charge]:
    yield Charge("NAT gateway", "natgateway.hour", HOURS)
    yield Charge("through the NAT gateway", "natgateway.gb", decimal(around.usage.nat_gb))


def _address(_address: Resource, _around: Surroundings) -> Iterator[Charge]:
    yield Charge("public address", "ipv4.hour", HOURS)


def _endpoint(endpoint: Resource, around: Surroundings) -> Iterator[Charge]:
    """A gateway endpoint costs nothing; an interface endpoint is paid in each zone."""
    interface = endpoint.text("vpcEndpointType") == "Interface"
    zones = max(endpoint.count("subnetIds"), 1) if interface else 0
    yield Charge("interface endpoint", "endpoint.interface.hour", HOURS * zones)
    yield Charge(
        "through the endpoint", "endpoint.interface.gb", decimal(around.usage.endpoint_gb) if interface else ZERO
    )


def _balancer(balancer: Resource, around: Surroundings) -> Iterator[Charge]:
    answered = around.requests * decimal(around.usage.response_kb) / 1024 / 1024
    a_second = around.requests / (HOURS * 3600)
    units = max(a_second / LCU_CONNECTIONS, answered / HOURS / LCU_GB)
    zones = 0 if balancer.inputs.get("internal") is True else max(balancer.count("subnets"), 1)
    yield Charge("load balancer", "balancer.application.hour", HOURS)
    yield Charge("capacity units", "balancer.application.lcu", units * HOURS)
    yield Charge("public addresses", "ipv4.hour", HOURS * zones)
    yield Charge("answers to the internet", "transfer.internet", answered if zones else ZERO)


PRICERS = {
    "aws:ec2/natGateway:NatGateway": _gateway,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
}
