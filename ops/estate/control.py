"""The control table: evacuation flags, written by operators, read by every client and by deep health.

Data planes only: a flag is an item of a global table. It is written in a region that is not being left, and
reaches the others by replication.
"""

from __future__ import annotations

import getpass
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdfast.resilience.flags import Flag, scope_of
from ops.errors import OpsError
from ops.estate.reach import ask
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.estate.access import Estate

ARRIVAL_POLL_SECONDS = 0.02
PATIENCE_SECONDS = 1.0
"""A flag is written although a region is silent, which is why it is written: so much later than the first region may
another answer and still be asked for the flags that it knows."""


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A flag that was written: where, and when each other region had it."""

    flag: Flag
    written_in: str
    arrived_seconds: Mapping[str, float | None]
    """Region → seconds from the write until its own replica showed the flag; None where it did not in time."""


def operator() -> str:
    """Who is at work, for the record."""
    return os.environ.get("HOLDFAST_OPERATOR") or f"{getpass.getuser()}@{socket.gethostname()}"


def read_flags(estate: Estate, *, patience: float | None = None) -> dict[str, dict[str, Flag] | str]:
    """Region → its replica's flags by the region they speak of, or the reason why it did not answer.

    `patience` is how many seconds a region may be later than the first; None waits for each.
    """
    answers = ask(estate.regions, lambda name: flags_in(estate, name), patience=patience)
    return {answer.region: answer.fault if answer.value is None else answer.value for answer in answers}


def flags_in(estate: Estate, region: str) -> dict[str, Flag]:
    """The flags as one region's replica shows them, by the region they speak of.

    Raises:
        Exception: the region does not answer, as botocore says it.
    """
    table = estate.control_table
    keys = [{"scope": {"S": scope_of(name)}} for name in estate.regions]
    request = {table: {"Keys": keys, "ConsistentRead": True}}
    reply = estate.client("dynamodb", region).batch_get_item(RequestItems=request)
    flags = map(Flag.from_wire, reply["Responses"].get(table, []))
    return {flag.region: flag for flag in flags if flag is not None}


def newest(seen: Mapping[str, dict[str, Flag] | str], region: str) -> Flag | None:
    """The flag of a region with the highest epoch that any replica shows."""
    flags = [flags[region] for flags in seen.values() if isinstance(flags, dict) and region in flags]
    return max(flags, key=lambda flag: flag.epoch, default=None)


def raise_flag(
    estate: Estate,
    region: str,
    *,
    evacuated: bool,
    reason: str,
    minutes: float | None = None,
    wait_seconds: float = 10.0,
) -> Raised:
    """Tell every client to leave a region, or that it may be used again, and watch the word arrive.

    Args:
        estate: the stack.
        region: the region to leave or use again.
        evacuated: True to leave it.
        reason: for the record, and for whom deep health tells it.
        minutes: after which the flag says nothing; None is for good.
        wait_seconds: how long to wait for the other replicas to show it.

    Raises:
        OpsError: no other region answers, or another operator changed the flag at the same moment.
    """
    seen = read_flags(estate, patience=PATIENCE_SECONDS)
    writer = _writer(estate, seen, region)
    now = time.time()
    known = newest(seen, region)
    flag = Flag(
        region=region,
        evacuated=evacuated,
        epoch=(known.epoch if known else 0) + 1,
        reason=reason,
        by=operator(),
        at=now,
        expires=None if minutes is None else now + minutes * 60,
    )
    _put(estate, writer, flag)
    started = time.monotonic()
    reachable = [name for name, flags in seen.items() if isinstance(flags, dict) and name != writer]
    arrived = {
        answer.region: answer.value
        for answer in ask(reachable, lambda name: _arrival(estate, name, flag, started, wait_seconds))
    }
    return Raised(flag=flag, written_in=writer, arrived_seconds=arrived)


def _writer(estate: Estate, seen: Mapping[str, dict[str, Flag] | str], region: str) -> str:
    """Where the flag is written: the first region that answers, the one it speaks of last."""
    order = [name for name in estate.regions if name != region] + [region]
    for name in order:
        if isinstance(seen.get(name), dict):
            return name
    raise OpsError(
        "no region's control table answers",
        why="\n".join(f"{name}: {seen[name]}" for name in order if name in seen),
        fix="check the credentials and the network of this machine: holdfast doctor",
        code=Exit.UNAVAILABLE,
    )


def _put(estate: Estate, writer: str, flag: Flag) -> None:
    client = estate.client("dynamodb", writer)
    try:
        client.put_item(
            TableName=estate.control_table,
            Item=flag.to_wire(),
            ConditionExpression="attribute_not_exists(#scope) OR #epoch < :epoch",
            ExpressionAttributeNames={"#scope": "scope", "#epoch": "epoch"},
            ExpressionAttributeValues={":epoch": {"N": str(flag.epoch)}},
        )
    except client.exceptions.ConditionalCheckFailedException:
        raise OpsError(
            f"the flag of {flag.region} was changed by another operator at this moment",
            why="two operators at once: the other one's word stands",
            fix="look at it (holdfast status), then decide again",
            code=Exit.BUSY,
        ) from None


def _arrival(estate: Estate, region: str, flag: Flag, started: float, limit: float) -> float | None:
    client, key = estate.client("dynamodb", region), {"scope": {"S": scope_of(flag.region)}}
    while (waited := time.monotonic() - started) < limit:
        item: dict[str, Any] = client.get_item(TableName=estate.control_table, Key=key, ConsistentRead=True)
        found = Flag.from_wire(item.get("Item", {}))
        if found is not None and found.epoch >= flag.epoch:
            return round(waited, 3)
        time.sleep(ARRIVAL_POLL_SECONDS)
    return None


def describe(flag: Flag | None, now: float | None = None) -> str:
    """A flag in a few words."""
    moment = time.time() if now is None else now
    if flag is None or not flag.holds(moment):
        return "in use"
    until = "" if flag.expires is None else f", for {(flag.expires - moment) / 60:.0f} more minutes"
    return f"evacuated by {flag.by}: {flag.reason or 'no reason given'}{until}"


def require_known(estate: Estate, names: Sequence[str | None]) -> None:
    """Refuse a region that the stack does not have.

    Raises:
        OpsError: naming those it has.
    """
    for name in names:
        if name is not None and name not in estate.regions:
            raise OpsError(
                f"stack {estate.topology.stack!r} has no region {name!r}",
                fix=f"write one of {', '.join(estate.regions)}",
                code=Exit.USAGE,
            )
