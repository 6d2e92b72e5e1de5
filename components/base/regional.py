"""What every way into a stack has per region: its name, the check that asks it, and the policy of a record to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.base.tags import objective_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from components.base.layer import Component
    from components.base.place import Place
    from settings.recovery import DnsSettings, RecoverySettings

CHECKERS = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"]
"""Regions that Route 53 checks from: at least three, on three continents, so that no one region's view decides."""

PREFIXES = {"latency": "api", "failover": "failover", "geolocation": "geo", "weighted": "weighted"}
"""Routing policy → name below the zone."""


def region_name(
    owner: Component,
    region: str,
    *,
    zone: str,
    zone_id: pulumi.Input[str],
    target: pulumi.Input[str],
    target_zone_id: pulumi.Input[str],
) -> None:
    """Register `us-east-1.<zone>`: what answers for one region, which checks ask and the other names lead to.

    Args:
        owner: the component that it belongs to.
        region: which one.
        zone: name of the stack's hosted zone.
        zone_id: its id.
        target: what the name is an alias of.
        target_zone_id: hosted zone of that, which an alias record asks for.
    """
    aws.route53.Record(
        f"name-{region}",
        zone_id=zone_id,
        name=f"{region}.{zone}",
        type="A",
        aliases=[aws.route53.RecordAliasArgs(name=target, zone_id=target_zone_id, evaluate_target_health=False)],
        opts=owner.child(),
    )


def endpoint_check(
    owner: Component,
    label: str,
    region: str,
    path: str,
    *,
    recovery: RecoverySettings,
    zone: str,
    place: Place,
    measure_latency: bool,
) -> aws.route53.HealthCheck:
    """Register `<label>-<region>`: a check that asks a path of a region's name as often as the settings say."""
    checks = recovery.health_checks
    named = place.name(region) if label == "check" else place.name(region, label)
    return aws.route53.HealthCheck(
        f"{label}-{region}",
        type="HTTPS",
        fqdn=f"{region}.{zone}",
        port=443,
        resource_path=path,
        request_interval=checks.interval_seconds,
        failure_threshold=checks.failures,
        enable_sni=True,
        measure_latency=measure_latency,
        regions=CHECKERS,
        tags={"Name": named, **objective_tags(recovery.objectives)},
        opts=owner.child(),
    )


def routed_regions(routing: str, regions: Sequence[str], dns: DnsSettings) -> list[str]:
    """Regions that a policy leads to: failover has a primary and one secondary, geolocation those with a continent."""
    if routing == "failover":
        return list(regions[:2])
    if routing == "geolocation":
        return [region for region in regions if region in dns.continents or region == regions[0]]
    return list(regions)


def routing_policy(routing: str, region: str, *, dns: DnsSettings, home: bool) -> dict[str, Any]:
    """The policy of the record of a region, as the arguments of a record; the home region is the default location."""
    if routing == "failover":
        return {"failover_routing_policies": [{"type": "PRIMARY" if home else "SECONDARY"}]}
    if routing == "latency":
        return {"latency_routing_policies": [{"region": region}]}
    where = {"country": "*"} if home else {"continent": dns.continents[region]}
    return {"geolocation_routing_policies": [where]}


def routed_record(
    owner: Component,
    routing: str,
    region: str,
    *,
    dns: DnsSettings,
    zone_id: pulumi.Input[str],
    check: aws.route53.HealthCheck,
    policy: dict[str, Any],
) -> None:
    """Register `<prefix>-<region>`: a record that leads to the region while its check holds.

    An alias record would be kept for 60 s whatever we say: CNAME records carry the wanted time.
    """
    aws.route53.Record(
        f"{PREFIXES[routing]}-{region}",
        zone_id=zone_id,
        name=f"{PREFIXES[routing]}.{dns.zone}",
        type="CNAME",
        records=[f"{region}.{dns.zone}"],
        ttl=dns.ttl_seconds,
        set_identifier=region,
        health_check_id=check.id,
        opts=owner.child(),
        **policy,
    )
