"""One table, on an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from holdfast import _attempt, batches
from holdfast._paging import Paging
from holdfast._requests import add_options
from holdfast._table import BaseTable
from holdfast.async_batch import AsyncBatchWriter, batch_get, fetch
from holdfast.values import revive

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Unpack

    from holdfast._attempt import Call, Reply
    from holdfast._codec import ItemCodec
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
    from holdfast.importing import ImportResult, Progress
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

    async def _known_key_names(self) -> Sequence[str] | None:
        """The same; None where they cannot be asked for."""
        if self._key_names is None and not self._client._scripted:  # noqa: SLF001 - one module
            try:
                return await self.key_names()
            except Exception as error:
                if not batches.refused(error):
                    raise
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
        return (await batch_get(self._send, {self: keys}, options))[self]

    def batch_writer(self, *, concurrency: int = 4) -> AsyncBatchWriter[T]:
        """Puts and deletes in requests of up to 25: `async with table.batch_writer() as batch: await batch.put(item)`.

        Args:
            concurrency: requests under way at once; a put waits while there are as many.
        """
        return AsyncBatchWriter(self._send, self, concurrency)

    async def import_items(
        self,
        path: str | Path,
        *,
        format: str | None = None,  # noqa: A002 - the usual name of the option
        types: Mapping[str, str] | None = None,
        progress: Callable[[Progress], None] | None = None,
        concurrency: int = 4,
    ) -> ImportResult:
        """Write the items of a file, some requests at once; see `Table.import_items` and `batch_writer`."""
        from holdfast.importing import import_items_async  # noqa: PLC0415 - csv and json are for those who import

        return await import_items_async(
            self, path, format=format, types=types or {}, progress=progress, concurrency=concurrency
        )

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
        if cursor.done:
            return []
        page = await self.page()
        found = list(cursor.rest(page))
        while page.has_more and not cursor.done:
            page = await self._page(self._paging.after(page))
            found += cursor.rest(page)
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
        keys = [(table.name, {name: revive(item[name]) for name in names}) for item in wire]
        found = await fetch(table._send, keys, {}, {})  # noqa: SLF001 - one module
        whole = batches.in_order(wire, found.get(table.name, ()), names)
        page.items = [table._codec.decode(item) for item in whole]  # noqa: SLF001 - one module
        return page
