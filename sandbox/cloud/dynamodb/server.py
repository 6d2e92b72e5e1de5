"""DynamoDB over HTTP: JSON 1.0, the operation in X-Amz-Target, the region from the credential scope."""

from __future__ import annotations

import asyncio
import logging
import uuid
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from sandbox.cloud.dynamodb import constraints
from sandbox.cloud.dynamodb.database import Database
from sandbox.cloud.dynamodb.errors import ServiceError, invalid
from sandbox.cloud.dynamodb.local import READS, WRITES, LocalItems
from sandbox.cloud.dynamodb.operations.names import OPERATIONS, STREAM_OPERATIONS, Operation
from sandbox.cloud.http import Connection, Request, Response, UpstreamError

_log = logging.getLogger(__name__)
_TYPE = (b"content-type", b"application/x-amz-json-1.0")

Control = Callable[[dict[str, Any]], Any]


class Server:
    """Answers requests from a database; `/_holdfast/` is the supervisor's."""

    def __init__(self, database: Database, control: dict[str, Control], secret: str) -> None:
        self._database = database
        self._control = control
        self._secret = secret.encode()
        self.local: LocalItems | None = None

    def opened(self, connection: Connection) -> None:
        """A client connected."""

    def closed(self, connection: Connection) -> None:
        """A client went away."""

    def handle(self, request: Request, connection: Connection) -> None:
        """Answer one request."""
        if request.target.startswith(b"/_holdfast/") and request.header(b"x-holdfast-incarnation") == self._secret:
            action = self._control[request.target.decode().rpartition("/")[2]]
            body = orjson.dumps(action(orjson.loads(request.body or b"{}")))
            connection.reply(Response(200, [(b"content-type", b"application/json")], body))
            return
        try:
            call = _read(request)
            if self.local is not None and call.items:
                self.local.start(self._answer_locally(self.local, call, connection))
                return
            if self.local is not None and call.name == "ImportTable":
                refusal = invalid("Imports are not served with DYNAMODB=local; start the sandbox without it")
                connection.reply(_error(refusal))
                return
            self._database.delay = 0.0
            document = call.operation(self._database.region(call.region), call.params)
        except ServiceError as error:
            connection.reply(_error(error))
        except Exception:  # noqa: BLE001 - one failed request must not take the server down; the log has the trace
            _log.exception("an operation failed")
            connection.reply(_error(_BROKEN))
        else:
            delay = self._database.delay
            if delay > 0:
                asyncio.get_running_loop().call_later(delay, connection.reply, _answer(200, document))
            elif self.local is not None and call.name in _SHAPING:
                self.local.start(self._reconcile(self.local, document, connection))
            else:
                connection.reply(_answer(200, document))

    async def _answer_locally(self, local: LocalItems, call: _Call, connection: Connection) -> None:
        try:
            response = await local.serve(call.region, call.name, call.params)
        except ServiceError as error:
            response = _error(error)
        except UpstreamError:
            response = _error(ServiceError("InternalServerError", "DynamoDB Local does not answer", status=500))
        connection.reply(response)

    async def _reconcile(self, local: LocalItems, document: dict[str, Any], connection: Connection) -> None:
        try:
            await local.reconcile()
        except (ServiceError, UpstreamError):
            _log.exception("DynamoDB Local does not follow")
            connection.reply(_error(_BROKEN))
        else:
            connection.reply(_answer(200, document))


_BROKEN = ServiceError("InternalServerError", "Internal server error", status=500)
_SHAPING = frozenset(
    {"CreateTable", "UpdateTable", "DeleteTable", "RestoreTableFromBackup", "RestoreTableToPointInTime"}
)
"""Operations after which DynamoDB Local must have other tables."""


class _Call(NamedTuple):
    """A request, read."""

    name: str
    operation: Operation
    region: str
    params: dict[str, Any]
    items: bool
    """Whether it is an operation on items."""


def _read(request: Request) -> _Call:
    version, _, name = request.header(b"x-amz-target").decode("latin-1").partition(".")
    operations = STREAM_OPERATIONS if version == "DynamoDBStreams_20120810" else OPERATIONS
    operation = operations.get(name)
    if operation is None or version not in ("DynamoDB_20120810", "DynamoDBStreams_20120810"):
        raise ServiceError("UnknownOperationException", "")
    try:
        params = orjson.loads(request.body or b"{}")
    except ValueError:
        raise ServiceError("SerializationException", "Unexpected end of input or malformed JSON") from None
    if not isinstance(params, dict):
        raise ServiceError("SerializationException", "Unexpected value type in payload")
    region = region_of(request)
    if region is None:
        raise ServiceError("MissingAuthenticationTokenException", "Request is missing Authentication Token")
    if operations is OPERATIONS:
        constraints.check(name, params)
    items = operations is OPERATIONS and (name in READS or name in WRITES)
    return _Call(name, operation, region, params, items)


def _error(error: ServiceError) -> Response:
    return _answer(error.status, error.document())


def _answer(status: int, document: dict[str, Any]) -> Response:
    body = orjson.dumps(document)
    headers = [
        _TYPE,
        (b"x-amzn-requestid", uuid.uuid4().hex.upper().encode()),
        (b"x-amz-crc32", b"%d" % zlib.crc32(body)),
    ]
    return Response(status, headers, body)


def region_of(request: Request) -> str | None:
    """The region in the credential scope, or None."""
    authorization = request.header(b"authorization")
    start = authorization.find(b"Credential=")
    if start < 0:
        return None
    scope = authorization[start + 11 : authorization.find(b",", start)].split(b"/")
    return scope[2].decode("latin-1") if len(scope) == 5 else None
