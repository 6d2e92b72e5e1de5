"""DynamoDB's errors: a code, a message in its own words, and what some codes carry besides."""

from __future__ import annotations

from typing import Any

_NAMESPACE = "com.amazonaws.dynamodb.v20120810#"
_VALIDATION = "com.amazon.coral.validate#"
_SERVICE = "com.amazon.coral.service#"


class ServiceError(Exception):
    """An answer that is an error."""

    def __init__(self, code: str, message: str, *, status: int = 400, **extra: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """The error as the body of an answer."""
        if self.code == "ValidationException":
            namespace = _VALIDATION
        elif self.code in ("SerializationException", "AccessDeniedException", "UnknownOperationException"):
            namespace = _SERVICE
        else:
            namespace = _NAMESPACE
        # The casing of the member is the service's: "Message" where its model names it so.
        name = "Message" if self.code == "TransactionCanceledException" else "message"
        return {"__type": namespace + self.code, name: self.message, **self.extra}


def invalid(message: str) -> ServiceError:
    """A ValidationException."""
    return ServiceError("ValidationException", message)


def invalid_values(message: str) -> ServiceError:
    """A ValidationException about values that are wrong in themselves."""
    return invalid("One or more parameter values were invalid: " + message)


def table_missing(message: str = "Requested resource not found") -> ServiceError:
    """A table that does not exist, as the item operations say it."""
    return ServiceError("ResourceNotFoundException", message)


def table_not_found(name: str) -> ServiceError:
    """A table that does not exist, as the table operations say it."""
    return ServiceError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")


def condition_failed(item: dict[str, Any] | None = None) -> ServiceError:
    """A condition that does not hold; carries the item where the caller asked for it."""
    extra: dict[str, Any] = {"Item": item} if item is not None else {}
    return ServiceError("ConditionalCheckFailedException", "The conditional request failed", **extra)
