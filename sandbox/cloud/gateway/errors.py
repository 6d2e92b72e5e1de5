"""Error answers in the shape of each AWS protocol, so that an SDK raises what it would raise in AWS."""

from __future__ import annotations

import json
import uuid
from html import escape

from sandbox.cloud.http import Request, Response
from sandbox.cloud.http.messages import Headers

_REST_XML = frozenset({"s3", "route53", "cloudfront"})

_THROTTLES = {
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
    "s3": (503, "SlowDown"),
    "ec2": (503, "RequestLimitExceeded"),
    "kms": (400, "ThrottlingException"),
    "lambda": (429, "TooManyRequestsException"),
    "sqs": (403, "RequestThrottled"),
    "sts": (400, "Throttling"),
    "iam": (400, "Throttling"),
    "route53": (400, "Throttling"),
    "cloudwatch": (400, "Throttling"),
    "monitoring": (400, "Throttling"),
    "secretsmanager": (400, "ThrottlingException"),
}
"""Status and code by service, from the error lists of their API references."""

_FAILURES = {
    "dynamodb": "InternalServerError",
    "s3": "InternalError",
    "lambda": "ServiceException",
    "kms": "KMSInternalException",
}

_NAMESPACES = {"dynamodb": "com.amazonaws.dynamodb.v20120810#"}
_COMMON_NAMESPACE = "com.amazon.coral.availability#"

_MESSAGES = {
    "ProvisionedThroughputExceededException": (
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API."
    ),
    "SlowDown": "Please reduce your request rate.",
}


def throttle(request: Request, service: str) -> Response:
    """The service's own answer to a caller that is too fast."""
    status, code = _THROTTLES.get(service, (400, "ThrottlingException"))
    return error(request, service, status, code, _MESSAGES.get(code, "Rate exceeded"))


def failure(request: Request, service: str, status: int) -> Response:
    """The service's own answer when it failed: 500 an internal error, another 5xx unavailable."""
    if status == 500:
        return error(
            request,
            service,
            status,
            _FAILURES.get(service, "InternalFailure"),
            "The request processing has failed because of an unknown error, exception or failure.",
        )
    code = "ServiceUnavailable" if service != "dynamodb" else "ServiceUnavailableException"
    return error(request, service, status, code, "Service is unable to handle request.")


def error(request: Request, service: str, status: int, code: str, message: str) -> Response:
    """An error in the protocol that the request speaks.

    JSON protocols are known by `X-Amz-Target`, query ones by their form body, REST-XML ones by the service;
    what is left is REST-JSON.
    """
    request_id = str(uuid.uuid4())
    headers: Headers = [(b"x-amzn-requestid", request_id.encode())]
    if request.header(b"x-amz-target"):
        namespace = _NAMESPACES.get(service, _COMMON_NAMESPACE)
        body = json.dumps({"__type": namespace + code, "message": message}).encode()
        headers.append((b"content-type", request.header(b"content-type") or b"application/x-amz-json-1.0"))
        return Response(status, headers, body)
    if service == "s3":
        text = (
            f"<Error><Code>{code}</Code><Message>{escape(message)}</Message><RequestId>{request_id}</RequestId></Error>"
        )
    elif service in _REST_XML or request.header(b"content-type").startswith(b"application/x-www-form-urlencoded"):
        kind = "Sender" if status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        headers += [(b"content-type", b"application/json"), (b"x-amzn-errortype", code.encode())]
        return Response(status, headers, json.dumps({"message": message}).encode())
    headers.append((b"content-type", b"text/xml"))
    return Response(status, headers, b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode())
