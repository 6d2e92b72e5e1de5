"""Fault injection: the experiments of a region, each under a stop condition; and when they are due."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.base.documents import allow, document, service_trust
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from components.recovery.experiments import Experiment
    from settings.recovery import DrillSettings

_MANAGED = "arn:aws:iam::aws:policy/service-role/AWSFaultInjectionSimulator"

_LOG_SCHEMA = 2
"""Version of the records of an experiment (FIS user guide, "Experiment logging")."""


class Drills(Component):
    """Experiments of one region. None runs by itself, and each stops when users of the region suffer."""

    layer = "recovery"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        experiments: Sequence[Experiment],
        tables: Sequence[str],
        alarm_arn: str,
        alarm: pulumi.Resource,
        logs_key_arn: pulumi.Output[str] | None,
        log_retention_days: int,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        role_name = place.global_name("drills")
        self.role = self._role(role_name)
        policies = self._rights(experiments, tables)
        log = aws.cloudwatch.LogGroup(
            f"{place.region}-drills-log",
            name=f"/{place.prefix}/{place.region}/experiments",
            retention_in_days=log_retention_days,
            kms_key_id=logs_key_arn,
            opts=self.child(),
        )
        # A plain mapping, as the actions and targets are.
        logging: Any = {
            "log_schema_version": _LOG_SCHEMA,
            # FIS takes the ARN of a group with the pattern of its streams.
            "cloudwatch_logs_configuration": {
                "log_group_arn": log.arn.apply(lambda arn: f"{arn.removesuffix(':*')}:*")
            },
        }
        self.experiments: Mapping[str, pulumi.Output[str]] = {
            experiment.name: aws.fis.ExperimentTemplate(
                f"{place.region}-drill-{experiment.name}",
                description=f"{place.stack}, {place.region}: {experiment.description}",
                role_arn=place.role_arn(role_name),
                stop_conditions=[{"source": "aws:cloudwatch:alarm", "value": alarm_arn}],
                actions=experiment.actions(),
                targets=experiment.targets(),
                log_configuration=logging,
                tags={"Name": place.name(experiment.name)},
                opts=self.child(depends_on=[*policies, alarm]),
            ).id.apply(lambda made: place.arn("fis", f"experiment-template/{made}"))
            for experiment in experiments
        }
        self.done()

    def _role(self, role_name: str) -> aws.iam.Role:
        place = self._place
        return aws.iam.Role(
            f"{place.region}-drills-role",
            name=role_name,
            description=f"Experiments in {place.region}",
            assume_role_policy=service_trust(place, "fis.amazonaws.com", source_arn=place.arn("fis", "experiment/*")),
            opts=self.child(),
        )

    def _rights(self, experiments: Sequence[Experiment], tables: Sequence[str]) -> list[pulumi.Resource]:
        """What the experiments need: of the network and the cluster what AWS gives FIS, of the tables these alone."""
        place = self._place
        rights: list[pulumi.Resource] = [self._logging()]
        if tables:
            rights.append(
                aws.iam.RolePolicy(
                    f"{place.region}-drills-policy",
                    name="experiments",
                    role=self.role.name,
                    policy=document(
                        allow(
                            "PauseReplication",
                            [
                                "dynamodb:DeleteResourcePolicy",
                                "dynamodb:DescribeTable",
                                "dynamodb:GetResourcePolicy",
                                "dynamodb:PutResourcePolicy",
                            ],
                            [place.table_arn(table) for table in tables],
                        ),
                        # Finding targets takes no resource (service authorization reference, tagging).
                        allow("Find", ["tag:GetResources"], ["*"]),
                    ),
                    opts=self.child(),
                )
            )
        services = {fault.action.split(":")[1] for experiment in experiments for fault in experiment.faults}
        for service, managed in (("eks", "EKSAccess"), ("network", "NetworkAccess")):
            if service in services:
                rights.append(
                    aws.iam.RolePolicyAttachment(
                        f"{place.region}-drills-{service}",
                        role=self.role.name,
                        policy_arn=f"{_MANAGED}{managed}",
                        opts=self.child(),
                    )
                )
        return rights

    def _logging(self) -> pulumi.Resource:
        """What the role needs so that FIS delivers what an experiment did, step by step.

        Delivery takes no resource (CloudWatch Logs user guide, "Enabling logging from AWS services": "Logs sent to
        CloudWatch Logs"; FIS user guide, "Experiment logging").
        """
        return aws.iam.RolePolicy(
            f"{self._place.region}-drills-logging",
            name="logging",
            role=self.role.name,
            policy=document(
                allow(
                    "DeliverLogs",
                    [
                        "logs:CreateLogDelivery",
                        "logs:DescribeLogGroups",
                        "logs:DescribeResourcePolicies",
                        "logs:PutResourcePolicy",
                    ],
                    ["*"],
                )
            ),
            opts=self.child(),
        )


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
            input=json.dumps(
                f"A recovery drill of {place.stack} is due: holdfast drill schedule --stack {place.stack}"
            ),
            opts=self.child(),
        )
        self.done()
