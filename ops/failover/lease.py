"""The lease of an operation: one at a time, whoever's machine it runs on.

It is held by a majority of the stack's regions. Each of them votes by an item of its own in the control table, which
only commands that speak to that region ever write, under a condition: within one region that is decided by DynamoDB,
and two majorities share a region. (One item for all would not do: a global table lets the later of two writes in
different regions win, whatever their conditions said.) Votes are asked for in one order, so that the first one
decides a race. An item carries the journal too, so that an operation goes on after the crash of its command, from
another machine if need be.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.estate.control import operator
from ops.estate.reach import ask
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
    """The lease as one region shows it."""

    journal: Journal
    token: str
    expires: float


class RefusedError(Exception):
    """A region votes for another operation, or another command has taken this one over."""


def majority(regions: int) -> int:
    """Votes that make a lease. Of two regions one is enough: the other may be the one that is lost."""
    return 1 if regions <= 2 else regions // 2 + 1


class Lease:
    """Takes, renews and releases the lease of an operation."""

    def __init__(self, estate: Estate, *, avoid: str) -> None:
        """Name the region in question: it is asked last, and may not answer."""
        self._estate = estate
        self._order = [name for name in estate.regions if name != avoid] + [avoid]
        self._token = uuid.uuid4().hex
        self.regions: list[str] = []
        """Those whose votes it has."""

    def read(self) -> Held | None:
        """The lease that stands, over or not, as the region that knows most of it shows it; None where there is none.

        Raises:
            OpsError: no region answers.
        """
        # A majority includes a region that is not in question; one that may be lost would be waited for.
        answers = list(ask(self._order[:-1], self._vote))
        if all(answer.fault for answer in answers):
            answers += ask(self._order[-1:], self._vote)
        if all(answer.fault for answer in answers):
            raise OpsError(
                "no region's control table answers",
                why="\n".join(f"{answer.region}: {answer.fault}" for answer in answers),
                fix="check the credentials and the network of this machine: holdfast doctor",
                code=Exit.UNAVAILABLE,
            )
        held = [answer.value for answer in answers if answer.value is not None]
        working = [one for one in held if at_work(one)]
        return max(working or held, key=lambda one: (one.expires, len(one.journal.steps)), default=None)

    def take(self, journal: Journal, *, alone: bool = False) -> None:
        """Take the lease for an operation, or take it over from the same one's dead command.

        Args:
            journal: of the operation.
            alone: be content with any one vote; two operators who see different regions then do not see each other.

        Raises:
            OpsError: another operation holds it, or too few regions answer.
        """
        now = {":now": {"N": repr(time.time())}, ":operation": {"S": journal.operation}, ":true": {"BOOL": True}}
        condition = "attribute_not_exists(#scope) OR expires < :now OR finished = :true OR operation = :operation"
        needed = 1 if alone else majority(len(self._order))
        silent: list[str] = []
        self.regions = []
        for name in self._order:
            if name == self._order[-1] and len(self.regions) >= needed:
                break
            try:
                self._put(name, journal, condition, now, {"#scope": "scope"})
            except RefusedError:
                other = self._vote(name)
                self._give_back(journal)
                raise taken(other) from None
            except Exception as error:  # noqa: BLE001 (a region that does not answer does not vote)
                silent.append(f"{name}: {type(error).__name__}: {error}")
            else:
                self.regions.append(name)
        votes = len(self.regions)
        if votes < needed:
            self._give_back(journal)
            raise OpsError(
                f"{votes} of {len(self._order)} regions answer, {needed} must: no lease",
                why="\n".join(silent),
                fix="check this machine's network; or go on knowing that another operator may be at work too: "
                "--accept control-plane-alone",
                code=Exit.UNAVAILABLE,
            )

    def renew(self, journal: Journal) -> None:
        """Record the journal and push the end of the lease away, wherever a region that voted answers.

        Raises:
            OpsError: another command has taken it over, or no region that voted answers.
        """
        reached, said = 0, ""
        for name in self.regions:
            try:
                self._put(name, journal, "#token = :token", {":token": {"S": self._token}}, {"#token": "token"})
            except RefusedError:
                raise taken(self._vote(name)) from None
            except Exception as error:  # noqa: BLE001 (the region may be the one that is lost; another remembers)
                said = f"{name}: {type(error).__name__}: {error}"
            else:
                reached += 1
        if not reached:
            raise OpsError(
                "no region that holds the lease answers", why=said, fix="repeat the command: it goes on from this step"
            )

    def _vote(self, region: str) -> Held | None:
        client = self._estate.client("dynamodb", region)
        found = client.get_item(TableName=self._estate.control_table, Key=_key(region), ConsistentRead=True)
        item = found.get("Item")
        if item is None:
            return None
        return Held(
            journal=Journal(**json.loads(item["journal"]["S"])),
            token=item["token"]["S"],
            expires=float(item["expires"]["N"]),
        )

    def _put(
        self, region: str, journal: Journal, condition: str, values: dict[str, Any], names: dict[str, str]
    ) -> None:
        client = self._estate.client("dynamodb", region)
        item = {
            **_key(region),
            "operation": {"S": journal.operation},
            "token": {"S": self._token},
            "journal": {"S": journal.to_json()},
            "finished": {"BOOL": journal.finished is not None},
            "expires": {"N": repr(time.time() + SECONDS)},
        }
        try:
            client.put_item(
                TableName=self._estate.control_table,
                Item=item,
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
        except client.exceptions.ConditionalCheckFailedException:
            raise RefusedError from None

    def _give_back(self, journal: Journal) -> None:
        """Take the votes back that were given for nothing; one that cannot be reached ends by itself."""
        for name in self.regions:
            client = self._estate.client("dynamodb", name)
            try:
                client.delete_item(
                    TableName=self._estate.control_table,
                    Key=_key(name),
                    ConditionExpression="#token = :token AND operation = :operation",
                    ExpressionAttributeNames={"#token": "token"},
                    ExpressionAttributeValues={
                        ":token": {"S": self._token},
                        ":operation": {"S": journal.operation},
                    },
                )
            except Exception:  # noqa: BLE001, S112 (it ends by itself after SECONDS)
                continue
        self.regions = []


def _key(region: str) -> dict[str, Any]:
    return {"scope": {"S": f"{SCOPE}#{region}"}}


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


def running(estate: Estate, source: str) -> str | None:
    """Another operation that is at work, in words; None where there is none."""
    held = Lease(estate, avoid=source).read()
    return describe(held) if held is not None and at_work(held) else None
