"""An order's life with the blocking client: `python -m services.orders.examples.blocking`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from holdfast import Client, scope
from holdfast.errors import ConditionalCheckFailedError, OutcomeUnknown
from services.orders import orders

if TYPE_CHECKING:
    from collections.abc import Iterator


def create(client: Client, customer_id: str) -> orders.Item:
    """Store an order within two seconds, whatever happens; find out what became of it when nobody said."""
    item = orders.new_order({"customer_id": customer_id, "items": []}, now_ms=time.time_ns() // 1_000_000)
    table = client.table("orders")
    try:
        with scope(timeout=2.0):
            table.put(item, condition=orders.NOT_THERE_YET)
    except OutcomeUnknown as error:
        if not error.resolve().applied:
            raise
    except ConditionalCheckFailedError:
        print("an order of this id is there already")
        raise
    return item


def confirm(client: Client, order: orders.Item) -> orders.Item:
    """Confirm an order that is still pending; of two who do so one is refused."""
    result = client.table("orders").update(
        {"customer_id": order["customer_id"], "order_id": order["order_id"]},
        "SET #status = :confirmed",
        condition="#status = :pending",
        names={"#status": "status"},  # a reserved word
        values={":confirmed": "confirmed", ":pending": "pending"},
        return_values="ALL_NEW",
    )
    return dict(result.attributes or {})


def newest(client: Client, customer_id: str, *, page: int = 20) -> Iterator[dict[str, Any]]:
    """A customer's orders, newest first, fetched page by page as they are asked for."""
    return iter(
        client.table("orders").query(
            "customer_id = :customer", values={":customer": customer_id}, scan_index_forward=False, limit=page
        )
    )


def main() -> None:
    """Against the stack that HOLDFAST_TOPOLOGY names."""
    with Client() as client:
        print(confirm(client, create(client, "example"))["status"])
        print(next(newest(client, "example"))["order_id"])


if __name__ == "__main__":
    main()
