"""Batches, on an event loop: many items of one or several tables with few requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from holdfast import _attempt, batches
from holdfast._table import make_call, note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from holdfast._attempt import Call, Reply
    from holdfast.async_table import AsyncTable

T = TypeVar("T")


async def batch_get(
    send: Callable[[Call], Awaitable[Reply]],
    keys: Mapping[AsyncTable[Any], Iterable[Mapping[str, Any]]],
    options: Mapping[str, Any],
) -> dict[AsyncTable[Any], list[Any]]:
    """The items of many keys of some tables; see `Client.batch_get`."""
    wanted = [(table.name, table._codec.encode_key(key)) for table, some in keys.items() for key in some]  # noqa: SLF001 - parts of one
    found = await fetch(send, wanted, batches.asked(keys, options), options)
    return {table: [table._codec.decode(item) for item in found.get(table.name, ())] for table in keys}  # noqa: SLF001 - parts of one


async def fetch(
    send: Callable[[Call], Awaitable[Reply]],
    keys: Sequence[tuple[str, dict[str, Any]]],
    asked: Mapping[str, Mapping[str, Any]],
    options: Mapping[str, Any],
) -> dict[str, list[dict[str, Any]]]:
    """Items in DynamoDB's form, by table; the requests are under way at the same time."""
    chunks = [batches.Gets(batches.gather(chunk, asked)) for chunk in batches.chunks(keys, batches.MAX_GETS)]
    await asyncio.gather(*(_fetch_chunk(send, gets, options) for gets in chunks))
    found: dict[str, list[dict[str, Any]]] = {table: [] for table, _ in keys}
    for gets in chunks:
        for table, items in gets.found.items():
            found[table] += items
    return found


async def _fetch_chunk(
    send: Callable[[Call], Awaitable[Reply]], gets: batches.Gets, options: Mapping[str, Any]
) -> None:
    while gets.left:
        reply = await send(make_call(_attempt.BATCH_GET_ITEM, gets.request(options), gets.table, options))
        note(reply, options)
        wait = gets.take(reply.document)
        if wait:
            await asyncio.sleep(wait)


class AsyncTablesWriter:
    """`holdfast.batch.TablesWriter`, with some requests at once: a write waits while one of its key is under way."""

    def __init__(self, send: Callable[[Call], Awaitable[Reply]], concurrency: int) -> None:
        self._send = send
        self._buffer = batches.WriteBuffer()
        self._concurrency = max(concurrency, 1)
        self._tasks: set[asyncio.Task[None]] = set()
        self.written = 0
        """Writes that DynamoDB has confirmed."""

    async def put(self, table: AsyncTable[T], item: T) -> None:
        """Write a whole item."""
        await self._add(table, {"PutRequest": {"Item": table._codec.encode(item)}})  # noqa: SLF001 - parts of one

    async def delete(self, table: AsyncTable[Any], key: Mapping[str, Any]) -> None:
        """Delete an item."""
        await self._add(table, {"DeleteRequest": {"Key": table._codec.encode_key(key)}})  # noqa: SLF001 - parts of one

    async def flush(self) -> None:
        """Send everything that waits, and wait for the answers.

        Raises:
            ThrottledError: request after request left writes unprocessed.
        """
        while len(self._buffer) or self._tasks:
            await self._start() if len(self._buffer) else await self._settle(asyncio.ALL_COMPLETED)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.flush()
            return
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _add(self, table: AsyncTable[Any], request: batches.WriteRequest) -> None:
        if table.name not in self._buffer.key_names:
            self._buffer.key_names[table.name] = await table._known_key_names()  # noqa: SLF001 - parts of one
        while self._buffer.under_way(table.name, request):
            await self._settle(asyncio.FIRST_COMPLETED)
        self._buffer.add(table.name, request)
        while self._buffer.full:
            await self._start()

    async def _start(self) -> None:
        """Start a request, when one of the places is free."""
        while len(self._tasks) >= (self._concurrency if self._buffer.ordered else 1):
            await self._settle(asyncio.FIRST_COMPLETED)
        self._tasks.add(asyncio.create_task(self._write(self._buffer.take())))

    async def _settle(self, when: str) -> None:
        if not self._tasks:
            return
        done, self._tasks = await asyncio.wait(self._tasks, return_when=when)
        for task in done:
            task.result()

    async def _write(self, taken: list[batches.TableWrite]) -> None:
        """Send one request again and again, until nothing of it is left."""
        writes = batches.Writes(taken)
        try:
            while writes.left:
                call = make_call(_attempt.BATCH_WRITE_ITEM, {"RequestItems": writes.left}, writes.table, {})
                document = (await self._send(call)).document
                before = len(writes)
                wait = writes.take(document)
                self.written += before - len(writes)
                if wait:
                    await asyncio.sleep(wait)
        finally:
            self._buffer.done(taken)


class AsyncBatchWriter(Generic[T]):
    """The same for one table: `async with table.batch_writer() as batch: await batch.put(item)`."""

    def __init__(self, send: Callable[[Call], Awaitable[Reply]], table: AsyncTable[T], concurrency: int) -> None:
        self._table = table
        self._writer = AsyncTablesWriter(send, concurrency)

    @property
    def written(self) -> int:
        """Writes that DynamoDB has confirmed."""
        return self._writer.written

    async def put(self, item: T) -> None:
        """Write a whole item."""
        await self._writer.put(self._table, item)

    async def delete(self, key: Mapping[str, Any]) -> None:
        """Delete an item."""
        await self._writer.delete(self._table, key)

    async def flush(self) -> None:
        """Send everything that waits, and wait for the answers. Raises as `AsyncTablesWriter.flush`."""
        await self._writer.flush()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._writer.__aexit__(kind, error, trace)
