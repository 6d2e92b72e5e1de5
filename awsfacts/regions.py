"""Regions of the aws partition: their zones and the sets in which DynamoDB is strongly consistent.

Sources: the AWS general reference "Regions and Zones" (codes and zone letters) and the DynamoDB developer guide
"Multi-Region strong consistency" (region sets), both as of November 2026. Zone letters are what a new account sees;
an account whose letters differ names its zones in `holdfast:regions`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTITION = "aws"
"""The partition that this product deploys to; ARNs begin with it."""

_ZONE_LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "af-south-1": "abc",
        "ap-east-1": "abc",
        "ap-east-2": "abc",
        "ap-northeast-1": "acd",
        "ap-northeast-2": "abcd",
        "ap-northeast-3": "abc",
        "ap-south-1": "abc",
        "ap-south-2": "abc",
        "ap-southeast-1": "abc",
        "ap-southeast-2": "abc",
        "ap-southeast-3": "abc",
        "ap-southeast-4": "abc",
        "ap-southeast-5": "abc",
        "ap-southeast-6": "abc",
        "ap-southeast-7": "abc",
        "ca-central-1": "abd",
        "ca-west-1": "abc",
        "eu-central-1": "abc",
        "eu-central-2": "abc",
        "eu-north-1": "abc",
        "eu-south-1": "abc",
        "eu-south-2": "abc",
        "eu-west-1": "abc",
        "eu-west-2": "abc",
        "eu-west-3": "abc",
        "il-central-1": "abc",
        "me-central-1": "abc",
        "me-south-1": "abc",
        "mx-central-1": "abc",
        "sa-east-1": "abc",
        "us-east-1": "abcdef",
        "us-east-2": "abc",
        "us-west-1": "ac",
        "us-west-2": "abcd",
    }
)

REGIONS: frozenset[str] = frozenset(_ZONE_LETTERS)
"""Codes of the regions of the aws partition."""

STRONG_CONSISTENCY_SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "US": ("us-east-1", "us-east-2", "us-west-2"),
        "EU": ("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"),
        "AP": ("ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    }
)
"""Region sets of DynamoDB multi-Region strong consistency: all replicas (and a witness) lie in one of them."""


def zones(region: str) -> tuple[str, ...]:
    """Names of the availability zones of a region, in order, for example `us-east-1a`.

    Raises:
        KeyError: the region is not in `REGIONS`.
    """
    return tuple(f"{region}{letter}" for letter in _ZONE_LETTERS[region])


def strong_consistency_set(region: str) -> tuple[str, ...]:
    """The regions among which a strongly consistent global table of this region may have replicas; empty if none."""
    return next((members for members in STRONG_CONSISTENCY_SETS.values() if region in members), ())
