"""The same with the asyncio client, and a session that reads what it wrote: `python -m …examples.asynchronous`."""

from __future__ import annotations

import asyncio
import time

from holdfast import AsyncClient, scope
from holdfast.errors import ConditionalCheckFailedError
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


async def cancel(client: AsyncClient, customer_id: str, *, at_once: int = 8) -> int:
    """Cancel all that is pending of a customer, some orders at a time. Returns how many were; others won the rest."""
    table = client.table("orders")
    turn = asyncio.Semaphore(at_once)

    async def one(order: orders.Item) -> bool:
        key = {"customer_id": order["customer_id"], "order_id": order["order_id"]}
        async with turn:
            try:
                await table.update(
                    key,
                    "SET #status = :cancelled",
                    condition="#status = :pending",
                    names={"#status": "status"},
                    values={":cancelled": "cancelled", ":pending": "pending"},
                )
            except ConditionalCheckFailedError:
                return False
        return True

    found = table.query("customer_id = :customer", values={":customer": customer_id}, consistent=True)
    return sum(await asyncio.gather(*[one(order) async for order in found]))


async def main() -> None:
    """Against the stack that HOLDFAST_TOPOLOGY names."""
    async with AsyncClient() as client:
        for order in await create_and_read(client, "example"):
            print(order)
        print(await cancel(client, "example"), "cancelled")


if __name__ == "__main__":
    asyncio.run(main())
