"""Create and read an order with the blocking client: `python -m services.orders.examples.blocking`."""

from __future__ import annotations

import time

from holdfast import Client, scope
from holdfast.errors import ConditionalCheckFailedError, OutcomeUnknown
from services.orders import orders


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


def main() -> None:
    """Against the stack that HOLDFAST_TOPOLOGY names."""
    with Client() as client:
        item = create(client, "example")
        print(client.table("orders").get({"customer_id": "example", "order_id": item["order_id"]}))


if __name__ == "__main__":
    main()
