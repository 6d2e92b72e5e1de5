"""Health checks of every region and the names that clients use: failover, latency and geolocation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.base.tags import objective_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi

    from components.base.place import Place
    from settings.recovery import DnsSettings, RecoverySettings

CHECKERS = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"]
"""Regions that Route 53 checks from: at least three, on three continents, so that no one region's view decides."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What answers for one region: the load balancer, or whatever else a name can be an alias of."""

    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]
    """Hosted zone of that name, which an alias record asks for."""


class Dns(Component):
    """One health check and one set of records per region."""

    layer = "recovery"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        recovery: RecoverySettings,
        dns: DnsSettings,
        zone_id: pulumi.Output[str],
        regions: Mapping[str, Entry],
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        self._dns = dns
        self._zone_id = zone_id
        self._place = place
        self.checks: dict[str, aws.route53.HealthCheck] = {}
        for region, entry in regions.items():
            self._region_name(region, entry)
            self.checks[region] = self._check(region, recovery)
        for routing in dns.routing:
            for region in self._regions_of(routing, list(regions)):
                self._record(routing, region)
        self.done()

    def _region_name(self, region: str, entry: Entry) -> None:
        """`us-east-1.<zone>`: what answers for one region, which the check asks and the other names lead to."""
        aws.route53.Record(
            f"name-{region}",
            zone_id=self._zone_id,
            name=f"{region}.{self._dns.zone}",
            type="A",
            aliases=[
                aws.route53.RecordAliasArgs(name=entry.dns_name, zone_id=entry.zone_id, evaluate_target_health=False)
            ],
            opts=self.child(),
        )

    def _check(self, region: str, recovery: RecoverySettings) -> aws.route53.HealthCheck:
        checks = recovery.health_checks
        return aws.route53.HealthCheck(
            f"check-{region}",
            type="HTTPS",
            fqdn=f"{region}.{self._dns.zone}",
            port=443,
            resource_path=checks.path,
            request_interval=checks.interval_seconds,
            failure_threshold=checks.failures,
            enable_sni=True,
            measure_latency=True,
            regions=CHECKERS,
            tags={"Name": self._place.name(region), **objective_tags(recovery.objectives)},
            opts=self.child(),
        )

    def _regions_of(self, routing: str, regions: Sequence[str]) -> list[str]:
        """Failover has a primary and one secondary; the other policies lead to every region."""
        if routing == "failover":
            return list(regions[:2])
        if routing == "geolocation":
            return [region for region in regions if region in self._dns.continents or region == regions[0]]
        return list(regions)

    def _record(self, routing: str, region: str) -> None:
        prefix = {"failover": "failover", "latency": "api", "geolocation": "geo"}[routing]
        home = region == self._place.home_region
        failover = latency = geolocation = None
        if routing == "failover":
            failover = [aws.route53.RecordFailoverRoutingPolicyArgs(type="PRIMARY" if home else "SECONDARY")]
        elif routing == "latency":
            latency = [aws.route53.RecordLatencyRoutingPolicyArgs(region=region)]
        elif home:
            # The default location: what no continent of another region covers.
            geolocation = [aws.route53.RecordGeolocationRoutingPolicyArgs(country="*")]
        else:
            geolocation = [aws.route53.RecordGeolocationRoutingPolicyArgs(continent=self._dns.continents[region])]
        aws.route53.Record(
            f"{prefix}-{region}",
            zone_id=self._zone_id,
            name=f"{prefix}.{self._dns.zone}",
            type="CNAME",
            records=[f"{region}.{self._dns.zone}"],
            ttl=self._dns.ttl_seconds,
            set_identifier=region,
            health_check_id=self.checks[region].id,
            failover_routing_policies=failover,
            latency_routing_policies=latency,
            geolocation_routing_policies=geolocation,
            opts=self.child(),
        )
