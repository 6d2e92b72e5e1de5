"""Items on DynamoDB Local: it answers every item operation, and the built-in engine follows.

DynamoDB Local has no replicas, no point-in-time restores, no TTL on time and no stable streams, so the engine keeps
its own books: what DynamoDB Local has accepted is applied to the engine too, in the same order, and what arrives from
another replica is put into both. Tables and indexes are made there as they are made here. Where the two disagree
about a write, the log says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import orjson

from sandbox.cloud.dynamodb.database import Database
from sandbox.cloud.dynamodb.errors import ServiceError
from sandbox.cloud.dynamodb.keys import Token
from sandbox.cloud.dynamodb.operations.names import OPERATIONS
from sandbox.cloud.dynamodb.partiql.requests import STATEMENTS, tables_named
from sandbox.cloud.dynamodb.table import TTL_IDENTITY, Table
from sandbox.cloud.http import Request, Response, Upstream, UpstreamError
from sandbox.cloud.replication import Change

_log = logging.getLogger(__name__)

READS = frozenset({"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"})
WRITES = frozenset(
    {
        *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"),
        *STATEMENTS,
    }
)
"""What changes items, or may: a statement's text tells whether it reads or writes."""
_BATCH = 25
_ACTIVE_SECONDS = 30.0


class _Mirror(NamedTuple):
    """A table as DynamoDB Local has it."""

    id: str
    indexes: frozenset[str]


