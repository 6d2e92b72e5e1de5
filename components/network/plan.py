"""How the network of a region is divided, as plain data."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

Tier = Literal["public", "application", "data"]
TIERS: tuple[Tier, ...] = ("public", "application", "data")


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """One subnet: a tier in a zone."""

    tier: Tier
    zone: str
    cidr: str

    @property
    def zone_letter(self) -> str:
        """The letter of the zone, which names the subnet."""
        return self.zone[-1]


def subnets(cidr: str, zones: tuple[str, ...]) -> tuple[SubnetPlan, ...]:
    """Divide a network over tiers and zones.

    Each application subnet takes a quarter, because pods take addresses of their own; the last quarter is divided
    into sixteenths, of which the first four are for public and the next four for data subnets.
    """
    quarters = list(ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=2))
    small = list(quarters[3].subnets(prefixlen_diff=4))
    blocks = {"public": small[0:4], "application": quarters[0:3], "data": small[4:8]}
    return tuple(
        SubnetPlan(tier=tier, zone=zone, cidr=str(blocks[tier][position]))
        for tier in TIERS
        for position, zone in enumerate(zones)
    )
