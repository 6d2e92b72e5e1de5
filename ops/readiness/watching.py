"""Dashboards, traces, topics; budgets; the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIORITIES = ("p1", "p2", "p3", "p4")


class Watching(Lines):
    """Dashboards, traces, topics; budgets; the edge."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        yield from self._watching()
        yield from self._cost()
        yield from self._edge()

    def _watching(self) -> Iterator[Finding]:
        monitoring = self.settings.monitoring
        if monitoring is None:
            for line in ("dashboards", "tracing", "topics", "region-alarm"):
                yield none(line, "monitoring", "the stack file has no holdfast:monitoring", required=False)
            return
        for region in self.regions:
            board = self.has("aws:cloudwatch/dashboard:Dashboard", region)
            yield shown("dashboards", region, board, "a dashboard", required=False)
            rate = monitoring.trace_percent / 100
            rules = self.found("aws:xray/samplingRule:SamplingRule", region)
            traced = any(one.get("fixedRate") == rate for one in rules)
            yield shown("tracing", region, traced, f"sampling of {rate:.0%}", required=False)
            joined = self.has(
                "aws:cloudwatch/compositeAlarm:CompositeAlarm", region, lambda one: one.get("alarmActions")
            )
            yield shown("region-alarm", region, joined, "an alarm of the whole region", required=False)
            for priority in PRIORITIES:
                name = f"{self.settings.stack.name_prefix}-{priority}"
                topics = self.found("aws:sns/topic:Topic", region)
                sealed = any(one.get("name") == name and one.get("kmsMasterKeyId") for one in topics)
                yield shown("topics", f"{region}/{priority}", sealed, "an encrypted topic", required=False)

    def _cost(self) -> Iterator[Finding]:
        cost = self.settings.cost
        if cost is None:
            yield none("budget", "budget", "the stack file has no holdfast:cost")
            yield none("cost-anomalies", "account", "the stack file has no holdfast:cost", required=False)
            return
        for percent in cost.alert_percents:
            for kind in ("ACTUAL", "FORECASTED"):
                alerts = (
                    alert
                    for one in self.found("aws:budgets/budget:Budget")
                    if str(one.get("limitAmount")) == str(cost.monthly_usd)
                    for alert in one.get("notifications") or []
                )
                told = any(
                    alert.get("threshold") == percent
                    and alert.get("notificationType") == kind
                    and alert.get("subscriberSnsTopicArns")
                    for alert in alerts
                )
                yield shown(
                    "budget", f"{kind.lower()}/{percent}", told, f"an alert at {percent} % of {cost.monthly_usd:,}"
                )
        if cost.own_account_settings:
            watched = self.has("aws:costexplorer/anomalySubscription:AnomalySubscription")
            yield shown("cost-anomalies", "account", watched, "a subscription to anomalies", required=False)
        else:
            yield none("cost-anomalies", "account", "another stack owns what is once per account", required=False)

    def _edge(self) -> Iterator[Finding]:
        edge = self.settings.edge
        if edge is None:
            for line in ("api-validation", "api-throttling", "canaries", "firewall"):
                yield none(line, "edge", "the stack file has no holdfast:edge")
            return
        for region in self.regions:
            if edge.kind == "rest":
                checked = self.has("aws:apigateway/restApi:RestApi", region, lambda one: (
                    "x-amazon-apigateway-request-validator" in str(one.get("body"))
                ))  # fmt: skip
                yield shown("api-validation", region, checked, "an API that checks requests before it starts code")
                limited = self.has("aws:apigateway/methodSettings:MethodSettings", region, lambda one: (
                    (one.get("settings") or {}).get("throttlingRateLimit") == edge.throttle.stage.per_second
                ))  # fmt: skip
                yield shown("api-throttling", region, limited, "the stage's limit")
            else:
                yield none("api-validation", region, "an HTTP API does not check requests")
                limited = self.has("aws:apigatewayv2/stage:Stage", region, lambda one: (
                    (one.get("defaultRouteSettings") or {}).get("throttlingRateLimit")
                ))  # fmt: skip
                yield shown("api-throttling", region, limited, "the stage's limit")
            walked = self.has("aws:synthetics/canary:Canary", region, lambda one: one.get("startCanary") is True)
            yield shown("canaries", region, walked, "a canary that runs")
            if edge.waf is None:
                yield none("firewall", region, "the stack file has no firewall")
            else:
                guarded = self.has("aws:wafv2/webAclAssociation:WebAclAssociation", region)
                yield shown("firewall", region, guarded, "a web ACL in front of the API")
