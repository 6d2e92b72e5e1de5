"""The admin API: JSON over HTTP on loopback.

Every request carries the incarnation in a header: a page in a browser cannot send it, and a client of another
sandbox that happens on this port is refused.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from sandbox.cloud.errors import PortInUse, SandboxError
from sandbox.cloud.http import Connection, Request, Response

HEADER = b"x-holdfast-incarnation"

Action = Callable[[dict[str, Any]], Awaitable[Any]]
"""Takes the parameters of a request (its JSON body, or its query), gives what is answered as JSON."""

_log = logging.getLogger(__name__)


class Admin:
    """Serves actions by method and path."""

    def __init__(self, incarnation: str, actions: Mapping[str, Action]) -> None:
        self._incarnation = incarnation.encode()
        self._actions = actions
        self._running: set[asyncio.Task[None]] = set()

    def opened(self, connection: Connection) -> None:
        """A client connected."""

    def closed(self, connection: Connection) -> None:
        """A client went away."""

    def handle(self, request: Request, connection: Connection) -> None:
        """Run the action that the request names."""
        if request.header(HEADER) != self._incarnation:
            connection.reply(_answer(403, {"error": "SandboxError", "message": "this is another sandbox's admin API"}))
            return
        path, _, query = request.target.decode("latin-1").partition("?")
        action = self._actions.get(f"{request.method.decode()} {path}")
        if action is None:
            connection.reply(_answer(404, {"error": "SandboxError", "message": f"the admin API has no {path}"}))
            return
        parameters = json.loads(request.body) if request.body else dict(parse_qsl(query))
        task = asyncio.get_running_loop().create_task(self._run(action, parameters, connection))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, action: Action, parameters: dict[str, Any], connection: Connection) -> None:
        try:
            response = _answer(200, await action(parameters))
        except PortInUse as error:
            response = _answer(409, {"error": "PortInUse", "name": error.name, "port": error.port})
        except (SandboxError, ValueError) as error:
            response = _answer(400, {"error": "SandboxError", "message": str(error)})
        except Exception as error:  # noqa: BLE001 - the client must hear that it failed, the log must hear why
            _log.exception("the admin API failed")
            response = _answer(500, {"error": "SandboxError", "message": f"the sandbox failed: {error!r}; see its log"})
        connection.reply(response)


def _answer(status: int, document: Any) -> Response:
    return Response(status, [(b"content-type", b"application/json")], json.dumps(document).encode())
