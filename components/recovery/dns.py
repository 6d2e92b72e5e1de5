"""Health checks of every region and the names that clients use: failover, latency and geolocation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.base import regional
from components.base.layer import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi
    import pulumi_aws as aws

    from components.base.place import Place
    from settings.recovery import DnsSettings, RecoverySettings


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
        self.checks: dict[str, aws.route53.HealthCheck] = {}
        for region, entry in regions.items():
            target, target_zone_id = entry.dns_name, entry.zone_id
            regional.region_name(
                self, region, zone=dns.zone, zone_id=zone_id, target=target, target_zone_id=target_zone_id
            )
            self.checks[region] = regional.endpoint_check(
                self,
                "check",
                region,
                recovery.health_checks.path,
                recovery=recovery,
                zone=dns.zone,
                place=place,
                measure_latency=True,
            )
        for routing in dns.routing:
            for region in regional.routed_regions(routing, list(regions), dns):
                policy = regional.routing_policy(routing, region, dns=dns, home=region == place.home_region)
                regional.routed_record(
                    self, routing, region, dns=dns, zone_id=zone_id, check=self.checks[region], policy=policy
                )
        self.done()
