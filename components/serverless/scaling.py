"""Environments that are kept ready, and their number by use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.serverless.outputs import ALIAS

if TYPE_CHECKING:
    import pulumi

    from settings.serverless import ProvisionedSettings

_DIMENSION = "lambda:function:ProvisionedConcurrency"


class ProvisionedConcurrency(Component):
    """Target tracking over the alias; scaling changes the number, so Pulumi sets the first one only."""

    layer = "serverless"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        function: str,
        alias: aws.lambda_.Alias,
        wanted: ProvisionedSettings,
    ) -> None:
        super().__init__(name, opts)
        ready = aws.lambda_.ProvisionedConcurrencyConfig(
            f"{name}-ready",
            function_name=function,
            qualifier=alias.name,
            provisioned_concurrent_executions=wanted.minimum,
            opts=self.child(ignore_changes=["provisionedConcurrentExecutions"]),
        )
        target = aws.appautoscaling.Target(
            f"{name}-target",
            service_namespace="lambda",
            resource_id=f"function:{function}:{ALIAS}",
            scalable_dimension=_DIMENSION,
            min_capacity=wanted.minimum,
            max_capacity=wanted.maximum,
            opts=self.child(depends_on=[ready]),
        )
        aws.appautoscaling.Policy(
            f"{name}-tracking",
            name=f"{function}-provisioned",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration={
                "predefined_metric_specification": {
                    "predefined_metric_type": "LambdaProvisionedConcurrencyUtilization"
                },
                "target_value": wanted.target_percent / 100,
            },
            opts=self.child(),
        )
        self.done()
