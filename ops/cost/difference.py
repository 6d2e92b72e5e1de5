"""The difference that a change makes to an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.cost.model import Estimate, Range, cents

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a change adds to the bill of a month; what it saves is negative."""

    before: Range
    after: Range
    places: Mapping[tuple[str, str], Range]
    """(layer, region) → difference, only where there is one."""
    resources: Mapping[tuple[str, str, str], Range]
    """(layer, region, resource) → difference, only where there is one; the largest first."""
    unpriced: Mapping[str, int]
    """Types that the change adds and that the estimate cannot price → how many more there are."""

    @property
    def total(self) -> Range:
        """The difference of the totals."""
        return self.after - self.before

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "currency": "USD",
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "difference": self.total.to_dict(),
            "places": [
                {"layer": layer, "region": region, "usd": usd.to_dict()} for (layer, region), usd in self.places.items()
            ],
            "resources": [
                {"layer": layer, "region": region, "resource": name, "usd": usd.to_dict()}
                for (layer, region, name), usd in self.resources.items()
            ],
            "unpriced": dict(self.unpriced),
        }


def difference(before: Estimate, after: Estimate) -> Difference:
    """What changes from one estimate to the other; both should assume the same traffic."""
    places = _summed(after, 2, before)
    resources = _summed(after, 3, before)
    more = {kind: count - before.unpriced.get(kind, 0) for kind, count in after.unpriced.items()}
    return Difference(
        before=before.total,
        after=after.total,
        places={(key[0], key[1]): usd for key, usd in sorted(places.items())},
        resources={
            (key[0], key[1], key[2]): usd
            for key, usd in sorted(resources.items(), key=lambda pair: (-abs(pair[1].likely), pair[0]))
        },
        unpriced={kind: count for kind, count in more.items() if count > 0},
    )


def _summed(after: Estimate, depth: int, before: Estimate) -> dict[tuple[str, ...], Range]:
    found: dict[tuple[str, ...], Range] = {}
    for estimate, add in ((after, True), (before, False)):
        for line in estimate.lines:
            key = (line.layer, line.region, line.resource)[:depth]
            held = found.get(key, Range())
            found[key] = held + line.usd if add else held - line.usd
    return {key: usd for key, usd in found.items() if any(cents(part) for part in (usd.low, usd.likely, usd.high))}
