"""Signature Version 4, the verifying side: whether a request was signed with the secret of its access key.

As the documentation of AWS Signature Version 4 for API requests describes it: canonical request, string to sign,
derived key; in headers and in presigned URLs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from sandbox.cloud.http import Request

SKEW_SECONDS = 300.0
"""How far the clocks of a caller and of AWS may be apart."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_PARTS = re.compile(rb"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_FORMAT = "%Y%m%dT%H%M%SZ"


class Fault(NamedTuple):
    """Why a signature is refused: the error's code and message."""

    code: str
    message: str


class _Signed(NamedTuple):
    scope: list[str]
    headers: list[str]
    signature: str
    date: str
    presigned: bool
    expires: float


_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


def fault(request: Request, secret: str, *, service: str, now: float) -> Fault | None:
    """What is wrong with a request's signature, or None.

    Args:
        request: the request as it arrived.
        secret: the secret access key of the key id that it names.
        service: the service of its credential scope.
        now: seconds since the epoch.
    """
    mismatch = "SignatureDoesNotMatch" if _speaks_query(request, service) else "InvalidSignatureException"
    signed = _read(request)
    if signed is None:
        return Fault("IncompleteSignature", "Authorization header requires 'Credential', 'SignedHeaders', 'Signature'.")
    try:
        made = datetime.strptime(signed.date, _FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return Fault("IncompleteSignature", f"Date must be in ISO-8601 'basic format'. Got '{signed.date}'.")
    if abs(now - made) > SKEW_SECONDS and not (signed.presigned and 0 <= now - made <= signed.expires):
        return Fault(mismatch, f"Signature expired: {signed.date} is not within {SKEW_SECONDS:.0f} seconds of now")
    if "host" not in signed.headers:
        return Fault(mismatch, "'Host' must be a signed header.")
    canonical = _canonical(request, signed, service)
    text = "\n".join(
        [_ALGORITHM, signed.date, "/".join(signed.scope[1:]), hashlib.sha256(canonical.encode()).hexdigest()]
    )
    expected = hmac.new(_key(secret, *signed.scope[1:4]), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signed.signature):
        return Fault(mismatch, _MISMATCH)
    return None


def _speaks_query(request: Request, service: str) -> bool:
    """Whether the service's protocol is one of the older ones, whose error has another name."""
    return service == "s3" or not request.header(b"x-amz-target")


def _read(request: Request) -> _Signed | None:
    authorization = request.header(b"authorization")
    if authorization:
        found = {name.decode(): value.decode("latin-1") for name, value in _PARTS.findall(authorization)}
        if not authorization.startswith(_ALGORITHM.encode()) or len(found) != 3:
            return None
        date = request.header(b"x-amz-date").decode("latin-1")
        return _signed(found, date, presigned=False, expires=0.0)
    query = dict(_query(request))
    found = {name: query.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")}
    if not all(found.values()):
        return None
    expires = query.get("X-Amz-Expires", "0")
    date = query.get("X-Amz-Date", "")
    return _signed(found, date, presigned=True, expires=float(expires) if expires.isdigit() else 0.0)


def _signed(found: dict[str, str], date: str, *, presigned: bool, expires: float) -> _Signed | None:
    scope = found["Credential"].split("/")
    if len(scope) != 5:
        return None
    return _Signed(scope, found["SignedHeaders"].lower().split(";"), found["Signature"], date, presigned, expires)


def _query(request: Request) -> list[tuple[str, str]]:
    """The query's parameters, decoded."""
    _, _, text = request.target.decode("latin-1").partition("?")
    pairs = [part.partition("=") for part in text.split("&") if part]
    return [(unquote(name), unquote(value.replace("+", " "))) for name, _, value in pairs]


def _canonical(request: Request, signed: _Signed, service: str) -> str:
    path = request.target.decode("latin-1").partition("?")[0] or "/"
    if service != "s3":
        # What is in the path already encoded is encoded once more by every service but S3.
        path = quote(_normal(path), safe="/~")
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in _query(request)
        if not (signed.presigned and name == "X-Amz-Signature")
    )
    headers = "".join(f"{name}:{_header(request, name)}\n" for name in signed.headers)
    return "\n".join(
        [
            request.method.decode(),
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            headers,
            ";".join(signed.headers),
            _payload(request, signed, service),
        ]
    )


def _normal(path: str) -> str:
    """A path without empty, `.` and `..` segments."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if path.endswith("/") and kept else "")


def _header(request: Request, name: str) -> str:
    wanted = name.encode()
    values = [value.decode("latin-1") for key, value in request.headers if key == wanted]
    return ",".join(" ".join(value.split()) for value in values)


def _payload(request: Request, signed: _Signed, service: str) -> str:
    told = request.header(b"x-amz-content-sha256").decode("latin-1")
    if signed.presigned and service == "s3":
        return told or "UNSIGNED-PAYLOAD"
    if service == "s3" and told.startswith(("UNSIGNED-", "STREAMING-")):
        return told
    return hashlib.sha256(request.body).hexdigest()


@lru_cache(maxsize=256)
def _key(secret: str, date: str, region: str, service: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
