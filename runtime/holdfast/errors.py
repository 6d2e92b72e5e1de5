"""Everything that `holdfast` raises.

One tree. A caller asks three things of an error, and each has an attribute that holds for the whole tree:
`retryable` (may the same call succeed later?), `applied` (can a write have taken effect?), and `region`
(where did it happen?). Values of items never appear in a message or `repr`; they are in attributes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Applied = Literal["no", "unknown"]
"""What an error says of a write: `no`, it certainly had no effect; `unknown`, it may have had one."""


class HoldfastError(Exception):
    """The root. Attributes that do not apply are None."""

    retryable: ClassVar[bool] = False
    """Whether the same call may succeed when it is sent again a little later."""
    applied: Applied = "no"
    """Whether a write may have taken effect."""

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        table: str | None = None,
        region: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.table = table
        self.region = region

    def __str__(self) -> str:
        where = " ".join(part for part in (self.operation, self.table and f"on {self.table}") if part)
        where += f" in {self.region}" if self.region else ""
        return f"{where.strip()}: {self.message}" if where.strip() else self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


# What the caller wrote, or how the client is set up.


class ConfigurationError(HoldfastError):
    """The client cannot work as it is set up: no region, no credentials, a bad topology, an unknown option."""


class InvalidArgumentError(HoldfastError, ValueError):
    """An argument that DynamoDB would refuse, found before it was sent: a type, 39 digits, an empty set."""


class ClientClosedError(HoldfastError):
    """The client was closed before this call."""


# The attempt never got a usable answer.


class TransportError(HoldfastError):
    """No usable answer came. `sent` says whether the request may have reached the service."""

    retryable: ClassVar[bool] = True
    sent: bool = True

    def __init__(self, message: str, *, sent: bool | None = None, **where: Any) -> None:
        super().__init__(message, **where)
        if sent is not None:
            self.sent = sent
        self.applied = "unknown" if self.sent else "no"


class ConnectError(TransportError):
    """No connection: refused, unreachable, name not resolved, TLS refused, or not within the connect timeout."""

    sent = False


class PoolTimeoutError(TransportError):
    """No connection of the pool came free in time. Nothing was sent."""

    sent = False


class AttemptTimeoutError(TransportError):
    """The request went out, and no complete answer came within the attempt's timeout."""


class ConnectionLostError(TransportError):
    """The connection ended before the complete answer was there."""


class InvalidResponseError(TransportError):
    """An answer that is none of DynamoDB's: cut short, a wrong checksum, a proxy's page."""


# The service answered with an error.


class ServiceError(HoldfastError):
    """The service refused or failed. `code` is DynamoDB's own name of the error."""

    throttled: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int = 0,
        request_id: str | None = None,
        **where: Any,
    ) -> None:
        super().__init__(message, **where)
        self.code = code
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{super().__str__()} [{self.code or self.status}]{request}"


class ConditionalCheckFailedError(ServiceError):
    """The condition did not hold. `item` is the stored item where `return_values_on_failure` asked for it."""

    def __init__(self, message: str, *, item: Mapping[str, Any] | None = None, **rest: Any) -> None:
        super().__init__(message, **rest)
        self.item = item


@dataclass(frozen=True)
class CancellationReason:
    """Why one action of a transaction did not go through. `code` is `None` (the word) for actions without fault."""

    code: str
    message: str | None = None
    item: Mapping[str, Any] | None = field(default=None, repr=False)


