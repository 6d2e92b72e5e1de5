"""The same with the asyncio client, and a session that reads what it wrote: `python -m …examples.asynchronous`."""

from __future__ import annotations

import asyncio
import time

from holdfast import AsyncClient, scope
from holdfast.resilience import Session
from services.orders import orders


async def create_and_read(client: AsyncClient, customer_id: str) -> list[orders.Item | None]:
    """Store ten orders at once, and read them back; in the session even a failover does not show an older state."""
    table = client.table("orders")
    now_ms = time.time_ns() // 1_000_000
    items = [
        {**orders.new_order({"customer_id": customer_id, "items": []}, now_ms=now_ms), "version": 1} for _ in range(10)
    ]
    with scope(session=Session("version"), timeout=5.0):
        await asyncio.gather(*(table.put(item, condition=orders.NOT_THERE_YET) for item in items))
        keys = [{"customer_id": item["customer_id"], "order_id": item["order_id"]} for item in items]
        return await asyncio.gather(*(table.get(key) for key in keys))


async def main() -> None:
    """Against the stack that HOLDFAST_TOPOLOGY names."""
    async with AsyncClient() as client:
        for order in await create_and_read(client, "example"):
            print(order)


if __name__ == "__main__":
    asyncio.run(main())
