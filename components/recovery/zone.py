"""The public hosted zone of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings.recovery import DnsSettings


class HostedZone(Component):
    """The zone, below which every name of the stack stands."""

    layer = "recovery"

    def __init__(self, name: str, opts: pulumi.ResourceOptions, *, dns: DnsSettings, place: Place) -> None:
        super().__init__(name, opts)
        zone = aws.route53.Zone(
            "zone",
            name=dns.zone,
            comment=f"{place.stack}: names of the service",
            opts=self.child(protect=place.protect),
        )
        self.zone_id = zone.zone_id
        self.done()
