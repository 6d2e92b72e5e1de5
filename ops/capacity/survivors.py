"""When a region is lost: what each survivor must take, what it can take, and what closing the gap costs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from awsfacts.limits import WARM_READ_UNITS, WARM_WRITE_UNITS
from ops.capacity.choices import WAYS
from ops.capacity.load import peak
from ops.cost.model import cents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from awsfacts.prices import PriceBook
    from ops.capacity.load import Load, Place
    from ops.capacity.quotas import Quotas
    from settings.data import TableSettings


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a table takes at once in each region, in units a second."""

    warm: Mapping[str, float]
    """By way."""
    ceiling: Mapping[str, float | None]
    """Autoscaling's maximum, or the ceiling of an on-demand table, by way; None where the quota alone bounds it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One survivor of one loss, for one way of one table or index."""

    lost: str
    place: Place
    way: Literal["read", "write"]
    needed: float
    """Units a second: its own peak and that of the lost region."""
    limits: Mapping[str, float]
    """`warm throughput`, `quota` and `maximum` → units a second."""
    usd: Decimal
    """What closing the gap costs once, in US dollars."""

    @property
    def short(self) -> dict[str, float]:
        """Limit → how many units a second are missing."""
        return {name: self.needed - limit for name, limit in self.limits.items() if limit < self.needed}

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "lost": self.lost,
            "survivor": self.place.region,
            "table": self.place.table,
            "index": self.place.index or None,
            "way": self.way,
            "needed": round(self.needed, 2),
            "limits": dict(self.limits),
            "short": {name: round(units, 2) for name, units in self.short.items()},
            "usd": float(cents(self.usd)),
        }


def limits_of(table: TableSettings) -> Limits:
    """What the stack file says a table takes."""
    warm = table.warm_throughput
    scaling, ceilings = table.provisioned, table.ceilings
    ceiling: dict[str, float | None] = {"read": None, "write": None}
    if scaling is not None:
        ceiling = {"read": float(scaling.read.maximum), "write": float(scaling.write.maximum)}
    elif ceilings is not None:
        ceiling = {"read": float(ceilings.read_units), "write": float(ceilings.write_units)}
    return Limits(
        warm={
            "read": float(warm.read_units if warm else WARM_READ_UNITS),
            "write": float(warm.write_units if warm else WARM_WRITE_UNITS),
        },
        ceiling=ceiling,
    )


def survivors(
    loads: Mapping[Place, Load], limits: Mapping[str, Limits], book: PriceBook, quotas: Quotas
) -> Iterator[Row]:
    """A row for each lost region, survivor, table or index, and way.

    Each survivor is taken to receive all the reads of the lost region: names and clients move to one region, and it
    may be this one. Writes are replicated to every region already, so a survivor's own writes hold those of the lost
    one; they only move.
    """
    for lost in sorted({place.region for place in loads}):
        for place, load in sorted(loads.items()):
            gone = next(
                (
                    one
                    for where, one in loads.items()
                    if where.region == lost and (where.table, where.index) == (place.table, place.index)
                ),
                None,
            )
            table = limits.get(place.table)
            if place.region == lost or gone is None or table is None:
                continue
            for way in WAYS:
                own = peak(load.way(way))
                needed = own + peak(gone.way(way)) if way == "read" else max(own, peak(gone.way(way)))
                usd = max(needed - table.warm[way], 0.0)
                quota = quotas.of(place.region, way)
                bound = table.ceiling[way]
                maximum = quota if bound is None else bound
                yield Row(
                    lost=lost,
                    place=place,
                    way=way,
                    needed=needed,
                    limits={"warm throughput": table.warm[way], "quota": quota, "maximum": maximum},
                    usd=Decimal(usd) * book.usd(f"dynamodb.provisioned.{way}", place.region),
                )
