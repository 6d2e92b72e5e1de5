"""Flow logs of a VPC, encrypted with the region's key for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import allow
from components.base.layer import Component
from components.base.roles import service_role

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings.network import NetworkSettings


class FlowLogs(Component):
    """All traffic of a VPC, accepted and rejected, into one log group."""

    layer = "network"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        network: NetworkSettings,
        vpc_id: pulumi.Output[str],
        logs_key_arn: pulumi.Output[str] | None,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        group_name = f"/{place.prefix}/{place.region}/flow-logs"
        group = aws.cloudwatch.LogGroup(
            f"{place.region}-flow-logs",
            name=group_name,
            retention_in_days=network.flow_logs_retention_days,
            kms_key_id=logs_key_arn,
            opts=self.child(),
        )
        role_name = place.global_name("flow-logs")
        policy = service_role(
            self,
            f"{place.region}-flow-logs",
            allow(
                "Deliver",
                ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                [place.log_group_arn(group_name)],
            ),
            role_name=role_name,
            description=f"Flow logs of {place.region}",
            service="vpc-flow-logs.amazonaws.com",
            source_arn=place.arn("ec2", "vpc-flow-log/*"),
            duty="deliver",
            place=place,
        )
        aws.ec2.FlowLog(
            f"{place.region}-flow-log",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=place.role_arn(role_name),
            max_aggregation_interval=60,
            opts=self.child(depends_on=[policy]),
        )
        self.done()
