"""A private way from an HTTP API into the VPC: a VPC link and an internal load balancer in front of the function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.serverless.outputs import FunctionOutputs

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.3 and 1.2 (Elastic Load Balancing, "Security policies": the recommended one)."""
PRACTICE = "Tue:09:00-Tue:17:00"
"""When a practice run may move a zone's traffic for half an hour: in hours of work (UTC)."""


class PrivateEntry(Component):
    """Requests leave the API for the VPC without a public address, and a zone can be left without anybody's doing."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        function: FunctionOutputs,
        certificate_arn: pulumi.Output[str],
        network: NetworkOutputs,
        alarm_arn: str,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._region, self._place, self._network = place.region, place, network
        link_group = self._group("link", "The API's way into the VPC")
        balancer_group = self._group("inner", "The load balancer in front of the function")
        self._open("link-out", link_group, balancer_group, inbound=False)
        self._open("inner-in", balancer_group, link_group, inbound=True)
        link = aws.apigatewayv2.VpcLink(
            f"{self._region}-link",
            name=place.name("orders"),
            subnet_ids=list(network.application_subnet_ids),
            security_group_ids=[link_group.id],
            opts=self.child(),
        )
        balancer = aws.lb.LoadBalancer(
            f"{self._region}-inner",
            name=place.name("orders-inner"),
            load_balancer_type="application",
            internal=True,
            subnets=list(network.application_subnet_ids),
            security_groups=[balancer_group.id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=place.protect,
            enable_zonal_shift=True,
            opts=self.child(),
        )
        targets = aws.lb.TargetGroup(
            f"{self._region}-inner-targets",
            name=place.name("orders-inner"),
            target_type="lambda",
            opts=self.child(),
        )
        allowed = aws.lambda_.Permission(
            f"{self._region}-inner-calls",
            action="lambda:InvokeFunction",
            function=function.name,
            qualifier=function.alias_arn.rpartition(":")[2],
            principal="elasticloadbalancing.amazonaws.com",
            source_account=place.account_id,
            source_arn=targets.arn,
            opts=self.child(depends_on=[function.ready]),
        )
        aws.lb.TargetGroupAttachment(
            f"{self._region}-inner-target",
            target_group_arn=targets.arn,
            target_id=function.alias_arn,
            opts=self.child(depends_on=[allowed]),
        )
        listener = aws.lb.Listener(
            f"{self._region}-inner-https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate_arn,
            default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
            opts=self.child(),
        )
        aws.arczonalshift.ZonalAutoshiftConfiguration(
            f"{self._region}-autoshift",
            resource_arn=balancer.arn,
            zonal_autoshift_status="ENABLED",
            # A practice run that hurts customers ends at once, and none begins while they are hurt.
            outcome_alarms=[{"alarm_identifier": alarm_arn, "type": "CLOUDWATCH"}],
            blocking_alarms=[{"alarm_identifier": alarm_arn, "type": "CLOUDWATCH"}],
            allowed_windows=[PRACTICE],
            opts=self.child(),
        )
        self.listener_arn = listener.arn
        self.link_id = link.id
        self.done()

    def _group(self, label: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._region}-{label}-access",
            name=self._place.name(label),
            description=description,
            vpc_id=self._network.vpc_id,
            tags={"Name": self._place.name(self._region, label)},
            opts=self.child(),
        )

    def _open(self, label: str, group: aws.ec2.SecurityGroup, other: aws.ec2.SecurityGroup, *, inbound: bool) -> None:
        rule = aws.vpc.SecurityGroupIngressRule if inbound else aws.vpc.SecurityGroupEgressRule
        rule(
            f"{self._region}-{label}",
            security_group_id=group.id,
            description="HTTPS between the API and the load balancer",
            referenced_security_group_id=other.id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=self.child(),
        )
