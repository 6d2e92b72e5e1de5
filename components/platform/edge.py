"""What joins the edges of the regions: canaries, the observer, names, dashboards, routing controls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from components.base.layer import Component
from components.edge import (
    EdgeDashboard,
    Journeys,
    Names,
    Observer,
    RoutingControls,
    Watched,
    canary_name,
    decision_name,
)
from components.monitoring import receivers_of, table_names
from components.platform.foundation import place_of
from components.recovery import Mover
from components.security import key_alias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi_aws as aws

    from components.edge import EdgeOutputs
    from components.platform.region import Region
    from settings import Settings
    from settings.edge import EdgeSettings


class EdgeFederation(Component):
    """One name for all regions, and who decides where it leads."""

    layer = "edge"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        settings: Settings,
        edge: EdgeSettings,
        regions: Sequence[Region],
        zone_id: pulumi.Output[str],
        observer_key_arn: pulumi.Output[str],
        providers: Mapping[str, aws.Provider],
    ) -> None:
        super().__init__(name, opts)
        recovery, security, monitoring = settings.recovery, settings.security, settings.monitoring
        if recovery is None or recovery.dns is None or security is None or monitoring is None:
            raise ValueError("the settings let an edge pass without recovery.dns, security and monitoring")
        self._settings, self._edge, self._regions, self._providers = settings, edge, regions, providers
        home = place_of(settings, settings.home.name)
        alias = key_alias("logs", security.keys, home)
        watcher = home.at(edge.observer)
        observer = Observer(
            f"{edge.observer}-observer",
            self._in(edge.observer),
            edge=edge,
            monitoring=monitoring,
            regions=settings.region_names,
            zone=recovery.dns.zone,
            key_arn=observer_key_arn,
            key_alias=alias,
            place=watcher,
        )
        for region in regions:
            if region.monitoring is not None and region.security is not None:
                Journeys(
                    f"{region.name}-journeys",
                    self._in(region.name),
                    canaries=edge.canaries,
                    evacuation=edge.evacuation,
                    targets=settings.region_names,
                    zone=recovery.dns.zone,
                    key_arn=region.security.keys.logs,
                    key_alias=alias,
                    topics=region.monitoring.topics,
                    place=home.at(region.name),
                )
        controls = edge.routing_controls
        switches = {}
        if controls is not None:
            switches = RoutingControls(
                "controls", self.child(), controls=controls, regions=settings.region_names, place=home
            ).checks
        names = Names(
            "names",
            self.child(),
            edge=edge,
            recovery=recovery,
            dns=recovery.dns,
            zone_id=zone_id,
            regions={region.name: region.edge for region in regions if region.edge is not None},
            journeys=observer.alarms,
            switches=switches,
            place=home,
        )
        self._dashboards(names)
        self.names = names.names
        self.done()

    def _in(self, region: str) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, providers=[self._providers[region]])

    def _dashboards(self, names: Names) -> None:
        """In every region and at the observer: whichever survives shows itself first."""
        watched = pulumi.Output.all(*(self._watched(region, names) for region in self._regions))
        home = place_of(self._settings, self._settings.home.name)
        for place in (*self._settings.region_names, self._edge.observer):
            EdgeDashboard(f"{place}-operators", self._in(place), watched=watched, place=home.at(place))

    def _watched(self, region: Region, names: Names) -> pulumi.Output[Watched]:
        settings, edge = self._settings, region.edge
        if edge is None or region.serverless is None:
            raise ValueError(f"{region.name} has no edge")
        place = place_of(settings, region.name)
        places = [*settings.region_names, self._edge.observer]
        later: dict[str, Any] = {
            "api": edge.api_id,
            "checks": {
                kind: checks[region.name].id
                for kind, checks in (("joined", names.joined), ("deep", names.deep), ("shallow", names.shallow))
            },
        }
        function = region.serverless.outputs.orders.name

        def assemble(known: Mapping[str, Any]) -> Watched:
            return Watched(
                region=region.name,
                api=_api_dimensions(edge, known["api"]),
                rest=edge.kind == "rest",
                function=function,
                tables=table_names(settings, region.name),
                receivers=receivers_of(settings, region.name),
                checks=known["checks"],
                canaries={looks: canary_name(place.at(looks), region.name) for looks in places},
            )

        return pulumi.Output.from_input(later).apply(assemble)


def mover_of(settings: Settings, regions: Sequence[Region]) -> Mover | None:
    """What the Region switch plan runs; None where the stack has no functions for it."""
    edge = settings.edge
    if edge is None:
        return None
    functions = {
        region.name: region.serverless.outputs.switch.alias_arn
        for region in regions
        if region.serverless is not None and region.serverless.outputs.switch is not None
    }
    watcher = place_of(settings, settings.home.name).at(edge.observer)
    return Mover(
        functions=functions,
        decisions={
            region: watcher.arn("cloudwatch", f"alarm:{watcher.name(decision_name(region))}") for region in functions
        },
        automatic=edge.evacuation.mode == "automatic",
        minutes_between=edge.evacuation.minutes_between,
    )


def _api_dimensions(edge: EdgeOutputs, api_id: str) -> dict[str, str]:
    if edge.kind == "rest":
        return {"ApiName": edge.api_name, "Stage": edge.stage}
    return {"ApiId": api_id, "Stage": edge.stage}
