"""Probing a region: an item written and read back, and the time until the other regions show it."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.estate.reach import ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.estate.access import Estate

LIFETIME_SECONDS = 3600
"""After which TTL removes a probe's item."""
POLL_SECONDS = 0.01


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What a region did with a write, a read, and the replication of both."""

    region: str
    write_ms: float
    read_ms: float
    lag_ms: Mapping[str, float | None] = field(default_factory=dict)
    """Other region → milliseconds from the write until its own replica showed it; None where it did not in time."""


def probe(estate: Estate, region: str, others: Sequence[str], *, limit: float) -> Probe:
    """Write an item of the control table in a region, read it back, and wait for it in the others.

    Args:
        estate: the stack.
        region: where to write.
        others: where to look for it; those that are known to answer.
        limit: seconds to wait for it there.

    Raises:
        Exception: the region does not answer, as botocore says it.
    """
    table, key = estate.control_table, {"scope": {"S": f"status#{uuid.uuid4().hex}"}}
    item = {**key, "expires_at": {"N": str(int(time.time()) + LIFETIME_SECONDS)}}
    client = estate.client("dynamodb", region)
    started = time.monotonic()
    client.put_item(TableName=table, Item=item)
    written = time.monotonic()
    client.get_item(TableName=table, Key=key, ConsistentRead=True)
    read = time.monotonic()
    arrivals = {
        answer.region: answer.value for answer in ask(others, lambda name: _seen(estate, name, key, written, limit))
    }
    return Probe(
        region=region,
        write_ms=round((written - started) * 1000, 1),
        read_ms=round((read - written) * 1000, 1),
        lag_ms={name: arrivals.get(name) for name in others},
    )


def _seen(estate: Estate, region: str, key: dict[str, Any], since: float, limit: float) -> float | None:
    client, table = estate.client("dynamodb", region), estate.control_table
    while (waited := time.monotonic() - since) < limit:
        if "Item" in client.get_item(TableName=table, Key=key, ConsistentRead=True):
            return round(waited * 1000, 1)
        time.sleep(POLL_SECONDS)
    return None
