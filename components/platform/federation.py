"""What joins the regions: the topology that clients and operators read."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.base.layer import Component
from components.monitoring import JoinedDashboard
from components.platform.foundation import place_of
from holdfast.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.platform.region import Region
    from settings import Settings

ENCODING = "gzip+base64:"
"""What a topology parameter begins with: a parameter holds 4 KB, and three regions of eight tables take twice that."""


class Federation(Component):
    """The topology, as a document and as a parameter in every region."""

    def __init__(self, settings: Settings, regions: Sequence[Region], providers: Mapping[str, aws.Provider]) -> None:
        super().__init__("federation", pulumi.ResourceOptions(providers=[providers[settings.home.name]]))
        self.topology = _topology(settings, regions)
        text = self.topology.apply(packed)
        for region in regions:
            place = place_of(settings, region.name)
            aws.ssm.Parameter(
                f"{region.name}-topology",
                name=place.topology_parameter,
                description="Regions, tables and keys of the stack, for clients that start in this region",
                type="String",
                value=text,
                opts=self.child(provider=providers[region.name]),
            )
        if settings.monitoring is not None:
            home = place_of(settings, settings.home.name)
            JoinedDashboard("dashboard", self.child(), settings=settings, place=home)
        self.done()


def packed(document: Mapping[str, Any]) -> str:
    """A topology document as the text of a parameter; the same document always gives the same text."""
    plain = json.dumps(document, separators=(",", ":")).encode()
    return ENCODING + base64.b64encode(gzip.compress(plain, mtime=0)).decode()


def _topology(settings: Settings, regions: Sequence[Region]) -> pulumi.Output[dict[str, Any]]:
    stack = pulumi.get_stack()

    def assemble(described: Sequence[Any]) -> dict[str, Any]:
        return Topology(
            stack=stack,
            home_region=settings.home.name,
            regions={region.name: region for region in described},
            failover=settings.runtime.failover,
        ).to_dict()

    return pulumi.Output.all(*(region.described() for region in regions)).apply(assemble)