class LocalItems:
    """The items of all tables, in DynamoDB Local."""

    def __init__(self, database: Database, port: int) -> None:
        self._database = database
        self._upstream = Upstream(port)
        self._mirrors: dict[tuple[str, str], _Mirror] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._reconciling = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def _lock(self, region: str, table: str) -> asyncio.Lock:
        return self._locks.setdefault((region, table), asyncio.Lock())

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def ask(self, region: str, operation: str, body: bytes) -> Response:
        """Send an operation to DynamoDB Local.

        Raises:
            UpstreamError: it does not answer.
        """
        credential = f"holdfast/20260101/{region}/dynamodb/aws4_request"
        scope = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
        headers = [
            (b"host", b"127.0.0.1"),
            (b"authorization", scope.encode()),
            (b"content-type", b"application/x-amz-json-1.0"),
            (b"x-amz-target", b"DynamoDB_20120810." + operation.encode()),
        ]
        return await self._upstream.ask(Request(b"POST", b"/", headers, body))

    async def serve(self, region: str, operation: str, params: dict[str, Any]) -> Response:
        """Answer an item operation.

        Raises:
            ServiceError: the table cannot serve (key disabled, no quorum), which DynamoDB Local does not know.
            UpstreamError: DynamoDB Local does not answer.
        """
        tables = self._tables(region, operation, params)
        body = orjson.dumps(_by_name(params))
        if operation in READS:
            for table in tables:
                consistent = bool(params.get("ConsistentRead"))
                self._database.region(region).readable({"TableName": table}, consistent=consistent)
            return await self.ask(region, operation, body)
        locks = [self._lock(region, name) for name in sorted(set(tables))]
        for lock in locks:
            await lock.acquire()
        try:
            for table in tables:
                transactional = operation in ("TransactWriteItems", "ExecuteTransaction")
                self._database.region(region).writable({"TableName": table}, transactional=transactional)
            response = await self.ask(region, operation, body)
            if response.status == 200:
                self._follow(region, operation, params)
            return response
        finally:
            for lock in locks:
                lock.release()

    def _follow(self, region: str, operation: str, params: dict[str, Any]) -> None:
        try:
            OPERATIONS[operation](self._database.region(region), params)
        except ServiceError as error:
            _log.exception("DynamoDB Local accepted a %s that the engine refuses: %s", operation, error.message)

    def _tables(self, region: str, operation: str, params: dict[str, Any]) -> list[str]:
        known = self._database.region(region).tables
        if operation in ("BatchGetItem", "BatchWriteItem"):
            names = list(params.get("RequestItems") or {})
        elif operation in ("TransactWriteItems", "TransactGetItems"):
            entries = params.get("TransactItems") or []
            names = [body.get("TableName", "") for entry in entries for body in entry.values()]
        elif operation in STATEMENTS:
            names = tables_named(params)
        else:
            names = [params.get("TableName") or ""]
        # A table that is not there is DynamoDB Local's to refuse.
        return [name for name in (name.rpartition("/")[2] for name in names) if name in known]

    def arrive(self, table: Table, change: Change, accept: Callable[[Change], bool]) -> None:
        """A change came from another replica."""
        self.start(self._arrive(table, change, accept))

    async def _arrive(self, table: Table, change: Change, accept: Callable[[Change], bool]) -> None:
        async with self._lock(table.region, table.name):
            if not accept(change):
                return
            old = table.items.get(change.key)  # type: ignore[call-overload]  # a table's keys are tokens
            table.receive(change)
            await self._put(table, change.item if change.item is not None else old, deleted=change.item is None)

    async def _put(self, table: Table, item: Any, *, deleted: bool) -> None:
        if item is None or (table.region, table.name) not in self._mirrors:
            return  # a table that is still to be made there is filled when it is
        document: dict[str, Any] = {"TableName": table.name}
        document |= {"Key": table.schema.of(item)} if deleted else {"Item": item}
        try:
            response = await self.ask(table.region, "DeleteItem" if deleted else "PutItem", orjson.dumps(document))
        except UpstreamError:
            return  # the supervisor names the part that crashed
        if response.status != 200:
            _log.error("DynamoDB Local refuses a replicated write: %s", response.body.decode(errors="replace"))

    def expire(self, table: Table, tokens: list[Token]) -> None:
        """Delete what has expired."""
        self.start(self._expire(table, tokens))

    async def _expire(self, table: Table, tokens: list[Token]) -> None:
        async with self._lock(table.region, table.name):
            for token in tokens:
                item = table.items.get(token)
                table.write(token, None, identity=TTL_IDENTITY)
                await self._put(table, item, deleted=True)

    async def reconcile(self) -> None:
        """Make DynamoDB Local's tables what the engine's are."""
        async with self._reconciling:
            wanted = {(table.region, table.name): table for table in self._database.tables()}
            for place in [place for place in self._mirrors if place not in wanted]:
                await self._drop(place)
            for place, table in wanted.items():
                async with self._lock(*place):
                    await self._match(place, table)

    async def _drop(self, place: tuple[str, str]) -> None:
        await self.ask(place[0], "DeleteTable", orjson.dumps({"TableName": place[1]}))
        del self._mirrors[place]

    async def _match(self, place: tuple[str, str], table: Table) -> None:
        mirror = self._mirrors.get(place)
        if mirror is not None and mirror.id != table.id:
            await self._drop(place)
            mirror = None
        names = frozenset(table.indexes)
        if mirror is None:
            await self._checked(table.region, "CreateTable", _creation(table))
            self._mirrors[place] = _Mirror(table.id, names)
            await self._fill(table)
            return
        for name in mirror.indexes - names:
            await self._change(table, [{"Delete": {"IndexName": name}}])
        for name in names - mirror.indexes:
            await self._change(table, [{"Create": _index(table, name)}])
        self._mirrors[place] = _Mirror(table.id, names)

    async def _change(self, table: Table, updates: list[dict[str, Any]]) -> None:
        definitions = _definitions(table)
        document: dict[str, Any] = {"TableName": table.name, "AttributeDefinitions": definitions}
        document["GlobalSecondaryIndexUpdates"] = updates
        await self._checked(table.region, "UpdateTable", document)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _ACTIVE_SECONDS
        while loop.time() < deadline:
            answer = await self.ask(table.region, "DescribeTable", orjson.dumps({"TableName": table.name}))
            described = orjson.loads(answer.body)["Table"]
            indexes = described.get("GlobalSecondaryIndexes", [])
            if described["TableStatus"] == "ACTIVE" and all(index["IndexStatus"] == "ACTIVE" for index in indexes):
                return
            await asyncio.sleep(0.05)

    async def _fill(self, table: Table) -> None:
        items = list(table.items.values())
        for start in range(0, len(items), _BATCH):
            writes = [{"PutRequest": {"Item": item}} for item in items[start : start + _BATCH]]
            await self._checked(table.region, "BatchWriteItem", {"RequestItems": {table.name: writes}})

    async def _checked(self, region: str, operation: str, document: dict[str, Any]) -> None:
        response = await self.ask(region, operation, orjson.dumps(document))
        if response.status != 200:
            text = response.body.decode(errors="replace")
            raise ServiceError("ValidationException", f"DynamoDB Local refuses {operation}: {text}")


def _by_name(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with the table's name where they give its ARN, which DynamoDB Local does not take."""
    name = params.get("TableName")
    if isinstance(name, str) and name.startswith("arn:"):
        return {**params, "TableName": name.rpartition("/")[2]}
    return params


def _definitions(table: Table) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in table.definitions.items()]


def _index(table: Table, name: str) -> dict[str, Any]:
    index = table.indexes[name]
    return {"IndexName": name, "KeySchema": index.schema.document(), "Projection": index.projection}


def _creation(table: Table) -> dict[str, Any]:
    document: dict[str, Any] = {
        "TableName": table.name,
        "KeySchema": table.schema.document(),
        "AttributeDefinitions": _definitions(table),
        # Throughput is the engine's to describe; DynamoDB Local would only throttle by it.
        "BillingMode": "PAY_PER_REQUEST",
    }
    for parameter, indexes in (
        ("GlobalSecondaryIndexes", table.global_indexes),
        ("LocalSecondaryIndexes", table.local_indexes),
    ):
        if indexes:
            document[parameter] = [_index(table, index.name) for index in indexes]
    return document
