"""Autoscaling of provisioned capacity in one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.data.capacity import ScalingPlan, scaling_plans

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings.data import TableSettings


class Scaling(Component):
    """Target tracking for reads and writes of a table and of each of its indexes."""

    layer = "data"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        logical: str,
        table: TableSettings,
        made: pulumi.Resource,
        place: Place,
        retain: bool,
    ) -> None:
        super().__init__(name, opts)
        self._retain = retain
        self._prefix = f"{place.region}-scaling-{logical}"
        self.policies: list[pulumi.Resource] = [self._tracking(plan, made) for plan in scaling_plans(table)]
        self.done()

    def _tracking(self, plan: ScalingPlan, made: pulumi.Resource) -> aws.appautoscaling.Policy:
        target = aws.appautoscaling.Target(
            f"{self._prefix}-{plan.label}-target",
            service_namespace="dynamodb",
            resource_id=plan.resource_id,
            scalable_dimension=plan.dimension,
            min_capacity=plan.units.minimum,
            max_capacity=plan.units.maximum,
            opts=self.child(retain=self._retain, depends_on=[made]),
        )
        return aws.appautoscaling.Policy(
            f"{self._prefix}-{plan.label}",
            name=plan.policy_name,
            policy_type="TargetTrackingScaling",
            service_namespace="dynamodb",
            resource_id=target.resource_id,
            scalable_dimension=plan.dimension,
            target_tracking_scaling_policy_configuration={
                "target_value": plan.units.target_percent,
                "scale_in_cooldown": plan.units.cooldown_seconds,
                "scale_out_cooldown": plan.units.cooldown_seconds,
                "predefined_metric_specification": {"predefined_metric_type": plan.metric},
            },
            opts=self.child(retain=self._retain),
        )
