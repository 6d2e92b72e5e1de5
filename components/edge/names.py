"""The names that clients use, and the health checks that decide where they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from components.edge.outputs import EdgeOutputs
    from settings.edge import EdgeSettings
    from settings.recovery import DnsSettings, RecoverySettings

CHECKERS = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"]
"""Regions that Route 53 checks from: at least three, on three continents, so that no one region's view decides."""
PREFIXES = {"latency": "api", "failover": "failover", "geolocation": "geo", "weighted": "weighted"}
"""Routing policy → name below the zone."""


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
            self._region_name(region, outputs)
            self.deep[region] = self._endpoint_check("deep", region, recovery.health_checks.path)
            self.shallow[region] = self._endpoint_check("shallow", region, edge.shallow_path)
            self.joined[region] = self._joined_check(region)
        routings = [*dns.routing, *(["weighted"] if edge.weights else [])]
        for routing in routings:
            for region in self._regions_of(routing, list(regions)):
                self._record(routing, region)
        self.names = {routing: f"{PREFIXES[routing]}.{dns.zone}" for routing in routings}
        self.done()

    def _region_name(self, region: str, outputs: EdgeOutputs) -> None:
        """`us-east-1.<zone>`: one region's API, which the checks ask and the other names lead to."""
        aws.route53.Record(
            f"name-{region}",
            zone_id=self._zone_id,
            name=f"{region}.{self._dns.zone}",
            type="A",
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=outputs.dns_name, zone_id=outputs.zone_id, evaluate_target_health=False
                )
            ],
            opts=self.child(),
        )

    def _endpoint_check(self, label: str, region: str, path: str) -> aws.route53.HealthCheck:
        checks = self._recovery.health_checks
        return aws.route53.HealthCheck(
            f"{label}-{region}",
            type="HTTPS",
            fqdn=f"{region}.{self._dns.zone}",
            port=443,
            resource_path=path,
            request_interval=checks.interval_seconds,
            failure_threshold=checks.failures,
            enable_sni=True,
            measure_latency=label == "deep",
            regions=CHECKERS,
            tags={"Name": self._place.name(region, label)},
            opts=self.child(),
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
        """Failover has a primary and one secondary; the other policies lead to every region that they name."""
        if routing == "failover":
            return list(regions[:2])
        if routing == "geolocation":
            return [region for region in regions if region in self._dns.continents or region == regions[0]]
        if routing == "weighted":
            return [region for region in regions if region in self._edge.weights]
        return list(regions)

    def _record(self, routing: str, region: str) -> None:
        # An alias record would be kept for 60 s whatever we say: CNAME records carry the wanted time.
        aws.route53.Record(
            f"{PREFIXES[routing]}-{region}",
            zone_id=self._zone_id,
            name=f"{PREFIXES[routing]}.{self._dns.zone}",
            type="CNAME",
            records=[f"{region}.{self._dns.zone}"],
            ttl=self._dns.ttl_seconds,
            set_identifier=region,
            health_check_id=self.joined[region].id,
            opts=self.child(),
            **self._policy(routing, region),
        )

    def _policy(self, routing: str, region: str) -> dict[str, Any]:
        home = region == self._place.home_region
        if routing == "failover":
            return {"failover_routing_policies": [{"type": "PRIMARY" if home else "SECONDARY"}]}
        if routing == "latency":
            return {"latency_routing_policies": [{"region": region}]}
        if routing == "weighted":
            return {"weighted_routing_policies": [{"weight": self._edge.weights[region]}]}
        # The home region is the default location: what no continent of another region covers.
        where = {"country": "*"} if home else {"continent": self._dns.continents[region]}
        return {"geolocation_routing_policies": [where]}
