"""One region: its layers, each built from its settings and the outputs of the layers before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from components.base.layer import Component
from components.base.tags import objective_tags
from components.cache import CacheLayer
from components.compute import ComputeLayer
from components.data import DataLayer
from components.edge import EdgeLayer
from components.monitoring import RELEASE_ALARMS, MonitoringLayer
from components.network import NetworkLayer
from components.platform.config import stack_tags
from components.platform.foundation import Foundation, place_of
from components.recovery import Drills, Entry, experiments
from components.security import SecurityLayer
from components.serverless import ServerlessLayer
from holdfast import topology

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.cache import CacheOutputs
    from components.data import DataOutputs
    from components.edge import EdgeOutputs
    from components.monitoring import MonitoringOutputs
    from components.network import NetworkOutputs
    from components.security import SecurityOutputs
    from settings import Settings
    from settings.regions import RegionSettings


class Region(Component):
    """The layers of one region. Every region is built alike; each layer is a method that gives its outputs or None."""

    def __init__(
        self,
        region: RegionSettings,
        settings: Settings,
        foundation: Foundation,
        providers: Sequence[pulumi.ProviderResource],
        *,
        home: Region | None = None,
    ) -> None:
        super().__init__(region.name, pulumi.ResourceOptions(providers=list(providers)))
        self.name = region.name
        self._region = region
        self._settings = settings
        self._foundation = foundation
        self._place = place_of(settings, region.name)
        self.security = self._security()
        self.network = self._network()
        self.data = self._data()
        self.cache = self._cache(home)
        self.compute = self._compute()
        self.serverless = self._serverless()
        self.edge = self._edge()
        self.monitoring = self._monitoring()
        if self.serverless is not None and self.monitoring is not None:
            bound = [self._place.name(alarm) for alarm in RELEASE_ALARMS]
            self.serverless.release(bound, after=[self.monitoring.ready])
        self.experiments = self._drills()
        self.done()

    @property
    def entry(self) -> Entry | None:
        """What answers for this region, for the names that lead to it; None where nothing does."""
        if self.compute is None:
            return None
        made = self.compute.outputs
        return Entry(dns_name=made.balancer_dns_name, zone_id=made.balancer_zone_id)

    def _layer(self, layer: str) -> str:
        return f"{self.name}-{layer}"

    def _security(self) -> SecurityOutputs | None:
        settings, foundation = self._settings, self._foundation
        if settings.security is None or foundation.boundary is None:
            return None
        return SecurityLayer(
            self._layer("security"),
            self.child(),
            security=settings.security,
            settings=settings,
            keys=foundation.keys[self.name],
            boundary=foundation.boundary,
            place=self._place,
        ).outputs

    def _network(self) -> NetworkOutputs | None:
        settings = self._settings
        if settings.network is None:
            return None
        return NetworkLayer(
            self._layer("network"),
            self.child(),
            network=settings.network,
            region=self._region,
            settings=settings,
            logs_key_arn=self.security.keys.logs if self.security else None,
            place=self._place,
        ).outputs

    def _data(self) -> DataOutputs | None:
        settings, foundation = self._settings, self._foundation
        if settings.data is None or foundation.tables is None or self.security is None:
            return None
        return DataLayer(
            self._layer("data"),
            self.child(),
            data=settings.data,
            settings=settings,
            home=foundation.tables,
            key_arn=self.security.keys.data,
            place=self._place,
        ).outputs

    def _cache(self, home: Region | None) -> CacheOutputs | None:
        settings = self._settings
        if settings.cache is None or self.network is None or self.security is None:
            return None
        return CacheLayer(
            self._layer("cache"),
            self.child(),
            cache=settings.cache,
            settings=settings,
            network=self.network,
            security=self.security,
            place=self._place,
            global_datastore=home.cache.global_datastore if home and home.cache else None,
        ).outputs

    def _compute(self) -> ComputeLayer | None:
        settings, zone_id = self._settings, self._foundation.zone_id
        dns = settings.recovery.dns if settings.recovery else None
        if settings.compute is None or self.network is None or self.security is None or dns is None or zone_id is None:
            return None
        return ComputeLayer(
            self._layer("compute"),
            self.child(),
            compute=settings.compute,
            network=self.network,
            security=self.security,
            zone_name=dns.zone,
            zone_id=zone_id,
            place=self._place,
            entry_tags=objective_tags(settings.objectives),
            stack_tags=stack_tags(settings),
        )

    def _serverless(self) -> ServerlessLayer | None:
        settings = self._settings
        if settings.serverless is None or self.network is None or self.security is None:
            return None
        return ServerlessLayer(
            self._layer("serverless"),
            self.child(),
            serverless=settings.serverless,
            settings=settings,
            network=self.network,
            security=self.security,
            place=self._place,
        )

    def _edge(self) -> EdgeOutputs | None:
        settings, zone_id = self._settings, self._foundation.zone_id
        dns = settings.recovery.dns if settings.recovery else None
        if settings.edge is None or settings.serverless is None or dns is None or zone_id is None:
            return None
        if self.serverless is None or self.network is None or self.security is None:
            return None
        return EdgeLayer(
            self._layer("edge"),
            self.child(),
            edge=settings.edge,
            serverless=self.serverless.outputs,
            function_timeout_seconds=settings.serverless.timeout_seconds,
            network=self.network,
            security=self.security,
            zone_name=dns.zone,
            zone_id=zone_id,
            homed={
                name for name, table in (settings.data.tables if settings.data else {}).items() if table.home_regions
            },
            place=self._place,
        ).outputs

    def _monitoring(self) -> MonitoringOutputs | None:
        settings = self._settings
        if settings.monitoring is None:
            return None
        return MonitoringLayer(
            self._layer("monitoring"),
            self.child(),
            monitoring=settings.monitoring,
            settings=settings,
            security=self.security,
            cache=self.cache,
            compute=self.compute.outputs if self.compute else None,
            serverless=self.serverless.outputs if self.serverless else None,
            edge=self.edge,
            place=self._place,
        ).outputs

    def _drills(self) -> Mapping[str, pulumi.Output[str]]:
        """ARN of each experiment by name; a stack of one region has nothing to fail over to, and none."""
        settings = self._settings
        drills = settings.recovery.drills if settings.recovery else None
        if drills is None or self.monitoring is None or len(settings.regions) == 1:
            return {}
        tables = replicated_tables(settings, self.name)
        wanted = experiments(
            drills,
            tables=tables,
            other_region=next(name for name in settings.region_names if name != self.name),
            network=self.network,
            compute=self.compute.outputs if self.compute else None,
            place=self._place,
        )
        made = Drills(
            self._layer("drills"),
            self.child(),
            experiments=list(wanted),
            tables=tables,
            alarm_arn=self.monitoring.serving_alarm_arn,
            alarm=self.monitoring.ready,
            logs_key_arn=self.security.keys.logs if self.security else None,
            log_retention_days=drills.log_retention_days,
            place=self._place,
        )
        if self.compute is not None:
            self.compute.admit_experiments(made.role)
        return made.experiments

    def described(self) -> pulumi.Output[topology.Region]:
        """The region as the topology describes it, known once its keys exist."""
        data, cache = self.data, self.cache
        later = {
            "keys": self.security.keys.by_purpose() if self.security else {},
            "dax": cache.dax_endpoint if cache else None,
            "redis": cache.redis_endpoint if cache else None,
            "experiments": dict(self.experiments),
        }

        def assemble(known: Mapping[str, Any]) -> topology.Region:
            return topology.Region(
                name=self.name,
                tables=dict(data.tables) if data else {},
                control_table=data.control_table if data else None,
                keys=known["keys"],
                dax_endpoint=known["dax"],
                redis_endpoint=known["redis"],
                experiments=known["experiments"],
            )

        return pulumi.Output.from_input(later).apply(assemble)


def replicated_tables(settings: Settings, region: str) -> list[str]:
    """Physical names of the tables in a region that replicate to another one."""
    tables = settings.data.tables if settings.data else {}
    return [tables[logical].name for logical in settings.tables_in(region) if settings.replica_regions(logical)]
