"""The load balancer of a region: the program's own, with a certificate, in front of the pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from settings.compute import ServiceSettings

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.3 and 1.2 (Elastic Load Balancing, "Security policies": the recommended one)."""


class Balancer(Component):
    """HTTPS from anywhere to the pods of the orders service."""

    layer = "compute"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        service: ServiceSettings,
        certificate_arn: pulumi.Output[str],
        network: NetworkOutputs,
        place: Place,
        tags: Mapping[str, str],
    ) -> None:
        super().__init__(name, opts)
        region = place.region
        self.group = aws.ec2.SecurityGroup(
            f"{region}-balancer-access",
            name=place.name("balancer"),
            description="HTTPS from anywhere to the load balancer",
            vpc_id=network.vpc_id,
            tags={"Name": place.name(region, "balancer")},
            opts=self.child(),
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{region}-balancer-https",
            security_group_id=self.group.id,
            description="HTTPS",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self.child(),
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{region}-balancer-pods",
            security_group_id=self.group.id,
            description="Pods of the orders service",
            cidr_ipv4=network.cidr,
            ip_protocol="tcp",
            from_port=service.port,
            to_port=service.port,
            opts=self.child(),
        )
        self.balancer = aws.lb.LoadBalancer(
            f"{region}-balancer",
            name=place.name("orders"),
            load_balancer_type="application",
            internal=False,
            subnets=list(network.public_subnet_ids),
            security_groups=[self.group.id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=place.protect,
            enable_zonal_shift=True,
            idle_timeout=60,
            tags=tags,
            opts=self.child(),
        )
        self.targets = aws.lb.TargetGroup(
            f"{region}-targets",
            name=place.name("orders"),
            target_type="ip",
            protocol="HTTP",
            port=service.port,
            vpc_id=network.vpc_id,
            deregistration_delay=30,
            # Shallow: a pod whose region is unwell still answers here, and DNS decides by deep health.
            health_check={
                "path": "/health",
                "protocol": "HTTP",
                "matcher": "200",
                "interval": 10,
                "timeout": 5,
                "healthy_threshold": 2,
                "unhealthy_threshold": 3,
            },
            opts=self.child(),
        )
        aws.lb.Listener(
            f"{region}-https",
            load_balancer_arn=self.balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate_arn,
            default_actions=[{"type": "forward", "target_group_arn": self.targets.arn}],
            opts=self.child(),
        )
        self.done()
