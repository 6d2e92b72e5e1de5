"""Taking the orders of a load away again, from a stack that serves others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ops.estate.access import Estate

TABLE = "orders"
"""Logical name of the table that the orders service writes."""
BATCH = 25
"""Most items of one BatchWriteItem."""


def delete(estate: Estate, customers: Iterable[str]) -> int:
    """Delete every order of the customers; says how many there were."""
    table = estate.topology.home.tables[TABLE]
    client = estate.client("dynamodb", estate.topology.home_region)
    names = [table.partition_key.name, *([table.sort_key.name] if table.sort_key else [])]
    placeholders = {f"#{index}": name for index, name in enumerate(names)}
    deleted = 0
    for customer in sorted(customers):
        pages = client.get_paginator("query").paginate(
            TableName=table.name,
            KeyConditionExpression="#0 = :customer",
            ExpressionAttributeNames=placeholders,
            ExpressionAttributeValues={":customer": {"S": customer}},
            ProjectionExpression=", ".join(placeholders),
        )
        keys = [key for page in pages for key in page["Items"]]
        for start in range(0, len(keys), BATCH):
            waiting = {table.name: [{"DeleteRequest": {"Key": key}} for key in keys[start : start + BATCH]]}
            while waiting:
                waiting = client.batch_write_item(RequestItems=waiting).get("UnprocessedItems", {})
        deleted += len(keys)
    return deleted
