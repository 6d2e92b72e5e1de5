"""`holdfast:regions`: where the stack runs, in order of preference after the home region."""

from __future__ import annotations

from pydantic import Field

from awsfacts import regions
from settings._base import Arn, Cidr, Frozen, RegionName

ZONES = 3
"""Availability zones of a region that a stack uses; DAX, Redis and EKS are placed over all of them."""


class RegionSettings(Frozen):
    """One region of a stack."""

    name: RegionName
    """Code of the region, for example `us-east-1`."""
    cidr: Cidr
    """Network of the region's VPC; networks of one stack do not overlap."""
    home: bool = False
    """Whether tables are created here and replicated from here. Exactly one region is home."""
    zones: tuple[str, ...] = Field((), max_length=ZONES)
    """Names of three availability zones; empty takes the first three that a new account sees."""
    deploy_role_arn: Arn | None = None
    """Role that the provider of this region assumes; None uses the caller's own identity."""

    @property
    def zone_names(self) -> tuple[str, ...]:
        """Names of the zones that are used."""
        known = regions.zones(self.name) if self.name in regions.REGIONS else ()
        return self.zones or known[:ZONES]
