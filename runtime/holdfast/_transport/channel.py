"""What the sync and the asyncio transport share of one region: where it is, and who signs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from holdfast import errors
from holdfast._core.encode import encode_body
from holdfast._core.sigv4 import RequestSigner
from holdfast._transport.proxy import proxy_for

if TYPE_CHECKING:
    from holdfast._attempt import Call
    from holdfast._control.plane import ControlPlane
    from holdfast._core.response import ResponseReader
    from holdfast.topology import Region

MAX_SKEW_SECONDS = 24 * 3600.0
"""A Date header further away than this is wrong, not the clock."""


class Channel:
    """Signs requests for one region, and learns from its answers."""

    def __init__(self, region: Region, plane: ControlPlane) -> None:
        self.endpoint = plane.endpoint(region)
        self.proxy = proxy_for(self.endpoint)
        self.credentials = plane.credentials
        self.signer = RequestSigner(
            host=self.endpoint.authority,
            path=self.endpoint.path,
            region=region.name,
            user_agent=plane.user_agent(),
        )

    def request(self, call: Call) -> bytes:
        """The bytes to send; credentials are waited for where there are none at hand."""
        body = call.body or encode_body(call)
        return self.signer.request(call.operation.name, body, time.time(), self.credentials.get)

    def request_at_once(self, call: Call) -> bytes | None:
        """The bytes to send; None where credentials must be waited for."""
        signer = self.signer
        now = time.time()
        if not signer.begun <= now < signer.until and self.credentials.available() is None:
            return None
        return signer.request(call.operation.name, call.body or encode_body(call), now, self.credentials.get)

    def learn(self, error: errors.ServiceError, reader: ResponseReader) -> None:
        """Correct the clock, or get other credentials, where the answer says so; the next attempt uses it."""
        if isinstance(error, errors.ExpiredCredentialsError):
            self.credentials.refused()
            self.signer.forget()
        elif isinstance(error, errors.ClockSkewError):
            skew = reader.skew(time.time())
            if skew is not None and abs(skew) <= MAX_SKEW_SECONDS:
                self.signer.correct(skew)
