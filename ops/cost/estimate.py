"""The estimate of a stack: each resource is priced under little, likely and much traffic."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from awsfacts.prices import UnknownPriceError, current
from ops.cost.model import Estimate, Line, Range, Traffic
from ops.cost.pricers import PRICERS, costs_nothing
from ops.cost.pricers.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from awsfacts.prices import PriceBook
    from ops.cost.resources import Resource
    from ops.cost.table_bill import Charge


def estimate(
    resources: Iterable[Resource], traffic: Traffic | None = None, *, book: PriceBook | None = None
) -> Estimate:
    """US dollars a month of these resources.

    Args:
        resources: made by `from_state`, `from_steps` or `after_preview`.
        traffic: what is assumed; the defaults of `holdfast:cost.usage` where it is None.
        book: the prices; those of this version where it is None.
    """
    book = book or current()
    assumed = traffic or Traffic()
    listed = list(resources)
    scenarios = [
        Surroundings(resources=listed, traffic=assumed.scaled(percent))
        for percent in (assumed.usage.low_percent, 100, assumed.usage.high_percent)
    ]
    lines: list[Line] = []
    unpriced: Counter[str] = Counter()
    for resource in listed:
        pricer = PRICERS.get(resource.type)
        if pricer is None:
            if not costs_nothing(resource.type):
                unpriced[resource.type] += 1
            continue
        try:
            lines += _lines(resource, [list(pricer(resource, around)) for around in scenarios], book)
        except UnknownPriceError:
            unpriced[f"{resource.type} ({resource.text('nodeType') or resource.text('name') or resource.name})"] += 1
    return Estimate(lines=tuple(lines), unpriced=dict(sorted(unpriced.items())))


def _lines(resource: Resource, scenarios: list[list[Charge]], book: PriceBook) -> list[Line]:
    """The charges of the three scenarios, side by side: a pricer gives the same ones whatever the traffic."""
    lines = []
    for charges in zip(*scenarios, strict=True):
        charge = charges[1]
        region = charge.region or resource.region
        price = book.price(charge.key, region)
        quantity = Range(*(one.quantity for one in charges))
        lines.append(
            Line(
                layer=resource.layer,
                region=region,
                resource=resource.name,
                what=charge.what,
                quantity=quantity,
                price=price,
                usd=Range(*(one.quantity * price.usd for one in charges)),
            )
        )
    return lines
