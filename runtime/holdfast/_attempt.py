"""The seam between the data path and resilience: one attempt of one operation in one region.

The data path builds a `Call`, and offers a `Sender` that sends it once to one region and gives a `Reply` or raises
an error of `holdfast.errors`. What decides about when, where and how often wraps a `Sender` in a `Pipeline`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import orjson

if TYPE_CHECKING:
    from holdfast.topology import Region

Access = Literal["read", "write"]
Repeat = Literal["always", "unconditional", "token", "never"]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of DynamoDB, and what may be done with it when its outcome is unknown."""

    name: str
    """DynamoDB's name, such as `GetItem`."""
    access: Access
    repeat: Repeat
    """`always`: reads. `unconditional`: a put or delete that has no condition. `token`: a transaction that
    carries a ClientRequestToken, in the same region only. `never`: all else."""


GET_ITEM = Operation("GetItem", "read", "always")
QUERY = Operation("Query", "read", "always")
SCAN = Operation("Scan", "read", "always")
BATCH_GET_ITEM = Operation("BatchGetItem", "read", "always")
TRANSACT_GET_ITEMS = Operation("TransactGetItems", "read", "always")
SELECT_STATEMENT = Operation("ExecuteStatement", "read", "always")
BATCH_SELECT_STATEMENT = Operation("BatchExecuteStatement", "read", "always")
SELECT_TRANSACTION = Operation("ExecuteTransaction", "read", "always")
PUT_ITEM = Operation("PutItem", "write", "unconditional")
DELETE_ITEM = Operation("DeleteItem", "write", "unconditional")
BATCH_WRITE_ITEM = Operation("BatchWriteItem", "write", "unconditional")
UPDATE_ITEM = Operation("UpdateItem", "write", "never")
TRANSACT_WRITE_ITEMS = Operation("TransactWriteItems", "write", "token")
EXECUTE_TRANSACTION = Operation("ExecuteTransaction", "write", "token")
EXECUTE_STATEMENT = Operation("ExecuteStatement", "write", "never")
BATCH_EXECUTE_STATEMENT = Operation("BatchExecuteStatement", "write", "never")


@dataclass(slots=True, eq=False)
class Call:
    """One call of an operation, as often as it is sent. The body is encoded once."""

    operation: Operation
    request: dict[str, Any] = field(repr=False)
    """The request in DynamoDB's own form (`{"TableName": …, "Key": {"pk": {"S": …}}}`); binary values are bytes."""
    table: str | None = None
    """Physical name of the table; None where an operation touches several."""
    deadline: float | None = None
    """`time.monotonic()` (or the loop's time) after which nobody waits for the answer; None is the client's default."""
    region: str | None = None
    """Pins the call to a region: no routing, no failover."""
    context: Any = None
    """For what wraps the sender (session, principal, cache bypass). The data path does not look at it."""
    body: bytes | None = field(default=None, repr=False)
    """The encoded request, once a sender has encoded it."""

    @property
    def conditional(self) -> bool:
        """Whether the write has a condition."""
        return "ConditionExpression" in self.request or "Expected" in self.request

    @property
    def tokened(self) -> bool:
        """Whether the request carries an idempotency token."""
        return bool(self.request.get("ClientRequestToken"))

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again *in the same region* though an earlier attempt may have taken effect."""
        match self.operation.repeat:
            case "always":
                return True
            case "unconditional":
                # ALL_OLD of a second put would be the first one's own item.
                return not self.conditional and self.request.get("ReturnValues", "NONE") == "NONE"
            case "token":
                return self.tokened
            case _:
                return False

    @property
    def repeatable_elsewhere(self) -> bool:
        """The same, *in another region*: a token is known only where it was first used."""
        return self.operation.repeat != "token" and self.repeatable


@dataclass(slots=True, eq=False)
class Reply:
    """The answer to one attempt that succeeded."""

    body: bytes = field(repr=False)
    """The JSON document as it came."""
    region: str
    request_id: str | None = None
    seconds: float = 0.0
    """From the first byte sent to the last byte received, without waiting for a connection."""
    _document: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """The document in DynamoDB's own form (binary values are base64 text). Parsed once."""
        if self._document is None:
            self._document = orjson.loads(self.body)
        return self._document


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one attempt may take, in seconds."""

    connect: float = 1.0
    """To get a connection, TLS included, when the pool has none idle."""
    attempt: float = 1.0
    """From the first byte of the request to the last byte of the answer."""


class Sender(Protocol):
    """Sends one attempt. Safe to use from several threads."""

    def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        """Send `call` once to `region`.

        Raises:
            holdfast.errors.TransportError: no usable answer; `sent` tells whether it may have been received.
            holdfast.errors.ServiceError: the service answered with an error.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class AsyncSender(Protocol):
    """Sends one attempt, for one event loop."""

    async def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        """As `Sender.send`. A cancelled send closes its connection."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class Pipeline(Protocol):
    """What a `Client` calls: decides where and how often, and gives the one reply."""

    def send(self, call: Call) -> Reply:
        """Raises any error of `holdfast.errors`."""
        ...

    def close(self) -> None:
        """Close the sender beneath."""
        ...


class AsyncPipeline(Protocol):
    """What an `AsyncClient` calls."""

    async def send(self, call: Call) -> Reply:
        """Raises any error of `holdfast.errors`."""
        ...

    async def close(self) -> None:
        """Close the sender beneath."""
        ...
