"""What an estimate is made of: lines of low, likely and high US dollars a month."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from settings.usage import TableUsageSettings, UsageSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsfacts.prices import Price

HOURS = Decimal(730)
"""Hours of a month, as AWS's own estimates have them."""
SECONDS = HOURS * 3600
"""Seconds of a month."""
ZERO = Decimal(0)
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, half a cent upwards, as bills are."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Range:
    """A figure under little, likely and much traffic."""

    low: Decimal = ZERO
    likely: Decimal = ZERO
    high: Decimal = ZERO

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def __sub__(self, other: Range) -> Range:
        return Range(self.low - other.low, self.likely - other.likely, self.high - other.high)

    @property
    def fixed(self) -> bool:
        """Whether traffic makes no difference."""
        return self.low == self.likely == self.high

    def to_dict(self) -> dict[str, float]:
        """Cents as JSON numbers."""
        return {"low": float(cents(self.low)), "likely": float(cents(self.likely)), "high": float(cents(self.high))}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that is paid for."""

    layer: str
    region: str
    resource: str
    """Name of the resource, as its URN ends."""
    what: str
    quantity: Range
    """Units a month."""
    price: Price
    usd: Range
    """US dollars a month."""

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "layer": self.layer,
            "region": self.region,
            "resource": self.resource,
            "what": self.what,
            "quantity": {name: float(getattr(self.quantity, name)) for name in ("low", "likely", "high")},
            "unit": self.price.unit,
            "unit_usd": str(self.price.usd),
            "confirmed": self.price.confirmed,
            "usd": self.usd.to_dict(),
        }


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """US dollars of a month by line."""

    lines: tuple[Line, ...]
    unpriced: Mapping[str, int] = field(default_factory=dict)
    """Resource types that may cost something and that the estimate cannot price → how many there are."""

    @property
    def total(self) -> Range:
        """All lines together."""
        return sum((line.usd for line in self.lines), Range())

    def by_place(self) -> dict[str, dict[str, Range]]:
        """Layer → region → US dollars a month, sorted."""
        found: dict[str, dict[str, Range]] = {}
        for line in sorted(self.lines, key=lambda line: (line.layer, line.region)):
            regions = found.setdefault(line.layer, {})
            regions[line.region] = regions.get(line.region, Range()) + line.usd
        return found

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        places = self.by_place()
        return {
            "currency": "USD",
            "total": self.total.to_dict(),
            "layers": {
                layer: {region: usd.to_dict() for region, usd in regions.items()} for layer, regions in places.items()
            },
            "unpriced": dict(self.unpriced),
            "lines": [line.to_dict() for line in self.lines],
        }


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The traffic that an estimate assumes; tables by physical name."""

    usage: UsageSettings = field(default_factory=UsageSettings)
    tables: Mapping[str, TableUsageSettings] = field(default_factory=dict)
    budget_usd: int | None = None
    """What the stack file allows a month."""

    def table(self, name: str) -> TableUsageSettings:
        """What a table is taken to do."""
        return self.tables.get(name, self.usage.table)

    def scaled(self, percent: int) -> Traffic:
        """All of it times a percentage; sizes of single things (an item, a response) stay."""
        share = percent / 100
        kept = {"low_percent", "high_percent", "table", "tables", "response_kb"}
        flows = {name: value * share for name, value in self.usage if name not in kept}
        usage = self.usage.model_copy(update=flows | {"table": _scaled(self.usage.table, share)})
        return Traffic(usage=usage, tables={name: _scaled(table, share) for name, table in self.tables.items()})


def _scaled(table: TableUsageSettings, share: float) -> TableUsageSettings:
    names = ("reads_per_second", "writes_per_second", "stored_gb")
    return table.model_copy(update={name: getattr(table, name) * share for name in names})
