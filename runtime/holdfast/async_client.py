"""The asyncio client."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from holdfast import errors
from holdfast._attempt import Timeouts
from holdfast._client import ClientRequests
from holdfast.async_batch import AsyncTablesWriter, batch_get
from holdfast.async_table import AsyncItemIterator, AsyncTable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self, Unpack

    from holdfast._attempt import AsyncSender, Call, Reply
    from holdfast._options import BatchGetOptions, CallOptions, StatementOptions, TransactOptions
    from holdfast._setup import ClientOptions, Setup
    from holdfast.actions import GetAction, WriteAction
    from holdfast.results import StatementResult, WriteResult
    from holdfast.topology import Topology

T = TypeVar("T")
Item = dict[str, Any]


class AsyncClient(ClientRequests):
    """As `Client`, for one event loop: `async with AsyncClient() as client: …`. Its arguments are those of `Client`."""

    def __init__(
        self,
        topology: Topology | str | Path | None = None,
        region: str | None = None,
        *,
        sender: AsyncSender | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        from holdfast._setup import Setup  # noqa: PLC0415 - loaded by who makes a client, not by who imports one
        from holdfast.resilience.assembly import build_async  # noqa: PLC0415 - as above

        super().__init__(Setup(topology, region, options))
        self._scripted = sender is not None
        self._sender = sender or _sender(self._setup)
        self.pipeline = build_async(self._sender, self._setup.regions, self.topology, self._setup.policy)
        """What decides where and how often a call is sent; its `core.views()` shows the state of the regions."""
        self.send = self.pipeline.send
        """Send a `Call`; what every method here ends in."""

    @overload
    def table(self, name: str, *, drop_none: bool = False) -> AsyncTable[Item]: ...

    @overload
    def table(self, name: str, model: type[T], *, drop_none: bool = False) -> AsyncTable[T]: ...

    def table(self, name: str, model: type[Any] | None = None, *, drop_none: bool = False) -> AsyncTable[Any]:
        """The table of that logical name in the topology, or else of that physical name; see `Client.table`."""
        physical, codec, key_names = self._setup.table(name, model, drop_none=drop_none)
        return AsyncTable(self, physical, codec, key_names)

    @property
    def control(self) -> Any:
        """Botocore's client in the preferred region. It blocks: use `call`, or give it to a thread."""
        return self._setup.plane.client(self._setup.regions[0])

    async def transact_write(self, actions: Iterable[WriteAction], **options: Unpack[TransactOptions]) -> WriteResult:
        """Carry out up to 100 actions, all or none.

        Raises:
            TransactionCanceledError: none was carried out; `reasons` says why, action by action.
            OutcomeUnknown: they may have been, and sending them again is not safe.
        """
        return self._transacted(await self.send(self._transact_write_call(actions, options)), options)

    async def transact_get(self, actions: Sequence[GetAction], **options: Unpack[CallOptions]) -> list[Any]:
        """Read up to 100 items as of one moment; None where there is no item.

        Raises:
            TransactionCanceledError: another transaction was at work on one of them.
        """
        return self._transact_got(await self.send(self._transact_get_call(actions, options)), actions, options)

    async def batch_get(
        self, keys: Mapping[AsyncTable[Any], Iterable[Mapping[str, Any]]], **options: Unpack[BatchGetOptions]
    ) -> dict[AsyncTable[Any], list[Any]]:
        """The items of many keys of several tables; see `Client.batch_get`."""
        return await batch_get(self.send, keys, options)

    def batch_writer(self, *, concurrency: int = 4) -> AsyncTablesWriter:
        """Puts and deletes of several tables: `async with client.batch_writer() as b: await b.put(table, item)`.

        Args:
            concurrency: requests under way at once; a put waits while there are as many.
        """
        return AsyncTablesWriter(self.send, concurrency)

    def execute(self, statement: str, **options: Unpack[StatementOptions]) -> AsyncItemIterator[Item]:
        """Run a PartiQL statement; a write is carried out when the iterator is read (`await ….page()` runs it)."""
        return AsyncItemIterator(self.send, self._statement(statement, options))

    async def batch_execute(
        self, statements: Sequence[tuple[str, Sequence[Any]]], **options: Unpack[CallOptions]
    ) -> list[StatementResult]:
        """Run up to 25 PartiQL statements (text and parameters), each on its own: some may fail."""
        return self._batch_executed(await self.send(self._batch_execute_call(statements, options)), options)

    async def execute_transaction(
        self, statements: Sequence[tuple[str, Sequence[Any]]], **options: Unpack[TransactOptions]
    ) -> list[Item | None]:
        """Run up to 100 PartiQL statements (text and parameters), all or none. Raises as `transact_write` does."""
        reply = await self.send(self._execute_transaction_call(statements, options))
        return self._transaction_executed(reply, options)

    async def call(self, operation: str, request: Mapping[str, Any]) -> Any:
        """Any operation by DynamoDB's name, through botocore in a thread, in the preferred region."""
        return await asyncio.to_thread(lambda: self.control._make_api_call(operation, dict(request)))  # noqa: SLF001

    async def warm_up(self, connections: int = 1, *, timeouts: Timeouts | None = None) -> None:
        """Load credentials, resolve endpoints and open connections in every region, before the first call.

        Raises:
            ConnectError: the preferred region does not accept connections. The others may fail; they are tried later.
        """
        warm = getattr(self._sender, "warm", None)
        if warm is None:
            return
        for region in self._setup.regions:
            try:
                await warm(region, connections, timeouts or Timeouts())
            except errors.ConnectError:
                if region is self._setup.regions[0]:
                    raise

    async def close(self) -> None:
        """Close every connection, and wait until they are closed. A closed client refuses calls."""
        self.send = self._refuse
        await self.pipeline.close()
        self._setup.plane.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @staticmethod
    async def _refuse(call: Call) -> Reply:
        raise errors.ClientClosedError("the client is closed; make a new one", operation=call.operation.name)


def _sender(setup: Setup) -> AsyncSender:
    if setup.transport == "botocore":
        from holdfast._transport.botocore import ThreadedSender  # noqa: PLC0415 - one of two

        return ThreadedSender(setup.plane, max_connections=int(setup.pool["max_connections"]))
    from holdfast._transport.aio import AsyncHttpSender  # noqa: PLC0415 - one of two

    return AsyncHttpSender(setup.plane, **setup.pool)
