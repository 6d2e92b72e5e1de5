"""The two messages of HTTP as whole values: a request with its body, a response with its body."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

Headers = list[tuple[bytes, bytes]]
"""Names in lower case, in the order of arrival, repeated where they were repeated."""

HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"expect", b"proxy-connection", b"upgrade"})
"""Headers that speak of one connection only (RFC 9110, 7.6.1), and `Expect`, which the server answers itself."""

_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


def find(headers: Headers, name: bytes) -> bytes | None:
    """The first value of a header, or None."""
    for key, value in headers:
        if key == name:
            return value
    return None


class Request(NamedTuple):
    """A whole request. `target` is the raw path with its query."""

    method: bytes
    target: bytes
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> bytes:
        """The first value of a header (its name in lower case), or an empty string."""
        return find(self.headers, name) or b""

    def encode(self) -> bytes:
        """The request as bytes, framed by its length and without hop-by-hop headers."""
        parts = [b"%b %b HTTP/1.1\r\n" % (self.method, self.target)]
        parts += [
            b"%b: %b\r\n" % pair for pair in self.headers if pair[0] not in HOP_BY_HOP and pair[0] != b"content-length"
        ]
        if self.body or self.method in (b"POST", b"PUT", b"PATCH"):
            parts.append(b"content-length: %d\r\n" % len(self.body))
        parts.append(b"\r\n")
        parts.append(self.body)
        return b"".join(parts)


class Response(NamedTuple):
    """A whole response."""

    status: int
    headers: Headers
    body: bytes

    def encode(self, *, head_only: bool = False) -> bytes:
        """The response as bytes, framed by its length.

        Args:
            head_only: the answer to a HEAD request: no body, and the length that the headers tell.
        """
        parts = [b"HTTP/1.1 %d %b\r\n" % (self.status, _REASONS.get(self.status, b"Unknown"))]
        if head_only:
            parts += [b"%b: %b\r\n" % pair for pair in self.headers if pair[0] not in HOP_BY_HOP]
            parts.append(b"\r\n")
            return b"".join(parts)
        parts += [
            b"%b: %b\r\n" % pair for pair in self.headers if pair[0] not in HOP_BY_HOP and pair[0] != b"content-length"
        ]
        if self.status not in (204, 304):
            parts.append(b"content-length: %d\r\n" % len(self.body))
        parts.append(b"\r\n")
        parts.append(self.body)
        return b"".join(parts)
