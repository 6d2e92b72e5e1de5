"""What the clients and the orders service of this product publish themselves.

`Application/DynamoDB` comes from the client, `Application/Orders` from the orders service, both through the embedded
metric format or PutMetricData.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsfacts.metrics.series import Series

PUBLISHED: Mapping[str, Series] = {
    "Application/DynamoDB": ((("Operation Table",), "OperationDuration SuccessCount ErrorCount ConsumedCapacity"),),
    "Application/Orders": ((("Service",), "OrdersCreated ActiveUsers TransactionsAttempted TransactionsCommitted"),),
}
"""Namespace → series."""
