"""The ARC Region switch plan: an operator, or an alarm, moves traffic between home and its standby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.base.documents import Statement, allow
from components.base.layer import Component
from components.base.roles import service_role
from components.base.tags import objective_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from settings.recovery import ObjectiveSettings, SwitchSettings

_WAIT_MINUTES = 60


@dataclass(frozen=True, kw_only=True)
class Mover:
    """What moves clients in a step of the plan: a function in each region, and who may start it without a person."""

    functions: Mapping[str, str]
    """Region → ARN of the function that takes the region into service and the others out of it."""
    decisions: Mapping[str, str]
    """Region → ARN of the alarm that means: leave it."""
    automatic: bool
    """Whether the decisions start the plan; a person approves otherwise."""
    minutes_between: int
    """Guard rail: no second automatic start within this time."""


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
        mover: Mover | None = None,
    ) -> None:
        super().__init__(name, opts)
        self._mover = mover
        role_name = place.name("region-switch")
        regions = [place.home_region, switch.standby]
        policy = service_role(
            self,
            "switch",
            allow(
                "LookAtAlarms",
                ["cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"],
                [alarms[region] for region in regions if region in alarms] or [place.arn("cloudwatch", "alarm:none")],
            ),
            *self._moving(),
            role_name=role_name,
            description="The Region switch plan of the stack",
            service="arc-region-switch.amazonaws.com",
            duty="evaluate",
            place=place,
        )
        # Plain mappings: the SDK's own classes of a plan's parts differ only in their spelling.
        workflows: list[Any] = [
            {
                "workflow_target_action": "activate",
                "workflow_target_region": region,
                "workflow_description": f"{region} takes over",
                "steps": self._steps(region, place),
            }
            for region in regions
        ]
        aws.arcregionswitch.Plan(
            "switch-plan",
            name=place.name("switch"),
            description=f"{place.stack}: traffic between {' and '.join(regions)}",
            execution_role=place.role_arn(role_name),
            recovery_approach="activePassive",
            primary_region=place.home_region,
            regions=regions,
            recovery_time_objective_minutes=max(1, objectives.rto_seconds // 60),
            associated_alarms=self._alarms(regions, alarms),
            triggers=self._triggers(regions, alarms),
            workflows=workflows,
            tags=objective_tags(objectives),
            opts=self.child(depends_on=[policy]),
        )
        self.done()

    def _moving(self) -> list[Statement]:
        mover = self._mover
        if mover is None:
            return []
        decisions = list(mover.decisions.values())
        return [
            allow("MoveClients", ["lambda:GetFunction", "lambda:InvokeFunction"], list(mover.functions.values())),
            allow("Decisions", ["cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"], decisions),
        ]

    def _steps(self, region: str, place: Place) -> list[dict[str, Any]]:
        """A person's approval unless alarms start the plan, then the function that moves clients where there is one."""
        steps: list[dict[str, Any]] = []
        mover = self._mover
        if mover is None or not mover.automatic:
            steps.append(
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
            )
        if mover is not None:
            steps.append(
                {
                    "name": "move-clients",
                    "execution_block_type": "CustomActionLambda",
                    "description": "Flags the other regions as evacuated and takes this one into service",
                    "custom_action_lambda_configs": [
                        {
                            "region_to_run": "activatingRegion",
                            "retry_interval_minutes": 1,
                            "timeout_minutes": 5,
                            "lambdas": [{"arn": arn} for arn in mover.functions.values()],
                        }
                    ],
                }
            )
        return steps

    def _alarms(self, regions: Sequence[str], alarms: Mapping[str, str]) -> list[Any] | None:
        """Alarms that the plan shows, and those that may start it."""
        if self._mover is None:
            return None
        health = [("applicationHealth", f"health-{region}", alarms.get(region)) for region in regions]
        leave = [("trigger", f"leave-{region}", self._mover.decisions.get(region)) for region in regions]
        return [
            {"alarm_type": kind, "map_block_key": key, "resource_identifier": arn}
            for kind, key, arn in (*health, *leave)
            if arn is not None
        ]

    def _triggers(self, regions: Sequence[str], alarms: Mapping[str, str]) -> list[Any] | None:
        """To a region that is well, away from one that is not, and not twice within the guard rail's time."""
        mover = self._mover
        if mover is None or not mover.automatic:
            return None
        return [
            {
                "action": "activate",
                "target_region": region,
                "min_delay_minutes_between_executions": mover.minutes_between,
                "description": f"{other} fails alone and {region} is well",
                "conditions": [
                    {"associated_alarm_name": f"leave-{other}", "condition": "red"},
                    *(
                        [{"associated_alarm_name": f"health-{region}", "condition": "green"}]
                        if region in alarms
                        else []
                    ),
                ],
            }
            for region, other in (tuple(regions), tuple(reversed(regions)))
        ]
