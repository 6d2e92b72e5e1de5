"""Who is told what: dashboards' contents, recipients, reminders, names that clients follow; and how much it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

BOARDS = {
    "capacity": ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
    "latency": ("SuccessfulRequestLatency",),
    "errors": ("SystemErrors",),
    "business": ("OrdersCreated", "ActiveUsers", "TransactionsCommitted"),
}
"""What a region's dashboard shows → the metrics of it."""
WOKEN = ("p1", "p2")
"""Priorities that somebody must hear of today."""
KINDS = {"failover": "failoverRoutingPolicies", "latency": "latencyRoutingPolicies",
         "geolocation": "geolocationRoutingPolicies"}  # fmt: skip


class Telling(Lines):
    """Dashboards, recipients, reminders, names, tags of cost, the processors that are used."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        yield from self._boards()
        yield from self._names()
        yield from self._reminders()
        yield from self._cost()
        yield from self._processors()
        yield from self._edge()

    def _boards(self) -> Iterator[Finding]:
        monitoring = self.settings.monitoring
        if monitoring is None:
            for line in ("dashboard-contents", "recipients"):
                yield none(line, "monitoring", "the stack file has no holdfast:monitoring", required=False)
            return
        for region in self.regions:
            bodies = [str(one.get("dashboardBody")) for one in self.found("aws:cloudwatch/dashboard:Dashboard", region)]
            for what, metrics in BOARDS.items():
                drawn = any(all(metric in body for metric in metrics) for body in bodies)
                yield shown("dashboard-contents", f"{region}/{what}", drawn, f"a dashboard of {what}", required=False)
        for priority in WOKEN:
            wanted = getattr(monitoring.subscriptions, priority)
            ends = {one.get("endpoint") for one in self.found("aws:sns/topicSubscription:TopicSubscription")}
            heard = bool(wanted) and all(one.endpoint in ends for one in wanted)
            yield shown("recipients", priority, heard, f"somebody who hears {priority.upper()}", required=False)

    def _names(self) -> Iterator[Finding]:
        dns = self.settings.recovery.dns if self.settings.recovery else None
        for kind, policies in KINDS.items():
            if dns is None or kind not in dns.routing:
                yield none("routing", kind, f"the stack file asks for no routing by {kind}")
                continue
            if len(self.regions) < 2:
                yield none("routing", kind, "the stack has one region")
                continue
            # A failover name has a primary and a secondary; under the others every region answers.
            served = self.regions[:2] if kind == "failover" else self.regions
            if kind == "geolocation":
                served = (self.regions[0], *(region for region in self.regions[1:] if region in dns.continents))
            for region in served:
                named = any(
                    one.get("setIdentifier") == region
                    and one.get(policies)
                    and one.get("healthCheckId")
                    and one.get("ttl") == dns.ttl_seconds
                    for one in self.found("aws:route53/record:Record")
                )
                yield shown("routing", f"{kind}/{region}", named, f"a record by {kind}, of {dns.ttl_seconds} s")

    def _reminders(self) -> Iterator[Finding]:
        drills = self.settings.recovery.drills if self.settings.recovery else None
        if drills is None:
            yield none("drill-reminder", "drills", "the stack file has no holdfast:recovery.drills", required=False)
        else:
            due = self.has("aws:cloudwatch/eventRule:EventRule", None, lambda one: (
                one.get("scheduleExpression") == drills.schedule
            ))  # fmt: skip
            yield shown("drill-reminder", "drills", due, f"a reminder by {drills.schedule}", required=False)
        backup = self.settings.data.backup if self.settings.data else None
        if backup is None or self.settings.monitoring is None:
            yield none("backup-alarm", "backup", "the stack file has no backup, or nothing that watches it")
        else:
            watched = any(metric == "NumberOfBackupJobsFailed" for metric in self.deployed.watched_metrics())
            yield shown("backup-alarm", "backup", watched, "an alarm on backups that fail")

    def _cost(self) -> Iterator[Finding]:
        cost = self.settings.cost
        if cost is None or not cost.own_account_settings:
            why = "the stack file has no holdfast:cost" if cost is None else "another stack owns them"
            yield none("allocation-tags", "account", why, required=False)
            return
        for tag in ("Stack", "Environment", "Service", "CostCenter"):
            wanted = {"tagKey": tag, "status": "Active"}
            active = self.holds("aws:costexplorer/costAllocationTag:CostAllocationTag", None, wanted)
            yield shown("allocation-tags", tag, active, f"the cost allocation tag {tag}", required=False)

    def _processors(self) -> Iterator[Finding]:
        """Arm takes less energy for the same work (AWS: Graviton)."""
        if self.settings.compute is None:
            yield none("efficient-processors", "nodes", "the stack file has no holdfast:compute", required=False)
        if self.settings.serverless is None:
            yield none("efficient-processors", "functions", "the stack file has no holdfast:serverless", required=False)
        for region in self.regions:
            if self.settings.compute is not None:
                arm = self.has("aws:eks/nodeGroup:NodeGroup", region, lambda one: "ARM" in str(one.get("amiType")))
                yield shown("efficient-processors", f"{region}/nodes", arm, "nodes of Arm", required=False)
            if self.settings.serverless is not None:
                arm = self.has(
                    "aws:lambda/function:Function", region, lambda one: one.get("architectures") == ["arm64"]
                )
                yield shown("efficient-processors", f"{region}/functions", arm, "functions of Arm", required=False)

    def _edge(self) -> Iterator[Finding]:
        edge = self.settings.edge
        if edge is None:
            for line in ("canary-rate", "firewall-groups"):
                yield none(line, "edge", "the stack file has no holdfast:edge")
            return
        minutes = edge.canaries.minutes
        wanted = f"rate({minutes} minute{'s' if minutes > 1 else ''})"
        for region in self.regions:
            often = self.has("aws:synthetics/canary:Canary", region, lambda one: (
                (one.get("schedule") or {}).get("expression") == wanted
            ))  # fmt: skip
            yield shown("canary-rate", region, often, f"a canary at {wanted}")
            if edge.waf is None:
                yield none("firewall-groups", region, "the stack file has no firewall")
                continue
            rules = [
                (rule.get("statement") or {})
                for one in self.found("aws:wafv2/webAcl:WebAcl", region)
                for rule in one.get("rules") or []
            ]
            groups = {(rule.get("managedRuleGroupStatement") or {}).get("name") for rule in rules}
            for group in edge.waf.managed_groups:
                yield shown("firewall-groups", f"{region}/{group}", group in groups, f"the rules of {group}")
            bytes_allowed = edge.waf.body_kib * 1024
            sized = any((rule.get("sizeConstraintStatement") or {}).get("size") == bytes_allowed for rule in rules)
            yield shown("firewall-groups", f"{region}/size", sized, f"a limit of {edge.waf.body_kib} KiB on bodies")
