"""Dated prices of what the stacks create: `current()` reads `prices.json`; each price names its source and its day.

List prices in US dollars without tax, free tiers or discounts of volume. A price whose source could not be read when
it was written down is not confirmed, and whoever shows a sum says how many of its prices are not.
"""

from awsfacts.prices.book import FILE, STALE_DAYS, Price, PriceBook, Source, UnknownPriceError, current, read, warnings

__all__ = ["FILE", "STALE_DAYS", "Price", "PriceBook", "Source", "UnknownPriceError", "current", "read", "warnings"]
