"""Canary releases: CodeDeploy shifts the alias step by step and goes back when an alarm fires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import allow, document, service_trust
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.base.place import Place
    from settings.serverless import CanaryRelease


class Release(Component):
    """One deployment group over the function's alias, bound to the alarms of the function in its region."""

    layer = "serverless"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        function: str,
        release: CanaryRelease,
        alarms: Sequence[str],
        place: Place,
        after: Sequence[pulumi.Resource],
    ) -> None:
        super().__init__(name, opts)
        role_name = place.global_name("release")
        application = place.name("orders")
        role = aws.iam.Role(
            f"{name}-role",
            name=role_name,
            description=f"Moves requests to new versions in {place.region}",
            assume_role_policy=service_trust(place, "codedeploy.amazonaws.com"),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name="shift",
            role=role.name,
            policy=document(
                allow(
                    "MoveTheAlias",
                    ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
                    [place.arn("lambda", f"function:{function}"), place.arn("lambda", f"function:{function}:*")],
                ),
                allow(
                    "LookAtAlarms",
                    ["cloudwatch:DescribeAlarms"],
                    [place.arn("cloudwatch", f"alarm:{alarm}") for alarm in alarms],
                ),
            ),
            opts=self.child(),
        )
        made = aws.codedeploy.Application(
            f"{name}-application", name=application, compute_platform="Lambda", opts=self.child()
        )
        aws.codedeploy.DeploymentGroup(
            f"{name}-group",
            app_name=made.name,
            deployment_group_name=place.name("live"),
            service_role_arn=place.role_arn(role_name),
            deployment_config_name=f"CodeDeployDefault.LambdaCanary{release.percent}Percent{release.minutes}Minutes",
            deployment_style={"deployment_option": "WITH_TRAFFIC_CONTROL", "deployment_type": "BLUE_GREEN"},
            alarm_configuration={"enabled": True, "alarms": list(alarms), "ignore_poll_alarm_failure": False},
            auto_rollback_configuration={
                "enabled": True,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
            },
            opts=self.child(depends_on=[policy, *after]),
        )
        self.done()
