"""The names that clients use, and the health checks that decide where they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.base import regional
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from components.edge.outputs import EdgeOutputs
    from settings.edge import EdgeSettings
    from settings.recovery import DnsSettings, RecoverySettings


class Names(Component):
    """Per region a shallow, a deep and a joined check; per routing policy one record a region, led by the joined one.

    The deep check writes and reads a probe item and answers 503 while the region is evacuated. The shallow one says
    whether the process answers at all: deep failing with shallow passing is a fault of the data, or an evacuation.
    The joined one holds while the deep check passes, the observer's journeys do, and the region's switch (where the
    stack has routing controls) is on.
    """

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        edge: EdgeSettings,
        recovery: RecoverySettings,
        dns: DnsSettings,
        zone_id: pulumi.Output[str],
        regions: Mapping[str, EdgeOutputs],
        journeys: Mapping[str, aws.cloudwatch.MetricAlarm],
        switches: Mapping[str, aws.route53.HealthCheck],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._edge, self._recovery, self._dns = edge, recovery, dns
        self._zone_id, self._place = zone_id, place
        self._journeys, self._switches = journeys, switches
        self.deep: dict[str, aws.route53.HealthCheck] = {}
        self.shallow: dict[str, aws.route53.HealthCheck] = {}
        self.joined: dict[str, aws.route53.HealthCheck] = {}
        for region, outputs in regions.items():
            target, target_zone_id = outputs.dns_name, outputs.zone_id
            regional.region_name(
                self, region, zone=dns.zone, zone_id=zone_id, target=target, target_zone_id=target_zone_id
            )
            self.deep[region] = self._endpoint_check("deep", region, recovery.health_checks.path)
            self.shallow[region] = self._endpoint_check("shallow", region, edge.shallow_path)
            self.joined[region] = self._joined_check(region)
        routings = [*dns.routing, *(["weighted"] if edge.weights else [])]
        for routing in routings:
            for region in self._regions_of(routing, list(regions)):
                self._record(routing, region)
        self.names = {routing: f"{regional.PREFIXES[routing]}.{dns.zone}" for routing in routings}
        self.done()

    def _endpoint_check(self, label: str, region: str, path: str) -> aws.route53.HealthCheck:
        return regional.endpoint_check(
            self,
            label,
            region,
            path,
            recovery=self._recovery,
            zone=self._dns.zone,
            place=self._place,
            measure_latency=label == "deep",
        )

    def _joined_check(self, region: str) -> aws.route53.HealthCheck:
        children = [self.deep[region].id]
        alarm = self._journeys.get(region)
        if alarm is not None and self._edge.evacuation.canaries_move_dns:
            journeys = aws.route53.HealthCheck(
                f"journeys-{region}",
                type="CLOUDWATCH_METRIC",
                cloudwatch_alarm_name=alarm.name,
                cloudwatch_alarm_region=self._edge.observer,
                # A lost observer is no verdict: what was last known stays.
                insufficient_data_health_status="LastKnownStatus",
                tags={"Name": self._place.name(region, "journeys")},
                opts=self.child(),
            )
            children.append(journeys.id)
        if region in self._switches:
            children.append(self._switches[region].id)
        return aws.route53.HealthCheck(
            f"joined-{region}",
            type="CALCULATED",
            child_healthchecks=children,
            child_health_threshold=len(children),
            tags={"Name": self._place.name(region, "joined")},
            opts=self.child(),
        )

    def _regions_of(self, routing: str, regions: Sequence[str]) -> list[str]:
        """Regions that a policy leads to; weights name theirs."""
        if routing == "weighted":
            return [region for region in regions if region in self._edge.weights]
        return regional.routed_regions(routing, regions, self._dns)

    def _record(self, routing: str, region: str) -> None:
        if routing == "weighted":
            policy: dict[str, Any] = {"weighted_routing_policies": [{"weight": self._edge.weights[region]}]}
        else:
            home = region == self._place.home_region
            policy = regional.routing_policy(routing, region, dns=self._dns, home=home)
        regional.routed_record(
            self, routing, region, dns=self._dns, zone_id=self._zone_id, check=self.joined[region], policy=policy
        )
