"""The account's quota of a table in each region: asked where a stack runs, else AWS's default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from awsfacts.limits import TABLE_THROUGHPUT_QUOTA
from ops.estate.reach import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.estate.access import Estate

NAMES = {"read": "TableMaxReadCapacityUnits", "write": "TableMaxWriteCapacityUnits"}
"""Way → its name in what DynamoDB's `DescribeLimits` answers."""


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """Units a second that one table may take in a region."""

    asked: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Region and way → what the account has."""
    unknown: tuple[str, ...] = ()
    """`region: why`."""
    by_file: bool = True
    """Whether nobody was asked, because the history came from a file."""

    def of(self, region: str, way: str) -> float:
        """The quota, AWS's default where it is not known."""
        return self.asked.get((region, way), float(TABLE_THROUGHPUT_QUOTA))

    @property
    def told(self) -> str:
        """What the quotas rest on."""
        default = f"AWS's default of {TABLE_THROUGHPUT_QUOTA:,} units a second is assumed as the quota of a table"
        if self.by_file:
            return f"{default}: with a file no account is asked"
        if not self.asked:
            return f"{default}: no region told its own"
        answered = "the quota of a table is what DynamoDB answers for the account in each region"
        without = ", ".join(one.partition(":")[0] for one in self.unknown)
        return f"{answered}; for {without} {default}" if without else answered

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        regions = sorted({region for region, _ in self.asked})
        return {region: {way: self.of(region, way) for way in NAMES} for region in regions}


def quotas(estate: Estate) -> Quotas:
    """Ask DynamoDB in every region at once; a region that does not answer keeps the default, and is named."""
    found: dict[tuple[str, str], float] = {}
    unknown: dict[str, str] = {}
    for answer in ask(estate.regions, lambda region: _limits(estate, region)):
        if answer.value is None:
            unknown[answer.region] = answer.fault
            continue
        for way, units in answer.value.items():
            found[answer.region, way] = units
    return Quotas(
        asked=found,
        unknown=tuple(f"{region}: {unknown[region]}" for region in estate.regions if region in unknown),
        by_file=False,
    )


def _limits(estate: Estate, region: str) -> dict[str, float]:
    limits = estate.client("dynamodb", region).describe_limits()
    return {way: float(limits[name]) for way, name in NAMES.items()}
