"""The dashboard over all regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.monitoring import dashboards
from components.monitoring.layer import receivers_of, table_names

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings import Settings


class JoinedDashboard(Component):
    """One view of every region; it stands in the home region and reads from all."""

    layer = "monitoring"

    def __init__(self, name: str, opts: pulumi.ResourceOptions, *, settings: Settings, place: Place) -> None:
        super().__init__(name, opts)
        regions = settings.region_names
        aws.cloudwatch.Dashboard(
            "dashboard-joined",
            dashboard_name=place.name("all-regions"),
            dashboard_body=dashboards.joined(
                {region: table_names(settings, region) for region in regions},
                {region: receivers_of(settings, region) for region in regions},
            ),
            opts=self.child(),
        )
        self.done()
