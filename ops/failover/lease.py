"""The lease of an operation: one at a time, whoever's machine it runs on.

It is an item of the control table, written where no region that is being left stands in the way. It carries the
journal too, so that an operation goes on after the crash of its command, from another machine if need be.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.estate.control import operator
from ops.exits import Exit

if TYPE_CHECKING:
    from ops.estate.access import Estate

SCOPE = "operation#failover"
SECONDS = 300.0
"""A lease that is not renewed ends by itself: each step renews it."""


@dataclass(kw_only=True)
class Journal:
    """What an operation has done."""

    operation: str
    kind: str
    source: str
    target: str
    by: str
    started: float
    """Seconds since 1970."""
    steps: list[dict[str, Any]] = field(default_factory=list)
    """{step, started, ended, detail}, in order; a step without `ended` was under way."""
    finished: float | None = None

    def done(self, step: str) -> bool:
        """Whether the step was completed."""
        return any(entry["step"] == step and "ended" in entry for entry in self.steps)

    def to_json(self) -> str:
        """As JSON text."""
        return json.dumps(vars(self))


@dataclass(frozen=True, kw_only=True)
class Held:
    """The lease as it stands in the table."""

    journal: Journal
    token: str
    expires: float


class Lease:
    """Takes, renews and releases the lease in one region's control table."""

    def __init__(self, estate: Estate, region: str) -> None:
        self._client = estate.client("dynamodb", region)
        self._table = estate.control_table
        self.region = region
        self._token = uuid.uuid4().hex

    def read(self) -> Held | None:
        """The lease that stands, over or not; None where there is none."""
        found = self._client.get_item(TableName=self._table, Key={"scope": {"S": SCOPE}}, ConsistentRead=True)
        item = found.get("Item")
        if item is None:
            return None
        return Held(
            journal=Journal(**json.loads(item["journal"]["S"])),
            token=item["token"]["S"],
            expires=float(item["expires"]["N"]),
        )

    def take(self, journal: Journal) -> None:
        """Take the lease for an operation, or take it over from the same one's dead command.

        Raises:
            OpsError: another operation holds it.
        """
        values = {":now": {"N": repr(time.time())}, ":operation": {"S": journal.operation}, ":true": {"BOOL": True}}
        self._put(
            journal,
            "attribute_not_exists(#scope) OR expires < :now OR finished = :true OR operation = :operation",
            values,
        )

    def renew(self, journal: Journal) -> None:
        """Record the journal and push the end of the lease away.

        Raises:
            OpsError: another command has taken it over.
        """
        self._put(journal, "#token = :token", {":token": {"S": self._token}})

    def _put(self, journal: Journal, condition: str, values: dict[str, Any]) -> None:
        item = {
            "scope": {"S": SCOPE},
            "operation": {"S": journal.operation},
            "token": {"S": self._token},
            "journal": {"S": journal.to_json()},
            "finished": {"BOOL": journal.finished is not None},
            "expires": {"N": repr(time.time() + SECONDS)},
        }
        names = {"#scope": "scope"} if "#scope" in condition else {"#token": "token"}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise taken(self.read()) from None


def taken(held: Held | None) -> OpsError:
    """The refusal that names who is at work."""
    who = describe(held) if held else "another command"
    return OpsError(
        f"another operation is at work on this stack: {who}",
        why="two operators at once: one works, the other is told",
        fix="talk to that operator, or wait: a lease that is not renewed ends after 5 minutes",
        code=Exit.BUSY,
    )


def describe(held: Held) -> str:
    """Who holds a lease, for what, since when."""
    journal = held.journal
    since = time.strftime("%H:%M:%S", time.localtime(journal.started))
    return f"{journal.kind} of {journal.source} by {journal.by} since {since}"


def new_journal(kind: str, source: str, target: str) -> Journal:
    """The journal of an operation that begins."""
    return Journal(
        operation=uuid.uuid4().hex[:12], kind=kind, source=source, target=target, by=operator(), started=time.time()
    )


def at_work(held: Held | None) -> bool:
    """Whether the lease is in force."""
    return held is not None and held.journal.finished is None and held.expires > time.time()
