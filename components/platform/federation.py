"""What joins the regions: the topology that clients and operators read."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.cost import CostLayer
from components.monitoring import HomeAlarms, JoinedDashboard
from components.platform.edge import EdgeFederation, mover_of
from components.platform.foundation import place_of
from components.recovery import Dns, DrillReminder, RegionSwitch
from components.security import Secrets
from holdfast.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.platform.foundation import Foundation
    from components.platform.region import Region
    from settings import Settings
    from settings.recovery import RecoverySettings
    from settings.security import SecuritySettings

ENCODING = "gzip+base64:"
"""What a topology parameter begins with: a parameter holds 4 KB, and three regions of eight tables take twice that."""


class Federation(Component):
    """The topology, as a document and as a parameter in every region."""

    def __init__(
        self,
        settings: Settings,
        foundation: Foundation,
        regions: Sequence[Region],
        providers: Mapping[str, aws.Provider],
    ) -> None:
        super().__init__("federation", pulumi.ResourceOptions(providers=[providers[settings.home.name]]))
        self.topology = _topology(settings, regions)
        text = self.topology.apply(packed)
        for region in regions:
            if region.compute is not None:
                region.compute.write_topology(self.topology.apply(lambda known: json.dumps(known, indent=2)))
            place = place_of(settings, region.name)
            aws.ssm.Parameter(
                f"{region.name}-topology",
                name=place.topology_parameter,
                description="Regions, tables and keys of the stack, for clients that start in this region",
                type="String",
                value=text,
                opts=self.child(provider=providers[region.name]),
            )
        if settings.monitoring is not None:
            home = place_of(settings, settings.home.name)
            JoinedDashboard("dashboard", self.child(), settings=settings, place=home)
            if regions[0].monitoring is not None:
                topics = regions[0].monitoring.topics
                HomeAlarms("alarms", self.child(), settings=settings, topics=topics, place=home)
                if settings.cost is not None:
                    CostLayer("cost", self.child(), cost=settings.cost, topics=topics, place=home)
        if settings.recovery is not None:
            self._recovery(settings, settings.recovery, regions, foundation.zone_id)
        if settings.edge is not None and foundation.zone_id is not None and foundation.observer_key_arn is not None:
            EdgeFederation(
                "edge",
                self.child(),
                settings=settings,
                edge=settings.edge,
                regions=regions,
                zone_id=foundation.zone_id,
                observer_key_arn=foundation.observer_key_arn,
                providers=providers,
            )
        if settings.security is not None and settings.security.secrets:
            self._secrets(settings.security, foundation, regions[0])
        self.done()

    def _secrets(self, security: SecuritySettings, foundation: Foundation, home: Region) -> None:
        """Secrets and their rotation, whose function stands in the VPC of the home region where there is one."""
        Secrets(
            "secrets",
            pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(parent=foundation)]),
            secrets=security.secrets,
            settings=security,
            keys=foundation.keys,
            network=home.network,
            failures_topic=home.monitoring.topics["p2"] if home.monitoring else None,
            place=foundation.place,
        )

    def _recovery(
        self,
        settings: Settings,
        recovery: RecoverySettings,
        regions: Sequence[Region],
        zone_id: pulumi.Output[str] | None,
    ) -> None:
        """Names and checks of the regions, the plan that moves traffic between two of them, and the drills' date."""
        home = place_of(settings, settings.home.name)
        entries = {region.name: region.entry for region in regions if region.entry is not None}
        if recovery.dns is not None and zone_id is not None and entries:
            Dns(
                "dns",
                self.child(),
                recovery=recovery,
                dns=recovery.dns,
                zone_id=zone_id,
                regions=entries,
                place=home,
            )
        alarms = {region.name: region.monitoring.region_alarm_arn for region in regions if region.monitoring}
        if recovery.region_switch is not None:
            RegionSwitch(
                "switch",
                self.child(),
                switch=recovery.region_switch,
                objectives=recovery.objectives,
                alarms=alarms,
                place=home,
                mover=mover_of(settings, regions),
            )
        if recovery.drills is not None and regions[0].monitoring is not None:
            topic = regions[0].monitoring.topics["p4"]
            DrillReminder("drill-reminder", self.child(), drills=recovery.drills, topic_arn=topic, place=home)


def packed(document: Mapping[str, Any]) -> str:
    """A topology document as the text of a parameter; the same document always gives the same text."""
    plain = json.dumps(document, separators=(",", ":")).encode()
    return ENCODING + base64.b64encode(gzip.compress(plain, mtime=0)).decode()


def _topology(settings: Settings, regions: Sequence[Region]) -> pulumi.Output[dict[str, Any]]:
    stack = pulumi.get_stack()

    def assemble(described: Sequence[Any]) -> dict[str, Any]:
        return Topology(
            stack=stack,
            home_region=settings.home.name,
            regions={region.name: region for region in described},
            failover=settings.runtime.failover,
            objectives=settings.objectives.model_dump() if settings.recovery else {},
            runtime=settings.runtime.model_dump(exclude={"failover"}),
        ).to_dict()

    return pulumi.Output.all(*(region.described() for region in regions)).apply(assemble)