class TransactionCanceledError(ServiceError):
    """A transaction that was canceled whole; `reasons` has one entry per action, in the order given."""

    def __init__(self, message: str, *, reasons: Sequence[CancellationReason] = (), **rest: Any) -> None:
        super().__init__(message, **rest)
        self.reasons = tuple(reasons)

    @property
    def conflict(self) -> bool:
        """Whether another transaction or throttling was all that stood in the way, so that a repeat may succeed."""
        codes = {reason.code for reason in self.reasons} - {"None"}
        return bool(codes) and codes <= {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class TransactionConflictError(ServiceError):
    """A single write met a running transaction on the same item."""

    retryable: ClassVar[bool] = True


class TransactionInProgressError(ServiceError):
    """A transaction with this token is still running."""

    retryable: ClassVar[bool] = True
    applied: Applied = "unknown"


class IdempotentParameterMismatchError(ServiceError):
    """The token was used before with other parameters."""


class DuplicateItemError(ServiceError):
    """A PartiQL insert of an item that exists."""


class ReplicatedWriteConflictError(ServiceError):
    """A strongly consistent global table: another region was writing the same item."""

    retryable: ClassVar[bool] = True


class ThrottledError(ServiceError):
    """The table, the index, a partition or the account is over its limit."""

    retryable: ClassVar[bool] = True
    throttled: ClassVar[bool] = True


class ResourceNotFoundError(ServiceError):
    """No such table or index in this region."""


class ResourceInUseError(ServiceError):
    """The table is being created, changed or deleted."""


class InvalidRequestError(ServiceError):
    """DynamoDB refuses the request as written (ValidationException, SerializationException)."""


class ItemCollectionSizeLimitExceededError(ServiceError):
    """An item collection of a table with a local index is over 10 GB."""


class AccessDeniedError(ServiceError):
    """The caller may not do this."""


class TableKeyError(AccessDeniedError):
    """The table's KMS key cannot be used in this region: disabled, pending deletion, or out of reach.

    Nothing was written. A replica has a key of its own, so that another region may serve.
    """

    retryable: ClassVar[bool] = True


class CredentialsError(ServiceError):
    """The credentials were refused: expired, unknown or badly signed."""


class ExpiredCredentialsError(CredentialsError):
    """Temporary credentials that have run out; fresh ones may work."""

    retryable: ClassVar[bool] = True


class ClockSkewError(CredentialsError):
    """The clock of this machine is too far from the service's; the client corrects it from the answer."""

    retryable: ClassVar[bool] = True


class InternalServerError(ServiceError):
    """The service failed (HTTP 5xx); a write may or may not have taken effect."""

    retryable: ClassVar[bool] = True
    applied: Applied = "unknown"


class ServiceUnavailableError(InternalServerError):
    """The service is not available (HTTP 503)."""


# What the client decided over one or more attempts.


class OutcomeUnknown(HoldfastError):  # noqa: N818 - the name that the design gives it; it is an outcome, no fault
    """A write that may or may not have taken effect, and was not sent again.

    `cause` is the last attempt's error. `resolve()` reads back what happened, where the operation allows it.
    """

    applied: Applied = "unknown"

    def __init__(
        self,
        message: str,
        *,
        cause: HoldfastError | None = None,
        resolver: Callable[[], Any] | None = None,
        **where: Any,
    ) -> None:
        super().__init__(message, **where)
        self.cause = cause
        self._resolver = resolver

    def resolve(self) -> Any:
        """Find out what happened.

        Raises:
            ConfigurationError: this operation cannot be resolved by reading.
        """
        if self._resolver is None:
            raise ConfigurationError(
                "the outcome of this write cannot be found out by reading; look at the item yourself"
            )
        return self._resolver()


class DeadlineExceededError(HoldfastError):
    """The time given to the call is used up."""


class CircuitOpenError(HoldfastError):
    """The breaker of this region and kind of operation is open; nothing was sent."""

    retryable: ClassVar[bool] = True


class OverloadedError(HoldfastError):
    """The client's own limit of concurrent calls is reached; nothing was sent."""

    retryable: ClassVar[bool] = True


class StaleReadError(HoldfastError):
    """A session knows a newer version of the item than any replica in reach has received."""

    retryable: ClassVar[bool] = True


class RegionsUnavailableError(HoldfastError):
    """No region of the topology could serve the call. `causes` maps a region's name to its last error."""

    retryable: ClassVar[bool] = True

    def __init__(self, message: str, *, causes: Mapping[str, HoldfastError] | None = None, **where: Any) -> None:
        super().__init__(message, **where)
        self.causes = dict(causes or {})
        if any(cause.applied == "unknown" for cause in self.causes.values()):
            self.applied = "unknown"
