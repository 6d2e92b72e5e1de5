"""What went wrong in an exchange on a blocking connection, as the caller shall see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httptools import HttpParserError

from holdfast import errors

if TYPE_CHECKING:
    from holdfast._attempt import Call, Timeouts
    from holdfast._transport.connection import Connection


def where_of(call: Call, region: str) -> dict[str, Any]:
    """What every error says of its call."""
    return {"operation": call.operation.name, "table": call.table, "region": region}


def fault_of(
    error: BaseException, call: Call, region: str, timeouts: Timeouts, connection: Connection
) -> BaseException:
    """The error as one of `holdfast.errors`, where it is one of the network's; else itself."""
    where = where_of(call, region)
    sent = connection.sent
    if isinstance(error, TimeoutError):
        return errors.AttemptTimeoutError(f"no answer within {timeouts.attempt:g} s", sent=sent, **where)
    if isinstance(error, OSError | EOFError):  # ssl.SSLError is an OSError
        return errors.ConnectionLostError(f"connection lost: {error}", sent=sent, **where)
    if isinstance(error, HttpParserError):
        return errors.InvalidResponseError("the answer is not HTTP", **where)
    return error
