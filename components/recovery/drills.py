"""Fault injection: replication paused, a zone without power, the network between regions cut; and when to do it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import allow, document, service_trust
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.base.place import Place
    from settings.recovery import DrillSettings


class Drills(Component):
    """Experiments of one region. Each stops when the region's alarm fires; none runs by itself."""

    layer = "recovery"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        drills: DrillSettings,
        tables: Sequence[str],
        alarm_arn: str,
        alarm: pulumi.Resource,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        region = place.region
        role_name = place.global_name("drills")
        role = aws.iam.Role(
            f"{region}-drills-role",
            name=role_name,
            description=f"Experiments in {region}",
            assume_role_policy=service_trust(place, "fis.amazonaws.com", source_arn=place.arn("fis", "experiment/*")),
            opts=self.child(),
        )
        arns = [place.table_arn(table) for table in tables]
        policy = aws.iam.RolePolicy(
            f"{region}-drills-policy",
            name="experiments",
            role=role.name,
            policy=document(
                allow(
                    "PauseReplication",
                    [
                        "dynamodb:DeleteResourcePolicy",
                        "dynamodb:DescribeTable",
                        "dynamodb:GetResourcePolicy",
                        "dynamodb:PutResourcePolicy",
                    ],
                    arns,
                ),
                # Finding tagged tables takes no resource (service authorization reference, tagging).
                allow("Find", ["tag:GetResources"], ["*"]),
            ),
            opts=self.child(),
        )
        aws.fis.ExperimentTemplate(
            f"{region}-drill-replication",
            description=f"{place.stack}: pause replication of the tables in {region}",
            role_arn=place.role_arn(role_name),
            stop_conditions=[{"source": "aws:cloudwatch:alarm", "value": alarm_arn}],
            actions=[
                {
                    "name": "pause",
                    "action_id": "aws:dynamodb:global-table-pause-replication",
                    "description": "The other regions no longer see the writes of this one",
                    "parameters": [{"key": "duration", "value": f"PT{drills.minutes}M"}],
                    "target": {"key": "Tables", "value": "tables"},
                }
            ],
            targets=[
                {
                    "name": "tables",
                    "resource_type": "aws:dynamodb:global-table",
                    "selection_mode": "ALL",
                    "resource_arns": arns,
                }
            ],
            tags={"Name": place.name("pause-replication")},
            opts=self.child(depends_on=[policy, alarm]),
        )
        self.done()


class DrillReminder(Component):
    """Tells operators each quarter that a drill is due."""

    layer = "recovery"

    def __init__(
        self, name: str, opts: pulumi.ResourceOptions, *, drills: DrillSettings, topic_arn: str, place: Place
    ) -> None:
        super().__init__(name, opts)
        rule = aws.cloudwatch.EventRule(
            "drill-due",
            name=place.name("drill-due"),
            description="A recovery drill is due",
            schedule_expression=drills.schedule,
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            "drill-due-p4",
            rule=rule.name,
            target_id="p4",
            arn=topic_arn,
            input=json.dumps(f"A recovery drill of {place.stack} is due: holdfast drill --stack {place.stack}"),
            opts=self.child(),
        )
        self.done()
