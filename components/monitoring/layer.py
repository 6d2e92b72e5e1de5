"""The monitoring layer of one region."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.alarm import Alarm, register, told
from components.base.layer import Component
from components.base.topics import Topics
from components.monitoring import api, caches, dashboards, services
from components.monitoring.outputs import MonitoringOutputs
from components.monitoring.tables import replication_alarms, table_alarms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pulumi

    from components.base.place import Place
    from components.cache.outputs import CacheOutputs
    from components.compute.outputs import ComputeOutputs
    from components.edge.outputs import EdgeOutputs
    from components.security.outputs import SecurityOutputs
    from components.serverless.outputs import ServerlessOutputs
    from settings import Settings
    from settings.data import TableSettings
    from settings.monitoring import MonitoringSettings


def tables_of(settings: Settings, region: str) -> list[TableSettings]:
    """The application's tables in a region, in the order of the stack file, and the control table."""
    if settings.data is None:
        return []
    return [*(settings.data.tables[logical] for logical in settings.tables_in(region)), settings.control_table]


def table_names(settings: Settings, region: str) -> list[str]:
    """Physical names of the application's tables in a region."""
    return [table.name for table in tables_of(settings, region)[:-1]]


def receivers_of(settings: Settings, region: str) -> Mapping[str, tuple[str, ...]]:
    """Physical name of each table in a region → the regions to which it replicates."""
    if settings.data is None:
        return {}
    holders = {
        settings.data.tables[logical].name: (settings.home.name, *settings.replica_regions(logical))
        for logical in settings.tables_in(region)
        if settings.data.tables[logical].consistency == "eventual"
    }
    holders[settings.control_table_name] = settings.region_names
    return {name: tuple(other for other in regions if other != region) for name, regions in holders.items()}


class MonitoringLayer(Component):
    """Topics, alarms, one alarm over all that means the region is unwell, a dashboard, sampling and logs."""

    layer = "monitoring"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        monitoring: MonitoringSettings,
        settings: Settings,
        security: SecurityOutputs | None,
        cache: CacheOutputs | None,
        compute: ComputeOutputs | None,
        place: Place,
        serverless: ServerlessOutputs | None = None,
        edge: EdgeOutputs | None = None,
    ) -> None:
        super().__init__(name, opts)
        self._settings = settings
        self._monitoring = monitoring
        self._place = place
        logs_key = security.keys.logs if security else None
        topics = Topics(
            f"{place.region}-topics",
            self.child(),
            subscriptions=monitoring.subscriptions,
            key_arn=logs_key,
            place=place,
        )
        self._topics = topics.arns
        alarms = [*self._of_tables(), *self._of_services(cache, compute), *self._of_edge(serverless, edge)]
        made = {alarm.name: register(alarm, self, place, self._topics) for alarm in alarms}
        serving = {alarm.name: made[alarm.name] for alarm in alarms if alarm.means == "serving"}
        regional = serving | {alarm.name: made[alarm.name] for alarm in alarms if alarm.means == "region"}
        self._composite("region", f"{place.region} is unwell; see the alarms that it names", regional)
        users = self._composite("serving", f"Users of {place.region} suffer; see the alarms that it names", serving)
        self._key_events()
        self._dashboard()
        self._traces()
        aws.cloudwatch.LogGroup(
            f"{place.region}-application-logs",
            name=f"/{place.prefix}/{place.region}/orders",
            retention_in_days=monitoring.log_retention_days,
            kms_key_id=logs_key,
            opts=self.child(),
        )
        self.outputs = MonitoringOutputs(
            topics=self._topics,
            region_alarm_arn=place.arn("cloudwatch", f"alarm:{place.name('region')}"),
            serving_alarm_arn=place.arn("cloudwatch", f"alarm:{place.name('serving')}"),
            ready=users,
        )
        self.done()

    def _of_tables(self) -> Iterator[Alarm]:
        settings = self._settings
        receivers = receivers_of(settings, self._place.region)
        for table in tables_of(settings, self._place.region):
            yield from table_alarms(table, self._monitoring.tables)
            yield from replication_alarms(
                table, receivers.get(table.name, ()), settings.objectives.rpo_seconds, self._monitoring
            )

    def _of_services(self, cache: CacheOutputs | None, compute: ComputeOutputs | None) -> Iterator[Alarm]:
        yield from services.key_alarms()
        if cache is not None and cache.dax_cluster is not None:
            yield from caches.dax_alarms(cache.dax_cluster)
        if cache is not None:
            yield from caches.redis_alarms(cache.redis_nodes)
        if compute is not None:
            yield from services.cluster_alarms(compute.cluster_name)
            yield from services.balancer_alarms(compute.balancer_suffix, compute.targets_suffix)

    def _of_edge(self, serverless: ServerlessOutputs | None, edge: EdgeOutputs | None) -> Iterator[Alarm]:
        wanted = self._settings.edge
        if serverless is not None:
            yield from api.function_alarms(serverless.orders.name, serverless.queue_name)
        if edge is not None and wanted is not None:
            yield from api.api_alarms(edge.kind, edge.api_name, edge.api_id, edge.stage, wanted.evacuation)

    def _composite(
        self, label: str, description: str, parts: Mapping[str, aws.cloudwatch.MetricAlarm]
    ) -> aws.cloudwatch.CompositeAlarm:
        place = self._place
        rule = " OR ".join(f'ALARM("{place.name(name)}")' for name in parts) or "FALSE"
        return aws.cloudwatch.CompositeAlarm(
            f"{place.region}-alarm-{label}",
            alarm_name=place.name(label),
            alarm_description=told("p1", description, "region-unwell"),
            alarm_rule=rule,
            alarm_actions=[self._topics["p1"]],
            ok_actions=[self._topics["p1"]],
            tags={"Priority": "P1"},
            opts=self.child(depends_on=list(parts.values())),
        )

    def _key_events(self) -> None:
        """A key that is disabled or scheduled for deletion takes every table with it: told at once."""
        place = self._place
        rule = aws.cloudwatch.EventRule(
            f"{place.region}-key-events",
            name=place.name("key-events"),
            description="A key is disabled or will be deleted",
            event_pattern=json.dumps(
                {
                    "source": ["aws.kms"],
                    "detail-type": ["AWS API Call via CloudTrail"],
                    "detail": {
                        "eventSource": ["kms.amazonaws.com"],
                        "eventName": ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"],
                    },
                }
            ),
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            f"{place.region}-key-events-p1",
            rule=rule.name,
            target_id="p1",
            arn=self._topics["p1"],
            opts=self.child(),
        )

    def _dashboard(self) -> None:
        place = self._place
        aws.cloudwatch.Dashboard(
            f"{place.region}-dashboard",
            dashboard_name=place.global_name("tables"),
            dashboard_body=dashboards.regional(
                place.region, table_names(self._settings, place.region), receivers_of(self._settings, place.region)
            ),
            opts=self.child(),
        )

    def _traces(self) -> None:
        place = self._place
        aws.xray.SamplingRule(
            f"{place.region}-sampling",
            rule_name=place.name("requests"),
            priority=1000,
            version=1,
            reservoir_size=1,
            fixed_rate=self._monitoring.trace_percent / 100,
            service_name="*",
            service_type="*",
            host="*",
            http_method="*",
            url_path="*",
            resource_arn="*",
            opts=self.child(),
        )
