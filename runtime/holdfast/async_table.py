"""One table, on an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack

from holdfast import _attempt, batches
from holdfast._codec import ItemCodec
from holdfast._paging import Paging
from holdfast._requests import add_options
from holdfast._table import BaseTable, make_call, note
from holdfast.values import revive

if TYPE_CHECKING:
    from types import TracebackType

    from holdfast._attempt import Call, Reply
    from holdfast._options import (
        BatchGetOptions,
        GetOptions,
        QueryOptions,
        ReadManyOptions,
        ScanOptions,
        UpdateOptions,
        WriteOptions,
    )
    from holdfast.async_client import AsyncClient
    from holdfast.expressions import Condition, Update
    from holdfast.results import Page, WriteResult

T = TypeVar("T")


class AsyncTable(BaseTable[T]):
    """A table of an `AsyncClient`; made by `client.table(name)`. Its calls are those of `Table`."""

    def __init__(
        self, client: AsyncClient, name: str, codec: ItemCodec[T], key_names: Sequence[str] | None = None
    ) -> None:
        super().__init__(name, codec, key_names)
        self._client = client
        self._send = client.send

    async def key_names(self) -> Sequence[str]:
        """The names of the key's attributes: from the topology, or asked for once."""
        if self._key_names is None:
            answer = await self._client.call("DescribeTable", {"TableName": self.name})
            self._key_names = tuple(part["AttributeName"] for part in answer["Table"]["KeySchema"])
        return self._key_names

    async def get(self, key: Mapping[str, Any], **options: Unpack[GetOptions]) -> T | None:
        """The item of that key, or None."""
        return self._item(await self._send(self._get_call(key, options)), options)

    async def put(self, item: T, **options: Unpack[WriteOptions]) -> WriteResult:
        """Write a whole item, in place of the one with the same key.

        Raises:
            ConditionalCheckFailedError: the condition did not hold.
            OutcomeUnknown: the write may have taken effect, and sending it again is not safe.
        """
        return self._written(await self._send(self._put_call(item, options)), options)

    async def delete(self, key: Mapping[str, Any], **options: Unpack[WriteOptions]) -> WriteResult:
        """Delete the item of that key, if there is one. Raises as `put` does."""
        return self._written(await self._send(self._delete_call(key, options)), options)

    async def update(
        self, key: Mapping[str, Any], update: str | Update, **options: Unpack[UpdateOptions]
    ) -> WriteResult:
        """Change attributes of the item of that key, which is made if there is none. Raises as `put` does."""
        return self._written(await self._send(self._update_call(key, update, options)), options)

    def query(self, key_condition: str | Condition, **options: Unpack[QueryOptions]) -> AsyncItemIterator[T]:
        """The items that meet a key condition, page after page as they are asked for."""
        request = add_options({"TableName": self.name}, {**options, "key_condition": key_condition})
        return self._items(_attempt.QUERY, request, options)

    def scan(self, **options: Unpack[ScanOptions]) -> AsyncItemIterator[T]:
        """All items, page after page as they are asked for."""
        return self._items(_attempt.SCAN, add_options({"TableName": self.name}, options), options)

    async def parallel_scan(self, total_segments: int, **options: Unpack[ReadManyOptions]) -> AsyncIterator[T]:
        """All items, segments read at the same time; in no order."""
        segments = [
            self.scan(**options, segment=segment, total_segments=total_segments) for segment in range(total_segments)
        ]
        pages = [segment.pages() for segment in segments]
        while pages:
            fetched = await asyncio.gather(*(anext(page, None) for page in pages))
            pages = [rest for rest, page in zip(pages, fetched, strict=True) if page is not None and page.has_more]
            for page in fetched:
                for item in page.items if page is not None else ():
                    yield item

    async def batch_get(self, keys: Iterable[Mapping[str, Any]], **options: Unpack[BatchGetOptions]) -> list[T]:
        """The items of many keys, in no order; keys without an item are left out.

        Raises:
            ThrottledError: request after request left keys unprocessed.
        """
        wire = [self._codec.encode_key(key) for key in keys]
        return [self._codec.decode(item) for item in await self._batch_get(wire, options)]

    def batch_writer(self, *, concurrency: int = 4) -> AsyncBatchWriter[T]:
        """Puts and deletes in requests of up to 25: `async with table.batch_writer() as batch: await batch.put(item)`.

        Args:
            concurrency: requests under way at once; a put waits while there are as many.
        """
        return AsyncBatchWriter(self, concurrency)

    def _items(
        self, operation: _attempt.Operation, request: dict[str, Any], options: Mapping[str, Any]
    ) -> AsyncItemIterator[T]:
        if not options.get("full_items"):
            return AsyncItemIterator(
                self._send,
                Paging(
                    operation,
                    request,
                    self.name,
                    options,
                    self._codec.decode,
                    read=getattr(self._codec, "read_page", None),
                ),
            )
        return AsyncFullItemIterator(self, Paging(operation, request, self.name, options, dict[str, Any]))

    async def _batch_get(self, keys: Sequence[dict[str, Any]], options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Items in DynamoDB's form; the chunks are fetched at the same time."""
        chunks = [self._batch_get_chunk(list(chunk), options) for chunk in batches.chunks(keys, batches.MAX_GETS)]
        return [item for found in await asyncio.gather(*chunks) for item in found]

    async def _batch_get_chunk(self, keys: list[dict[str, Any]], options: Mapping[str, Any]) -> list[dict[str, Any]]:
        gets = batches.Gets(self.name, keys)
        while gets.left:
            reply = await self._send(self._batch_get_call(gets.left, options))
            note(reply, options)
            wait = gets.take(reply.document)
            if wait:
                await asyncio.sleep(wait)
        return gets.found


class AsyncItemIterator(Generic[T]):
    """Items of a query, a scan or a statement; `pages()` gives whole pages, `page()` the first one alone."""

    def __init__(self, send: Callable[[Call], Awaitable[Reply]], paging: Paging[T]) -> None:
        self._send = send
        self._paging = paging
        self._cursor = paging.cursor()

    @property
    def resume_token(self) -> str | None:
        """Give it to a later call as `resume_token` to go on behind the last item given out; None at the end."""
        return self._cursor.resume_token

    async def page(self) -> Page[T]:
        """The first page alone."""
        return await self._page(self._paging.first())

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Page after page, each fetched when it is asked for."""
        page = await self.page()
        yield page
        while page.has_more:
            page = await self._page(self._paging.after(page))
            yield page

    async def all(self) -> list[T]:
        """Every item, at once."""
        cursor = self._cursor = self._paging.cursor()
        found: list[T] = []
        if not cursor.done:
            async for page in self.pages():
                found += cursor.rest(page)
                if cursor.done:
                    break
        return found

    async def __aiter__(self) -> AsyncIterator[T]:
        cursor = self._cursor = self._paging.cursor()
        if cursor.done:
            return
        async for page in self.pages():
            for item in cursor.items(page):
                yield item
            if cursor.done:
                return

    async def _page(self, call: Call) -> Page[T]:
        return self._paging.page(await self._send(call))


class AsyncFullItemIterator(AsyncItemIterator[T]):
    """Items behind an index that holds keys only; see `holdfast.table.FullItemIterator`."""

    def __init__(self, table: AsyncTable[T], keys: Paging[dict[str, Any]]) -> None:
        super().__init__(table._send, keys)  # type: ignore[arg-type]  # noqa: SLF001 - pages are decoded again below
        self._table = table

    async def _page(self, call: Call) -> Page[T]:
        table = self._table
        page = self._paging.page(await self._send(call))
        names = await table.key_names()
        wire: Any = page.items
        found = await table._batch_get([{name: revive(item[name]) for name in names} for item in wire], {})  # noqa: SLF001
        whole = batches.in_order(wire, found, names)
        page.items = [table._codec.decode(item) for item in whole]  # noqa: SLF001 - one module
        return page


class AsyncBatchWriter(Generic[T]):
    """Collects puts and deletes, and sends them 25 at a time, some requests at once; see `BatchWriter`.

    Two writes of one key keep their order: the second waits while the first is under way.
    """

    def __init__(self, table: AsyncTable[T], concurrency: int) -> None:
        self._table = table
        self._buffer = batches.WriteBuffer(table.name, table._key_names)  # noqa: SLF001 - one module
        self._concurrency = max(concurrency, 1)
        self._tasks: set[asyncio.Task[None]] = set()
        self.written = 0
        """Writes that DynamoDB has confirmed."""

    async def put(self, item: T) -> None:
        """Write a whole item."""
        await self._add({"PutRequest": {"Item": self._table._codec.encode(item)}})  # noqa: SLF001 - one module

    async def delete(self, key: Mapping[str, Any]) -> None:
        """Delete an item."""
        await self._add({"DeleteRequest": {"Key": self._table._codec.encode_key(key)}})  # noqa: SLF001 - one module

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

    async def _add(self, request: batches.WriteRequest) -> None:
        while self._buffer.under_way(request):
            await self._settle(asyncio.FIRST_COMPLETED)
        self._buffer.add(request)
        while self._buffer.full:
            await self._start()

    async def _start(self) -> None:
        """Start a request, when one of the places is free."""
        while len(self._tasks) >= self._concurrency:
            await self._settle(asyncio.FIRST_COMPLETED)
        requests = self._buffer.take()
        self._tasks.add(asyncio.create_task(self._write(requests)))

    async def _settle(self, when: str) -> None:
        if not self._tasks:
            return
        done, self._tasks = await asyncio.wait(self._tasks, return_when=when)
        for task in done:
            task.result()

    async def _write(self, requests: list[batches.WriteRequest]) -> None:
        """Send one request again and again, until nothing of it is left."""
        writes = batches.Writes(self._table.name, requests)
        try:
            while writes.left:
                call = make_call(_attempt.BATCH_WRITE_ITEM, writes.request(), self._table.name, {})
                document = (await self._table._send(call)).document  # noqa: SLF001 - one module
                before = len(writes.left)
                wait = writes.take(document)
                self.written += before - len(writes.left)
                if wait:
                    await asyncio.sleep(wait)
        finally:
            self._buffer.done(requests)
