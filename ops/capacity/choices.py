"""What each way of paying for a table's throughput would have cost a month: on demand, provisioned, reserved."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from ops.capacity.load import Load, Place, average, peak
from ops.capacity.simulate import Rule, play
from ops.cost.model import HOURS, SECONDS, Range, cents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsfacts.prices import Price, PriceBook

Way = Literal["read", "write"]
WAYS: tuple[Way, Way] = ("read", "write")
TERMS = ("1y", "3y")
HEADROOM = 2.0
"""A maximum is this many times the largest load over the target, so that a busier month still fits."""
BLOCK = 100
"""Reserved capacity is sold by the hundred units."""
THROTTLED = 0.001
"""A mode under which more than this share of the units is throttled is no choice, however cheap it is."""
WORTH = Decimal("0.1")
"""A change of mode that saves less than this share is not worth making: the load of next month is not that of last."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the stack says of a table."""

    replicated: bool
    infrequent: bool
    target_percent: float = 70
    cooldown_seconds: float = 60
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Way → minimum and maximum of autoscaling, where the table has it already."""

    def key(self, name: str) -> str:
        """The price key in the table's class."""
        return f"dynamodb.ia.{name}" if self.infrequent else f"dynamodb.{name}"


@dataclass(frozen=True, kw_only=True)
class Provision:
    """Autoscaling that fits a load."""

    initial: int
    minimum: int
    maximum: int


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way of paying for one place, in US dollars a month."""

    place: Place
    mode: str
    """`on-demand`, `provisioned`, `reserved 1y` or `reserved 3y`."""
    usd: Range
    throttled: float = 0.0
    """Share of units that autoscaling would have throttled under the likely load."""
    reserved: Mapping[str, int] | None = None
    """Units to reserve, by way."""

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "table": self.place.table,
            "index": self.place.index or None,
            "region": self.place.region,
            "mode": self.mode,
            "usd": self.usd.to_dict(),
            "throttled": round(self.throttled, 6),
            "reserved": None if self.reserved is None else dict(self.reserved),
        }


def spread(loads: Mapping[Place, Load]) -> tuple[float, float]:
    """The quietest and the busiest day over the mean day, of all tables together; 0.5 and 2 of less than two days."""
    if not loads:
        return 0.5, 2.0
    some = next(iter(loads.values()))
    a_day = max(int(86_400 // some.interval), 1)
    length = min(len(load.read) for load in loads.values())
    days = [
        sum(sum(load.read[at : at + a_day]) + sum(load.write[at : at + a_day]) for load in loads.values())
        for at in range(0, length - a_day + 1, a_day)
    ]
    mean = average(days)
    if len(days) < 2 or mean == 0:
        return 0.5, 2.0
    return min(days) / mean, max(days) / mean


def provision(units: Sequence[float], target_percent: float) -> Provision:
    """Autoscaling for a load: from its quiet hours to twice its peak."""
    target = target_percent / 100
    quiet = sorted(units)[len(units) // 20] if units else 0.0
    least = max(int(quiet / target), 1)
    most = max(int(peak(units) / target * HEADROOM) + 1, least)
    return Provision(initial=min(max(int(average(units) / target) + 1, least), most), minimum=least, maximum=most)


def choices(place: Place, load: Load, facts: Facts, book: PriceBook, shares: tuple[float, float]) -> list[Choice]:
    """Every way of paying for this place, on demand first."""
    scenarios = [load.times(share) for share in (shares[0], 1.0, shares[1])]
    played = {
        way: [
            play(one.way(way), one.interval, _rule(load, way, facts, slack=20 if number == 2 else 0))
            for number, one in enumerate(scenarios)
        ]
        for way in WAYS
    }
    requests = [Decimal(0)] * 3
    capacity = [Decimal(0)] * 3
    for way in WAYS:
        request, hour = (_price(book, place, facts, mode, way).usd for mode in ("on-demand", "provisioned"))
        for number, one in enumerate(scenarios):
            requests[number] += Decimal(average(one.way(way))) * SECONDS * request
            capacity[number] += Decimal(played[way][number].average) * HOURS * hour
    lost = max(played[way][1].throttled for way in WAYS)
    found = [
        Choice(place=place, mode="on-demand", usd=Range(*requests)),
        Choice(place=place, mode="provisioned", usd=Range(*capacity), throttled=lost),
    ]
    if facts.infrequent:
        return found
    for term in TERMS:
        reserved: dict[str, int] = {
            way: int(min(played[way][1].capacity, default=0.0) // BLOCK * BLOCK)
            for way in WAYS
            if way == "read" or place.index or not facts.replicated
        }
        if any(reserved.values()):
            saved = sum(
                (_reserving(book, place.region, term, way, units) for way, units in reserved.items()), Decimal(0)
            )
            usd = Range(*(amount + saved for amount in capacity))
            found.append(Choice(place=place, mode=f"reserved {term}", usd=usd, throttled=lost, reserved=reserved))
    return found


def _rule(load: Load, way: Way, facts: Facts, *, slack: float) -> Rule:
    fit = provision(load.way(way), facts.target_percent)
    least, most = facts.bounds.get(way, (fit.minimum, fit.maximum))
    return Rule(
        minimum=least,
        maximum=most,
        target_percent=facts.target_percent,
        cooldown_seconds=facts.cooldown_seconds,
        slack_points=slack,
    )


def _price(book: PriceBook, place: Place, facts: Facts, mode: str, way: Way) -> Price:
    """Writes of a replicated table are replicated ones; those of its indexes are ordinary."""
    replicated = way == "write" and facts.replicated and not place.index
    return book.price(facts.key(f"{mode}.{'replicated-write' if replicated else way}"), place.region)


def _reserving(book: PriceBook, region: str, term: str, way: str, units: int) -> Decimal:
    """What reserving so many units adds to the bill of a month: its price, less the capacity that it pays for."""
    blocks = Decimal(units) / BLOCK
    months = 12 if term == "1y" else 36
    upfront = book.usd(f"dynamodb.reserved.{term}.{way}.upfront", region) / months
    hourly = book.usd(f"dynamodb.reserved.{term}.{way}.hour", region) * HOURS
    return blocks * (upfront + hourly) - Decimal(units) * HOURS * book.usd(f"dynamodb.provisioned.{way}", region)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a table should be: a table has one mode, in all its regions and for all its indexes."""

    table: str
    now: str
    usd: Mapping[str, Range]
    """Mode → US dollars a month, all regions and indexes together."""
    best: str
    throttled: float

    @property
    def saves(self) -> Decimal:
        """Likely US dollars a month that the best mode saves."""
        return cents(self.usd[self.now].likely - self.usd[self.best].likely)

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "table": self.table,
            "now": self.now,
            "best": self.best,
            "saves_usd": float(self.saves),
            "throttled": round(self.throttled, 6),
            "usd": {mode: usd.to_dict() for mode, usd in self.usd.items()},
        }


def verdict(table: str, now: str, found: Sequence[Choice]) -> Verdict:
    """Compare the modes of a table.

    A reservation counts for the places that have one; the others stay provisioned. A mode is better only where it
    saves a tenth of the bill under the likely load, or where the mode of now throttles.
    """
    by_place: dict[Place, dict[str, Choice]] = {}
    for one in found:
        by_place.setdefault(one.place, {})[one.mode] = one
    modes = ["on-demand", "provisioned", *(f"reserved {term}" for term in TERMS)]
    usd = {
        mode: sum(
            ((options.get(mode) or options["provisioned"]).usd for options in by_place.values()),
            Range(),
        )
        for mode in modes
        if mode in ("on-demand", "provisioned") or any(mode in options for options in by_place.values())
    }
    throttled = max((one.throttled for one in found if one.mode == "provisioned"), default=0.0)
    served = [mode for mode in usd if mode == "on-demand" or throttled <= THROTTLED]
    worth = usd[now].likely * (1 - WORTH)
    better = [mode for mode in served if mode != now and (usd[mode].likely < worth or now not in served)]
    best = min(better, key=lambda mode: usd[mode].likely, default=now)
    return Verdict(table=table, now=now, usd=usd, best=best, throttled=throttled)
