"""What a stack has once: the primaries of its keys and its home tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components.base.layer import Component
from components.base.place import Place
from components.data import HomeTables
from components.security import MultiRegionKeys

if TYPE_CHECKING:
    import pulumi_aws as aws

    from settings import Settings


class Foundation(Component):
    """Global things, and what regions replicate from."""

    def __init__(self, settings: Settings, provider: aws.Provider) -> None:
        super().__init__("foundation", pulumi.ResourceOptions(providers=[provider]))
        place = place_of(settings, settings.home.name)
        security, data = settings.security, settings.data
        self.keys = (
            MultiRegionKeys("keys", self.child(), settings=security.keys, place=place).outputs if security else None
        )
        self.tables = None
        if data is not None and self.keys is not None:
            self.tables = HomeTables(
                "tables", self.child(), data=data, settings=settings, key_arn=self.keys.data, place=place
            ).outputs
        self.done()


def place_of(settings: Settings, region: str) -> Place:
    """Where things of a region of this stack stand."""
    return Place(
        stack=pulumi.get_stack(),
        prefix=settings.stack.name_prefix,
        account_id=settings.stack.account_id,
        region=region,
        home_region=settings.home.name,
        protect=settings.stack.protect,
    )
