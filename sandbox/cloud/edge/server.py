"""The edge of a region as a server: finds the API of a request, or the function of a call of Lambda's own API."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from sandbox.cloud.edge.api import Api
from sandbox.cloud.edge.document import EdgeDocument
from sandbox.cloud.edge.functions import Function, FunctionError, HandlerError, ThrottledError
from sandbox.cloud.http import Connection, Request, Response

_log = logging.getLogger(__name__)
INVOKE = "/2015-03-31/functions/"
FIGURES = "/_holdfast/edge"


class Edge:
    """Serves what a document describes; a new document replaces what differs."""

    def __init__(self, region: str, account: str, environment: Mapping[str, str]) -> None:
        self._region, self._account, self._environment = region, account, environment
        self._functions: dict[str, Function] = {}
        self._apis: list[Api] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def load(self, document: EdgeDocument) -> None:
        """Serve another document; functions that are the same keep their environments.

        Raises:
            FunctionError: a function cannot be started.
        """
        loop = asyncio.get_running_loop()
        functions: dict[str, Function] = {}
        for spec in document.functions:
            known = self._functions.get(spec.name)
            if known is not None and known.digest == spec.digest:
                functions[spec.name] = known
            else:
                functions[spec.name] = Function(spec, self._environment)
        fresh = [function for name, function in functions.items() if function is not self._functions.get(name)]
        await asyncio.gather(*(function.prepare() for function in fresh))
        gone = [function for name, function in self._functions.items() if functions.get(name) is not function]
        self._functions = functions
        self._apis = [
            Api(
                spec,
                function=self._functions.get,
                keys=document.keys,
                region=self._region,
                account=self._account,
                clock=loop.time,
            )
            for spec in document.apis
        ]
        await asyncio.gather(*(function.end() for function in gone))

    async def close(self) -> None:
        """End every environment."""
        await asyncio.gather(*(function.end() for function in self._functions.values()))

    # The handler's part.

    def opened(self, connection: Connection) -> None:
        """A gateway connected."""

    def closed(self, connection: Connection) -> None:
        """A gateway went away."""

    def handle(self, request: Request, connection: Connection) -> None:
        """Answer one request."""
        task = asyncio.get_running_loop().create_task(self._reply(request, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, request: Request, connection: Connection) -> None:
        try:
            response = await self._answer(request)
        except Exception:  # noqa: BLE001 - a client must be answered, the log must hear why
            _log.exception("the edge failed")
            response = _said(500, "Internal server error")
        connection.reply(response)

    async def _answer(self, request: Request) -> Response:
        path = request.target.decode("latin-1").partition("?")[0]
        if path == FIGURES:
            figures = {name: function.describe() for name, function in self._functions.items()}
            return Response(200, [(b"content-type", b"application/json")], json.dumps(figures).encode())
        if path.startswith(INVOKE) and path.endswith("/invocations"):
            return await self._invoke(path, request)
        host = request.header(b"host").decode("latin-1").partition(":")[0].lower()
        for api in self._apis:
            if api.serves(host):
                return await api.answer(request, host)
        return _said(403, "Forbidden")

    async def _invoke(self, path: str, request: Request) -> Response:
        name = unquote(path[len(INVOKE) :].partition("/")[0])
        name = name.split(":function:")[-1].split(":")[0]
        function = self._functions.get(name)
        if function is None:
            return _lambda_error(404, "ResourceNotFoundException", f"Function not found: {name}")
        event = json.loads(request.body or b"{}")
        if request.header(b"x-amz-invocation-type") == b"Event":
            self._later(function, event)
            return Response(202, [], b"")
        try:
            answer = await function.call(event)
        except ThrottledError:
            return _lambda_error(429, "TooManyRequestsException", "Rate Exceeded.")
        except HandlerError as error:
            body = json.dumps({"errorType": error.kind, "errorMessage": str(error)})
            return Response(200, [(b"x-amz-function-error", b"Unhandled")], body.encode())
        except FunctionError as error:
            body = json.dumps({"errorMessage": str(error)})
            return Response(200, [(b"x-amz-function-error", b"Unhandled")], body.encode())
        return Response(200, [(b"content-type", b"application/json")], json.dumps(answer).encode())

    def _later(self, function: Function, event: Any) -> None:
        async def run() -> None:
            try:
                await function.call(event)
            except FunctionError as error:
                _log.warning("an event for %s failed: %s", function.spec.name, error)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _said(status: int, message: str) -> Response:
    return Response(status, [(b"content-type", b"application/json")], json.dumps({"message": message}).encode())


def _lambda_error(status: int, kind: str, message: str) -> Response:
    headers = [(b"content-type", b"application/json"), (b"x-amzn-errortype", kind.encode())]
    return Response(status, headers, json.dumps({"Type": "User", "Message": message}).encode())
