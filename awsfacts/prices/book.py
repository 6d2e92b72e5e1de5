"""The price file, read and asked."""

from __future__ import annotations

import functools
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

FILE = Path(__file__).with_name("prices.json")
"""The price file: key → unit, and per region the price in US dollars with its source; `global` has no region."""
STALE_DAYS = 180
"""A price seen longer ago than this is told about loudly: AWS changes prices a few times a year."""
GLOBAL = "global"
REFERENCE = "us-east-1"
"""Whose price is taken for a region that the file does not know; such a price is not confirmed."""


class UnknownPriceError(LookupError):
    """No region of the file has a price of that key."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where prices were read, and on which day."""

    name: str
    title: str
    url: str
    seen: date
    confirmed: bool
    """Whether the figure was read in a source that speaks for AWS's price list."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one unit costs in one region."""

    key: str
    unit: str
    region: str
    """The region that was asked for, or `global`."""
    usd: Decimal
    source: Source
    borrowed: bool = False
    """Whether the file does not know the region, and this is the price of us-east-1."""

    @property
    def confirmed(self) -> bool:
        """Whether the figure was read for this region."""
        return self.source.confirmed and not self.borrowed


@dataclass(frozen=True, kw_only=True)
class PriceBook:
    """All prices of one file."""

    document: Mapping[str, Any]

    @functools.cached_property
    def sources(self) -> Mapping[str, Source]:
        """Source by name."""
        return {
            name: Source(name=name, **(entry | {"seen": date.fromisoformat(entry["seen"])}))
            for name, entry in self.document["sources"].items()
        }

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, sorted."""
        return tuple(sorted(self.document["prices"]))

    def __contains__(self, key: str) -> bool:
        return key in self.document["prices"]

    def price(self, key: str, region: str) -> Price:
        """The price of a key in a region; a key without regions has one price everywhere.

        Raises:
            UnknownPriceError: the file has no such key.
        """
        entry = self.document["prices"].get(key)
        if entry is None:
            raise UnknownPriceError(f"{FILE.name}: no price of {key!r}")
        usd = entry["usd"]
        place = GLOBAL if GLOBAL in usd else region if region in usd else REFERENCE
        amount, source = usd[place]
        return Price(
            key=key,
            unit=entry["unit"],
            region=GLOBAL if place == GLOBAL else region,
            usd=Decimal(amount),
            source=self.sources[source],
            borrowed=place == REFERENCE and region != REFERENCE,
        )

    def usd(self, key: str, region: str) -> Decimal:
        """US dollars of one unit.

        Raises:
            UnknownPriceError: the file has no such key.
        """
        return self.price(key, region).usd


def warnings(prices: Iterable[Price], *, today: date) -> list[str]:
    """What a reader of a sum over these prices must know: which are not confirmed, and which are old."""
    used = {(price.key, price.region): price for price in prices}
    told = []
    doubtful = [price for price in used.values() if not price.confirmed]
    if doubtful:
        told.append(f"{len(doubtful)} of {len(used)} prices unconfirmed: {'; '.join(_named(doubtful, used.values()))}")
    borrowed = sorted({price.region for price in used.values() if price.borrowed})
    if borrowed:
        told.append(f"the price file does not know {', '.join(borrowed)}: prices of {REFERENCE} are taken")
    ages = {price.source.name: (today - price.source.seen).days for price in used.values()}
    for name, days in sorted(ages.items()):
        if days > STALE_DAYS:
            told.append(
                f"PRICES ARE OLD: those of {name} were seen {days} days ago (good for {STALE_DAYS}); "
                "write them anew: holdfast cost refresh"
            )
    return told


def _named(doubtful: Sequence[Price], used: Iterable[Price]) -> Iterator[str]:
    """The keys by region; a region of which more than one is used and none is confirmed is told as a whole."""
    counts = Counter(price.region for price in used)
    for region in sorted({price.region for price in doubtful}):
        keys = sorted(price.key for price in doubtful if price.region == region)
        whole = len(keys) == counts[region] > 1
        yield f"all {len(keys)} of {region}" if whole else f"in {region} {', '.join(keys)}"


def read(path: Path) -> PriceBook:
    """A price file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not a price file.
    """
    document = json.loads(path.read_text())
    if not isinstance(document, dict) or not {"sources", "prices"} <= document.keys():
        raise ValueError(f"{path}: not a price file: it has no sources and prices")
    return PriceBook(document=document)


@functools.cache
def current() -> PriceBook:
    """The price file of this version."""
    return read(FILE)
