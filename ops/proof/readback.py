"""Reading back: every acknowledged order, in every region, from that region's own replica."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ops.load.history import Attempt
    from ops.load.http import Http

PAGE = 1000
RETRY_SECONDS = 0.1

Expected = dict[str, dict[str, int]]
"""Customer → order id → number of the order in the run."""


def expected(acknowledged: Iterable[Attempt]) -> Expected:
    """What must be at rest in every region."""
    orders: Expected = {}
    for attempt in acknowledged:
        if attempt.order_id is not None:
            orders.setdefault(attempt.customer, {})[attempt.order_id] = attempt.order
    return orders


async def verify(clients: dict[str, Http], orders: Expected, *, limit: float) -> dict[str, Any]:
    """Read all of `orders` back in each region, again until complete or `limit` seconds are over.

    Returns:
        region → {read, missing: order ids, altered: order ids, seconds until complete}
    """
    results = await asyncio.gather(*(_region(client, name, orders, limit) for name, client in clients.items()))
    return dict(zip(clients, results, strict=True))


async def _region(client: Http, region: str, orders: Expected, limit: float) -> dict[str, Any]:
    start = time.monotonic()
    open_customers = dict(orders)
    missing: dict[str, list[str]] = {}
    altered: list[str] = []
    read = 0
    while open_customers:
        for customer, wanted in list(open_customers.items()):
            found = await _orders_of(client, region, customer)
            missing[customer] = sorted(wanted.keys() - found.keys())
            if not missing[customer]:
                read += len(wanted)
                altered += [order for order, number in wanted.items() if found[order] != number]
                del open_customers[customer], missing[customer]
        if time.monotonic() - start > limit:
            break
        if open_customers:
            await asyncio.sleep(RETRY_SECONDS)
    read += sum(len(open_customers[customer]) - len(gone) for customer, gone in missing.items())
    return {
        "read": read,
        "missing": sorted(order for gone in missing.values() for order in gone),
        "altered": sorted(altered),
        "seconds": round(time.monotonic() - start, 3),
    }


async def _orders_of(client: Http, region: str, customer: str) -> dict[str, int | None]:
    """Order id → number, of all pages; empty where the region does not answer (the caller asks again)."""
    found: dict[str, int | None] = {}
    params = {"region": region, "limit": str(PAGE)}
    while True:
        answer = await client.get(f"/orders/{customer}", params)
        if answer.status != 200:
            return found
        page = answer.json()
        found |= {order["order_id"]: order.get("number") for order in page["orders"]}
        if not page.get("next"):
            return found
        params["next"] = page["next"]
