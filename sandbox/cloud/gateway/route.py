"""Which service a request is for, read from its SigV4 credential scope as AWS's own front doors do."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from sandbox.cloud.http import Request

GLOBAL_SERVICES = frozenset(
    {
        "iam",
        "sts",
        "route53",
        "route53domains",
        "cloudfront",
        "budgets",
        "ce",
        "organizations",
        "shield",
        "support",
        "health",
        "waf",
        "globalaccelerator",
        "route53-recovery-control-config",
        "route53-recovery-readiness",
        "s3",
    }
)
"""Services that any gateway answers whatever region the request is signed for: those without a region, and S3,
whose buckets are reached across regions."""


class Route(NamedTuple):
    """Where a request belongs. Empty strings where an unsigned request does not say."""

    service: str
    region: str
    access_key: str


_UNSIGNED = Route("", "", "")


def route_of(request: Request) -> Route:
    """Service, region and access key of a signed or presigned request."""
    authorization = request.header(b"authorization")
    start = authorization.find(b"Credential=")
    if start >= 0:
        end = authorization.find(b",", start)
        scope = authorization[start + 11 : end if end >= 0 else None].decode("latin-1").split("/")
        # access key / date / region / service / aws4_request
        if len(scope) == 5:
            return Route(scope[3].lower(), scope[2], scope[0])
        return _UNSIGNED
    if b"X-Amz-Credential=" in request.target:
        query = parse_qs(request.target.decode("latin-1").partition("?")[2])
        scope = unquote(query.get("X-Amz-Credential", [""])[0]).split("/")
        if len(scope) == 5:
            return Route(scope[3].lower(), scope[2], scope[0])
    return _UNSIGNED
