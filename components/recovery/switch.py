"""The ARC Region switch plan: an operator, or an alarm, moves traffic between home and its standby."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import allow, document, service_trust
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.base.place import Place
    from settings.recovery import ObjectiveSettings, SwitchSettings

_WAIT_MINUTES = 60


class RegionSwitch(Component):
    """Two workflows, one per region of the plan: a person approves, then the region's traffic is taken over.

    Tables need no step: every replica serves writes at any time. The flag that takes a region out of service is an
    item of the control table, which `holdfast` writes without any control plane.
    """

    layer = "recovery"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        switch: SwitchSettings,
        objectives: ObjectiveSettings,
        alarms: Mapping[str, str],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        role_name = place.name("region-switch")
        role = aws.iam.Role(
            "switch-role",
            name=role_name,
            description="The Region switch plan of the stack",
            assume_role_policy=service_trust(place, "arc-region-switch.amazonaws.com"),
            opts=self.child(),
        )
        regions = [place.home_region, switch.standby]
        policy = aws.iam.RolePolicy(
            "switch-policy",
            name="evaluate",
            role=role.name,
            policy=document(
                allow(
                    "LookAtAlarms",
                    ["cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"],
                    [alarms[region] for region in regions if region in alarms]
                    or [place.arn("cloudwatch", "alarm:none")],
                )
            ),
            opts=self.child(),
        )
        aws.arcregionswitch.Plan(
            "switch-plan",
            name=place.name("switch"),
            description=f"{place.stack}: traffic between {' and '.join(regions)}",
            execution_role=place.role_arn(role_name),
            recovery_approach="activePassive",
            primary_region=place.home_region,
            regions=regions,
            recovery_time_objective_minutes=max(1, objectives.rto_seconds // 60),
            workflows=[
                {
                    "workflow_target_action": "activate",
                    "workflow_target_region": region,
                    "workflow_description": f"{region} takes over",
                    "steps": [
                        {
                            "name": "approve",
                            "execution_block_type": "ManualApproval",
                            "description": "Writes that were not replicated are listed by holdfast before this",
                            "execution_approval_configs": [
                                {
                                    "approval_role": place.role_arn(place.at(region).global_name("operator")),
                                    "timeout_minutes": _WAIT_MINUTES,
                                }
                            ],
                        }
                    ],
                }
                for region in regions
            ],
            opts=self.child(depends_on=[policy]),
        )
        self.done()
