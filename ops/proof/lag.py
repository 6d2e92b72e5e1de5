"""Replication lag: an order is written in each region and read in each of the others."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from ops.load.measures import percentile

if TYPE_CHECKING:
    from ops.load.http import Http

POLL_SECONDS = 0.01
"""Between two reads of the other region; the resolution of the figure."""


async def measure(clients: dict[str, Http], *, run: str, samples: int, limit: float) -> dict[str, Any]:
    """Write `samples` orders in each region, and time until each other region's own replica shows them.

    Args:
        clients: region → client of its orders service.
        run: a name that keeps the orders of two runs apart.
        samples: orders per region.
        limit: seconds after which an order counts as not arrived.

    Returns:
        `pairs`: {from, to, samples, median_ms, max_ms} for each ordered pair; `faults`: what went wrong, as text.
    """
    seen: dict[tuple[str, str], list[float]] = {}
    faults: list[str] = []
    for sample in range(samples):
        for source in clients:
            faults += await _one(clients, source, customer(run, source, sample), seen, limit)
    pairs = [
        {
            "from": source,
            "to": target,
            "samples": len(values),
            "median_ms": round((percentile(values, 0.5) or 0.0) * 1000, 1),
            "max_ms": round(max(values) * 1000, 1),
        }
        for (source, target), values in seen.items()
    ]
    return {"pairs": pairs, "faults": faults}


def customer(run: str, region: str, sample: int) -> str:
    """The customer of one order of a measurement."""
    return f"lag-{run}-{region}-{sample}"


async def _one(
    clients: dict[str, Http],
    source: str,
    of: str,
    seen: dict[tuple[str, str], list[float]],
    limit: float,
) -> list[str]:
    answer = await clients[source].post("/orders", {"customer_id": of, "items": []})
    written = time.monotonic()
    if answer.status != 201:
        return [f"{source}: writing an order answered {answer.status}: {answer.body[:200]!r}"]
    served = answer.headers.get("x-holdfast-region")
    if served != source:
        return [f"{source}: its order was served by {served}, not by the region itself"]
    path = f"/orders/{of}/{answer.json()['order_id']}"
    others = [region for region in clients if region != source]
    arrivals = await asyncio.gather(*(_arrival(clients[region], region, path, written, limit) for region in others))
    faults = []
    for region, seconds in zip(others, arrivals, strict=True):
        if seconds is None:
            faults.append(f"{source} → {region}: an order was not readable within {limit:g} s")
        else:
            seen.setdefault((source, region), []).append(seconds)
    return faults


async def _arrival(client: Http, region: str, path: str, since: float, limit: float) -> float | None:
    while time.monotonic() - since < limit:
        answer = await client.get(path, {"region": region})
        if answer.status == 200:
            return time.monotonic() - since
        await asyncio.sleep(POLL_SECONDS)
    return None
