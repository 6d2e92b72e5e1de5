"""Requests that make an object once: whoever repeats one gets the first answer again.

An object whose id the cloud draws can be made and its maker killed before it wrote the id down. A maker that names
itself in a header is answered from here when it asks again, so that nothing is made twice and left behind.
"""

from __future__ import annotations

import hashlib
import re

from sandbox.cloud.http import Request, Response

MAKER = b"x-holdfast-maker"
"""The header in which a maker names itself: a provider writes the URN of the resource that it creates."""

_DRAWN = re.compile(rb'(?:^|&)ClientToken=[^&]*|"(?:ClientToken|ClientRequestToken|CreatorRequestId)": ?"[^"]*"')
"""Idempotency tokens that botocore draws anew for each call: two calls that differ in them alone are the same."""


class OnceBook:
    """The answers to makers who have not yet written down what they made."""

    def __init__(self) -> None:
        self._answers: dict[bytes, dict[bytes, Response]] = {}

    def answer(self, request: Request) -> Response | None:
        """What this maker was answered to the same request, or None."""
        maker = request.header(MAKER)
        return self._answers.get(maker, {}).get(_fingerprint(request)) if maker else None

    def keep(self, request: Request, response: Response) -> None:
        """Remember the answer to a maker, where it was given what it wanted."""
        maker = request.header(MAKER)
        if maker and response.status < 300:
            self._answers.setdefault(maker, {})[_fingerprint(request)] = response

    def forget(self, maker: str) -> None:
        """The maker has written down what it made: its next request makes another."""
        self._answers.pop(maker.encode(), None)


def _fingerprint(request: Request) -> bytes:
    parts = (request.method, request.target, request.header(b"x-amz-target"), _DRAWN.sub(b"", request.body))
    return hashlib.sha256(b"\0".join(parts)).digest()
