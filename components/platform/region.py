"""One region: its layers, each built from its settings and the outputs of the layers before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from components.base.layer import Component
from components.cache import CacheLayer
from components.compute import ComputeLayer
from components.data import DataLayer
from components.monitoring import MonitoringLayer
from components.network import NetworkLayer
from components.platform.foundation import Foundation, place_of
from components.recovery import Drills
from components.security import SecurityLayer
from holdfast import topology

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from settings import Settings
    from settings.regions import RegionSettings


class Region(Component):
    """Security, network and data of one region. Every region is built alike."""

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
        self._prefix = region.name
        place = place_of(settings, region.name)
        self.security = None
        if settings.security is not None and foundation.boundary is not None:
            self.security = SecurityLayer(
                self._layer("security"),
                self.child(),
                security=settings.security,
                settings=settings,
                keys=foundation.keys[region.name],
                boundary=foundation.boundary,
                place=place,
            ).outputs
        self.network = None
        if settings.network is not None:
            logs_key = self.security.keys.logs if self.security else None
            self.network = NetworkLayer(
                self._layer("network"),
                self.child(),
                network=settings.network,
                region=region,
                settings=settings,
                logs_key_arn=logs_key,
                place=place,
            ).outputs
        self.data = None
        if settings.data is not None and foundation.tables is not None and self.security is not None:
            self.data = DataLayer(
                self._layer("data"),
                self.child(),
                data=settings.data,
                settings=settings,
                home=foundation.tables,
                key_arn=self.security.keys.data,
                place=place,
            ).outputs
        self.cache = None
        if settings.cache is not None and self.network is not None and self.security is not None:
            self.cache = CacheLayer(
                self._layer("cache"),
                self.child(),
                cache=settings.cache,
                settings=settings,
                network=self.network,
                security=self.security,
                place=place,
                global_datastore=home.cache.global_datastore if home and home.cache else None,
            ).outputs
        self.compute = None
        dns = settings.recovery.dns if settings.recovery else None
        if settings.compute is not None and self.network and self.security and dns and foundation.zone_id is not None:
            self.compute = ComputeLayer(
                self._layer("compute"),
                self.child(),
                compute=settings.compute,
                network=self.network,
                security=self.security,
                zone_name=dns.zone,
                zone_id=foundation.zone_id,
                place=place,
            )
        self.monitoring = None
        if settings.monitoring is not None:
            self.monitoring = MonitoringLayer(
                self._layer("monitoring"),
                self.child(),
                monitoring=settings.monitoring,
                settings=settings,
                security=self.security,
                cache=self.cache,
                compute=self.compute.outputs if self.compute else None,
                place=place,
            ).outputs
        drills = settings.recovery.drills if settings.recovery else None
        if drills is not None and self.monitoring is not None and len(settings.regions) > 1:
            Drills(
                self._layer("drills"),
                self.child(),
                drills=drills,
                tables=replicated_tables(settings, region.name),
                alarm_arn=self.monitoring.region_alarm_arn,
                alarm=self.monitoring.ready,
                place=place,
            )
        self.done()

    def _layer(self, layer: str) -> str:
        return f"{self._prefix}-{layer}"

    def described(self) -> pulumi.Output[topology.Region]:
        """The region as the topology describes it, known once its keys exist."""
        data, cache = self.data, self.cache
        later = {
            "keys": dict(vars(self.security.keys)) if self.security else {},
            "dax": cache.dax_endpoint if cache else None,
            "redis": cache.redis_endpoint if cache else None,
        }

        def assemble(known: Mapping[str, Any]) -> topology.Region:
            return topology.Region(
                name=self.name,
                tables=dict(data.tables) if data else {},
                control_table=data.control_table if data else None,
                keys=known["keys"],
                dax_endpoint=known["dax"],
                redis_endpoint=known["redis"],
            )

        return pulumi.Output.from_input(later).apply(assemble)


def replicated_tables(settings: Settings, region: str) -> list[str]:
    """Physical names of the tables in a region that replicate to another one."""
    tables = settings.data.tables if settings.data else {}
    return [tables[logical].name for logical in settings.tables_in(region) if settings.replica_regions(logical)]
