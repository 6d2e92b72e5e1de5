"""Which error of `holdfast.errors` an answer of the service is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from holdfast import errors
from holdfast.values import decode_item

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE_KEY = re.compile(r"\bKMS key\b", re.IGNORECASE)
"""What an AccessDeniedException says when it is the table's key that is missing, not a permission of the caller."""
_SKEWED = re.compile(r"Signature (expired|not yet current)")

_BY_CODE: Mapping[str, type[errors.ServiceError]] = {
    "ConditionalCheckFailedException": errors.ConditionalCheckFailedError,
    "TransactionCanceledException": errors.TransactionCanceledError,
    "TransactionConflictException": errors.TransactionConflictError,
    "TransactionInProgressException": errors.TransactionInProgressError,
    "IdempotentParameterMismatchException": errors.IdempotentParameterMismatchError,
    "DuplicateItemException": errors.DuplicateItemError,
    "ReplicatedWriteConflictException": errors.ReplicatedWriteConflictError,
    "ProvisionedThroughputExceededException": errors.ThrottledError,
    "ThrottlingException": errors.ThrottledError,
    "Throttling": errors.ThrottledError,
    "RequestLimitExceeded": errors.ThrottledError,
    "RequestThrottled": errors.ThrottledError,
    "RequestThrottledException": errors.ThrottledError,
    "TooManyRequestsException": errors.ThrottledError,
    "LimitExceededException": errors.ThrottledError,
    "ResourceNotFoundException": errors.ResourceNotFoundError,
    "TableNotFoundException": errors.ResourceNotFoundError,
    "ResourceInUseException": errors.ResourceInUseError,
    "ValidationException": errors.InvalidRequestError,
    "SerializationException": errors.InvalidRequestError,
    "UnknownOperationException": errors.InvalidRequestError,
    "ItemCollectionSizeLimitExceededException": errors.ItemCollectionSizeLimitExceededError,
    "AccessDeniedException": errors.AccessDeniedError,
    "AccessDenied": errors.AccessDeniedError,
    "NotAuthorized": errors.AccessDeniedError,
    "OptInRequired": errors.AccessDeniedError,
    "UnrecognizedClientException": errors.CredentialsError,
    "InvalidClientTokenId": errors.CredentialsError,
    "InvalidSignatureException": errors.CredentialsError,
    "IncompleteSignatureException": errors.CredentialsError,
    "IncompleteSignature": errors.CredentialsError,
    "MissingAuthenticationToken": errors.CredentialsError,
    "MissingAuthenticationTokenException": errors.CredentialsError,
    "ExpiredTokenException": errors.ExpiredCredentialsError,
    "ExpiredToken": errors.ExpiredCredentialsError,
    "RequestExpired": errors.ClockSkewError,
    "RequestTimeTooSkewed": errors.ClockSkewError,
    "InternalServerError": errors.InternalServerError,
    "InternalServerErrorException": errors.InternalServerError,
    "InternalFailure": errors.InternalServerError,
    "ServiceUnavailable": errors.ServiceUnavailableError,
    "ServiceUnavailableException": errors.ServiceUnavailableError,
}


def classify(
    status: int, code: str, message: str, document: Mapping[str, Any], request_id: str | None, **where: Any
) -> errors.ServiceError:
    """The error for an answer that is none of success."""
    kind = _BY_CODE.get(code) or _by_status(status)
    if code.startswith("KMS") or (kind is errors.AccessDeniedError and _TABLE_KEY.search(message)):
        kind = errors.TableKeyError
    if code == "InvalidSignatureException" and (_SKEWED.search(message)):
        kind = errors.ClockSkewError
    extra: dict[str, Any] = {}
    if kind is errors.ConditionalCheckFailedError and document.get("Item") is not None:
        extra["item"] = decode_item(document["Item"])
    elif kind is errors.TransactionCanceledError:
        extra["reasons"] = [_reason(reason) for reason in document.get("CancellationReasons") or ()]
    return kind(message, code=code, status=status, request_id=request_id, **extra, **where)


def _by_status(status: int) -> type[errors.ServiceError]:
    if status == 429:
        return errors.ThrottledError
    if status == 503:
        return errors.ServiceUnavailableError
    if status >= 500:
        return errors.InternalServerError
    if status == 403:
        return errors.AccessDeniedError
    return errors.ServiceError


def _reason(reason: Mapping[str, Any]) -> errors.CancellationReason:
    item = reason.get("Item")
    return errors.CancellationReason(
        code=str(reason.get("Code") or "None"),
        message=reason.get("Message"),
        item=decode_item(item) if item else None,
    )
