"""A new table like one that is in use: its keys, its indexes, its key of encryption, on demand."""

from __future__ import annotations

import time
from typing import Any

from ops.errors import OpsError

ACTIVE_SECONDS = 600.0
POLL_SECONDS = 0.2


def create_like(client: Any, table: str, target: str) -> None:
    """Make it, and wait until it takes items.

    Raises:
        OpsError: it is not active in time.
    """
    found = client.describe_table(TableName=table)["Table"]
    request: dict[str, Any] = {
        "TableName": target,
        "AttributeDefinitions": found["AttributeDefinitions"],
        "KeySchema": found["KeySchema"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if found.get(kind):
            wanted = ("IndexName", "KeySchema", "Projection")
            request[kind] = [{name: index[name] for name in wanted} for index in found[kind]]
    key = found.get("SSEDescription", {}).get("KMSMasterKeyArn")
    if key:
        request["SSESpecification"] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    client.create_table(**request)
    end = time.monotonic() + ACTIVE_SECONDS
    while client.describe_table(TableName=target)["Table"]["TableStatus"] != "ACTIVE":
        if time.monotonic() > end:
            raise OpsError(f"{target} is not active after {ACTIVE_SECONDS:g} s")
        time.sleep(POLL_SECONDS)
