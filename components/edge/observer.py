"""The observer: a region that serves nothing and tells a region's fault from the application's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.alarm import told
from components.base.layer import Component
from components.base.topics import Topics
from components.edge.journeys import Journeys, journey_alarm_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.base.place import Place
    from settings.edge import EdgeSettings
    from settings.monitoring import MonitoringSettings


def decision_name(region: str) -> str:
    """Name of the alarm that means: leave this region; without the prefix of the stack."""
    return f"leave-{region}"


APPLICATION_FAULT = "application-fault"


class Observer(Component):
    """Topics, journeys to every serving region, and the decisions over them."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        edge: EdgeSettings,
        monitoring: MonitoringSettings,
        regions: Sequence[str],
        zone: str,
        key_arn: pulumi.Output[str],
        key_alias: str,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        alias = aws.kms.Alias(f"{place.region}-alias-logs", name=key_alias, target_key_id=key_arn, opts=self.child())
        topics = Topics(
            f"{place.region}-topics",
            self.child(),
            subscriptions=monitoring.subscriptions,
            key_arn=key_arn,
            place=place,
        )
        journeys = Journeys(
            f"{place.region}-journeys",
            self.child(depends_on=[alias]),
            canaries=edge.canaries,
            evacuation=edge.evacuation,
            targets=regions,
            zone=zone,
            key_arn=key_arn,
            key_alias=key_alias,
            topics=topics.arns,
            place=place,
        )
        self.alarms = journeys.alarms
        self.topics = topics.arns
        made = list(journeys.alarms.values())
        for region in regions:
            others = [other for other in regions if other != region]
            self._decide(
                place,
                decision_name(region),
                f"{region} fails alone: customers are better served elsewhere. Leave it: holdfast evacuate {region}",
                _alone(place, region, others),
                made,
            )
        self._decide(
            place,
            APPLICATION_FAULT,
            "Every region fails: it is the application, or what all regions share. Roll back; do not evacuate",
            " AND ".join(_failing(place, region) for region in regions),
            made,
        )
        self.done()

    def _decide(self, place: Place, name: str, description: str, rule: str, after: Sequence[pulumi.Resource]) -> None:
        aws.cloudwatch.CompositeAlarm(
            f"{place.region}-alarm-{name}",
            alarm_name=place.name(name),
            alarm_description=told("p1", description, "region-unwell"),
            alarm_rule=rule,
            alarm_actions=[self.topics["p1"]],
            ok_actions=[self.topics["p1"]],
            tags={"Priority": "P1"},
            opts=self.child(depends_on=list(after)),
        )


def _failing(place: Place, region: str) -> str:
    return f'ALARM("{place.name(journey_alarm_name(region))}")'


def _alone(place: Place, region: str, others: Sequence[str]) -> str:
    """This region's journeys fail and those of at least one other do not: there is somewhere to go."""
    well = " OR ".join(f"NOT {_failing(place, other)}" for other in others)
    return f"{_failing(place, region)} AND ({well})"
