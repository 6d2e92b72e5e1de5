"""AWS Signature Version 4: as pure functions, and as a signer that keeps what a second's requests share."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
_UNRESERVED = "-_.~"
_HASH = sha256()
"""To be copied: OpenSSL takes longer to make one."""
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Credentials(NamedTuple):
    """What signs a request."""

    access_key: str
    secret_key: str
    token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials({self.access_key!r}, …)"


def signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    """The key for a day (`YYYYMMDD`), a region and a service."""
    key = f"AWS4{secret_key}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def canonical_query(pairs: Sequence[tuple[str, str]]) -> str:
    """A query string as it is signed: encoded, then sorted."""
    encoded = ((quote(name, safe=_UNRESERVED), quote(value, safe=_UNRESERVED)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def canonical_path(path: str) -> str:
    """A path as it is signed: dot segments and empty segments resolved, then encoded."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    trailing = "/" if kept and path.endswith(("/", "/.", "/..")) else ""
    return "/" + quote("/".join(kept), safe="/" + _UNRESERVED) + trailing


def canonical_request(
    method: str, path: str, query: Sequence[tuple[str, str]], headers: Sequence[tuple[str, str]], payload_hash: str
) -> str:
    """The text whose hash is signed. Headers of one name are joined by commas; runs of spaces count as one."""
    merged: dict[str, list[str]] = {}
    for name, value in headers:
        merged.setdefault(name.lower().strip(), []).append(" ".join(value.split()))
    lines = [f"{name}:{','.join(merged[name])}" for name in sorted(merged)]
    head = [method, canonical_path(path), canonical_query(query), *lines, "", ";".join(sorted(merged))]
    return "\n".join([*head, payload_hash])


def string_to_sign(timestamp: str, scope: str, canonical: str) -> str:
    """What the key signs. `timestamp` is `YYYYMMDDTHHMMSSZ`, `scope` is `date/region/service/aws4_request`."""
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"


def authorization(access_key: str, scope: str, headers: Sequence[tuple[str, str]], signature: str) -> str:
    """The Authorization header."""
    signed = ";".join(sorted({name.lower().strip() for name, _ in headers}))
    return f"{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"


class _Second:
    """What holds for the requests of one second.

    An HMAC is two hashes that begin with the key (RFC 2104); copying them costs a third of `hmac.digest`.
    """

    __slots__ = ("credentials", "heads", "inner", "outer", "scope", "timestamp")

    def __init__(self, credentials: Credentials, region: str, now: float, skew: float) -> None:
        self.credentials = credentials
        self.timestamp = datetime.fromtimestamp(now + skew, UTC).strftime("%Y%m%dT%H%M%SZ")
        date = self.timestamp[:8]
        self.scope = f"{date}/{region}/dynamodb/aws4_request"
        key = signing_key(credentials.secret_key, date, region, "dynamodb").ljust(64, b"\0")
        self.inner = sha256(key.translate(_INNER) + f"{ALGORITHM}\n{self.timestamp}\n{self.scope}\n".encode())
        self.outer = sha256(key.translate(_OUTER))
        self.heads: dict[str, tuple[bytes, Any]] = {}


class RequestSigner:
    """Makes whole HTTP requests to DynamoDB in one region: head, signature and body in one piece of bytes.

    Safe to use from several threads: what a second shares is replaced whole, never changed.
    """

    def __init__(self, *, host: str, path: str, region: str, user_agent: str) -> None:
        self._host = host
        self._path = path
        self._region = region
        self._user_agent = user_agent
        self._second: _Second | None = None
        self.begun = self.until = 0.0
        """The second whose credentials are at hand: a request before or after it asks for them."""
        self.skew = 0.0
        """Seconds that the service's clock is ahead of this machine's, as far as answers have shown."""

    def request(self, operation: str, body: bytes, now: float, credentials: Callable[[], Credentials]) -> bytes:
        """The request, ready to send. `now` is seconds since the epoch by this machine's clock."""
        second = self._second
        if second is None or not self.begun <= now < self.until:
            second = self._second = _Second(credentials(), self._region, now, self.skew)
            self.begun = float(int(now))
            self.until = self.begun + 1
        head = second.heads.get(operation)
        if head is None:
            head = second.heads[operation] = self._head(second, operation)
        hashed = _HASH.copy()
        hashed.update(body)
        canonical = head[1].copy()
        canonical.update(hashed.hexdigest().encode())
        inner = second.inner.copy()
        inner.update(canonical.hexdigest().encode())
        outer = second.outer.copy()
        outer.update(inner.digest())
        return b"%b%b\r\nContent-Length: %d\r\n\r\n%b" % (head[0], outer.hexdigest().encode(), len(body), body)

    def forget(self) -> None:
        """Ask for credentials again with the next request."""
        self._second = None
        self.begun = self.until = 0.0

    def correct(self, skew: float) -> None:
        """Sign from now on with a clock that is `skew` seconds ahead of this machine's."""
        self.skew = skew
        self.forget()

    def _head(self, second: _Second, operation: str) -> tuple[bytes, Any]:
        """The head up to the signature, and the hash of the canonical request up to the hash of the body."""
        headers = [
            ("Host", self._host),
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", f"DynamoDB_20120810.{operation}"),
            ("X-Amz-Date", second.timestamp),
        ]
        if second.credentials.token:
            headers.append(("X-Amz-Security-Token", second.credentials.token))
        canonical = canonical_request("POST", self._path, (), headers, "")
        lines = [f"POST {self._path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        lines.append(f"User-Agent: {self._user_agent}")
        lines.append("Accept-Encoding: identity")  # the checksum is over the bytes as they come
        lines.append("Authorization: " + authorization(second.credentials.access_key, second.scope, headers, ""))
        return "\r\n".join(lines).encode(), sha256(canonical.encode())
