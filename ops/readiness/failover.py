"""Replicas, their protection, and the way out of a region that is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator


class Failover(Lines):
    """Replicas, their protection, and the way out of a region that is lost."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        yield from self._tables()
        yield from self._recovery()

    def _tables(self) -> Iterator[Finding]:
        tables = self.settings.data.tables if self.settings.data else {}
        for logical, table in tables.items():
            others = self.settings.replica_regions(logical)
            if not others:
                yield none("replication", logical, "the stack file names no other region for it")
                yield none("replication-latency", logical, "the table is in one region")
            for region in others:
                copy = self.deployed.replica(table.name, region)
                inline = any(
                    one.get("regionName") == region for one in self.deployed.table(table.name).get("replicas") or []
                )
                yield shown("replication", f"{logical}/{region}", copy or inline, "a replica")
            if others and self.settings.monitoring:
                for region in self.regions:
                    watched = self.deployed.alarmed("ReplicationLatency", region, TableName=table.name)
                    yield shown(
                        "replication-latency", f"{logical}/{region}", watched, "an alarm on replication latency"
                    )
            if not table.deletion_protection:
                yield none("deletion-protection", logical, "the stack file turns it off")
                continue
            kept = self.deployed.table(table.name).get("deletionProtectionEnabled")
            yield shown("deletion-protection", f"{logical}/{self.regions[0]}", kept, "deletion protection")
            for region in others:
                kept = self.deployed.replica(table.name, region).get("deletionProtectionEnabled")
                yield shown("deletion-protection", f"{logical}/{region}", kept, "deletion protection")

    def _recovery(self) -> Iterator[Finding]:
        recovery = self.settings.recovery
        if recovery is None or recovery.dns is None:
            for line in ("health-checks", "failover-records", "detection-time"):
                yield none(line, "dns", "the stack file has no holdfast:recovery.dns")
        else:
            checks = recovery.health_checks
            seconds = checks.interval_seconds * checks.failures + recovery.dns.ttl_seconds
            told = f"{checks.failures} checks of {checks.interval_seconds} s and a TTL of {recovery.dns.ttl_seconds} s"
            within = seconds < recovery.objectives.rto_seconds
            yield shown("detection-time", "dns", within, f"that {told} stay under the RTO", source="the stack file")
            for region in self.regions:
                name = f"{region}.{recovery.dns.zone}"
                found = any(
                    one.get("fqdn") == name
                    and one.get("requestInterval") == checks.interval_seconds
                    and one.get("failureThreshold") == checks.failures
                    and one.get("resourcePath") == checks.path
                    for one in self.found("aws:route53/healthCheck:HealthCheck")
                )
                yield shown("health-checks", region, found, f"a check of {name}{checks.path}")
            if len(self.regions) < 2:
                yield none("failover-records", "dns", "the stack has one region")
            for region in self.regions if len(self.regions) > 1 else ():
                found = any(
                    one.get("setIdentifier") == region
                    and one.get("healthCheckId")
                    and (one.get("failoverRoutingPolicies") or one.get("latencyRoutingPolicies"))
                    for one in self.found("aws:route53/record:Record")
                )
                yield shown("failover-records", region, found, "a record bound to a health check")
        if recovery is None or recovery.region_switch is None:
            yield none("failover-plan", "plan", "the stack file has no holdfast:recovery.region_switch")
        else:
            planned = self.has(
                "aws:arcregionswitch/plan:Plan",
                None,
                lambda one: set(one.get("regions") or ()) <= set(self.regions) and one.get("workflows"),
            )
            yield shown("failover-plan", "plan", planned, "a Region switch plan")
        drills = recovery.drills if recovery else None
        for region in self.regions if drills else ():
            bound = self.has("aws:fis/experimentTemplate:ExperimentTemplate", region, lambda one: any(
                stop.get("source") == "aws:cloudwatch:alarm" and stop.get("value")
                for stop in one.get("stopConditions") or []
            ))  # fmt: skip
            yield shown("stop-conditions", region, bound, "an experiment that an alarm stops")
        if not drills:
            yield none("stop-conditions", "drills", "the stack file has no holdfast:recovery.drills")
