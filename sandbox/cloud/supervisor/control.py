"""Speaks to DynamoDB's control paths."""

from __future__ import annotations

import json
from typing import Any

from sandbox.cloud.errors import SandboxError
from sandbox.cloud.http import Request, Upstream, UpstreamError


class Control:
    """The control paths of one part."""

    def __init__(self, upstream: Upstream, incarnation: str) -> None:
        self._upstream = upstream
        self._incarnation = incarnation.encode()

    async def ask(self, action: str, **parameters: Any) -> Any:
        """Run an action and wait for its answer.

        Raises:
            SandboxError: the part does not answer.
        """
        headers = [(b"host", b"127.0.0.1"), (b"x-holdfast-incarnation", self._incarnation)]
        request = Request(b"POST", f"/_holdfast/{action}".encode(), headers, json.dumps(parameters).encode())
        try:
            response = await self._upstream.ask(request)
        except UpstreamError:
            raise SandboxError("dynamodb does not answer: see its log, and start the sandbox again") from None
        return json.loads(response.body)
