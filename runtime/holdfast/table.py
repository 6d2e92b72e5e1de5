"""One table, sync."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from holdfast import _attempt, batches
from holdfast._paging import Paging
from holdfast._requests import add_options
from holdfast._table import BaseTable
from holdfast.batch import BatchWriter, batch_get, fetch
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
    from holdfast.client import Client
    from holdfast.expressions import Condition, Update
    from holdfast.importing import ImportResult, Progress
    from holdfast.results import Page, WriteResult

T = TypeVar("T")


class Table(BaseTable[T]):
    """A table of a `Client`; made by `client.table(name)`. Safe to use from several threads.

    Options of calls are keyword arguments named as DynamoDB names them: `holdfast._options` lists them.
    """

    def __init__(self, client: Client, name: str, codec: ItemCodec[T], key_names: Sequence[str] | None = None) -> None:
        super().__init__(name, codec, key_names)
        self._client = client
        self._send = client.send

    @property
    def key_names(self) -> Sequence[str]:
        """The names of the key's attributes: from the topology, or asked for once."""
        if self._key_names is None:
            schema = self._client.control.describe_table(TableName=self.name)["Table"]["KeySchema"]
            self._key_names = tuple(part["AttributeName"] for part in schema)
        return self._key_names

    def _known_key_names(self) -> Sequence[str] | None:
        """The same; None where they cannot be asked for."""
        if self._key_names is None and not self._client._scripted:  # noqa: SLF001 - one module
            try:
                return self.key_names
            except Exception as error:
                if not batches.refused(error):
                    raise
        return self._key_names

    def get(self, key: Mapping[str, Any], **options: Unpack[GetOptions]) -> T | None:
        """The item of that key, or None."""
        return self._item(self._send(self._get_call(key, options)), options)

    def put(self, item: T, **options: Unpack[WriteOptions]) -> WriteResult:
        """Write a whole item, in place of the one with the same key.

        Raises:
            ConditionalCheckFailedError: the condition did not hold.
            OutcomeUnknown: the write may have taken effect, and sending it again is not safe.
        """
        return self._written(self._send(self._put_call(item, options)), options)

    def delete(self, key: Mapping[str, Any], **options: Unpack[WriteOptions]) -> WriteResult:
        """Delete the item of that key, if there is one. Raises as `put` does."""
        return self._written(self._send(self._delete_call(key, options)), options)

    def update(self, key: Mapping[str, Any], update: str | Update, **options: Unpack[UpdateOptions]) -> WriteResult:
        """Change attributes of the item of that key, which is made if there is none. Raises as `put` does."""
        return self._written(self._send(self._update_call(key, update, options)), options)

    def query(self, key_condition: str | Condition, **options: Unpack[QueryOptions]) -> ItemIterator[T]:
        """The items that meet a key condition, page after page as they are asked for."""
        request = add_options({"TableName": self.name}, {**options, "key_condition": key_condition})
        return self._items(_attempt.QUERY, request, options)

    def scan(self, **options: Unpack[ScanOptions]) -> ItemIterator[T]:
        """All items, page after page as they are asked for."""
        return self._items(_attempt.SCAN, add_options({"TableName": self.name}, options), options)

    def parallel_scan(self, total_segments: int, **options: Unpack[ReadManyOptions]) -> Iterator[T]:
        """All items, segments read at the same time, a thread for each; in no order."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - it loads logging and more

        segments = [
            self.scan(**options, segment=segment, total_segments=total_segments) for segment in range(total_segments)
        ]
        pages = [segment.pages() for segment in segments]
        with ThreadPoolExecutor(total_segments, thread_name_prefix="holdfast-scan") as executor:
            while pages:
                fetched = list(executor.map(lambda page: next(page, None), pages))
                pages = [rest for rest, page in zip(pages, fetched, strict=True) if page is not None and page.has_more]
                for page in fetched:
                    yield from page.items if page is not None else ()

    def batch_get(self, keys: Iterable[Mapping[str, Any]], **options: Unpack[BatchGetOptions]) -> list[T]:
        """The items of many keys, in no order; keys without an item are left out.

        Raises:
            ThrottledError: request after request left keys unprocessed.
        """
        return batch_get(self._send, {self: keys}, options)[self]

    def batch_writer(self) -> BatchWriter[T]:
        """Puts and deletes in requests of up to 25: `with table.batch_writer() as batch: batch.put(item)`."""
        return BatchWriter(self._send, self)

    def import_items(
        self,
        path: str | Path,
        *,
        format: str | None = None,  # noqa: A002 - the usual name of the option
        types: Mapping[str, str] | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> ImportResult:
        """Write the items of a file.

        Args:
            path: of a JSON-lines or CSV file.
            format: `jsonl`, `dynamodb-json` (an export to S3) or `csv`; without it by the file's suffix.
            types: DynamoDB type of a CSV column (`{"total": "N"}`); a column that is not named is a string.
            progress: called about twice a second, and at the end.
        """
        from holdfast.importing import import_items  # noqa: PLC0415 - csv and json are loaded by those who import

        return import_items(self, path, format=format, types=types or {}, progress=progress)

    def _items(
        self, operation: _attempt.Operation, request: dict[str, Any], options: Mapping[str, Any]
    ) -> ItemIterator[T]:
        if not options.get("full_items"):
            return ItemIterator(
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
        keys = Paging(operation, request, self.name, options, dict[str, Any])
        return FullItemIterator(self, keys)


class ItemIterator(Generic[T]):
    """Items of a query, a scan or a statement; `pages()` gives whole pages, `page()` the first one alone."""

    def __init__(self, send: Callable[[Call], Reply], paging: Paging[T]) -> None:
        self._send = send
        self._paging = paging
        self._cursor = paging.cursor()

    @property
    def resume_token(self) -> str | None:
        """Give it to a later call as `resume_token` to go on behind the last item given out; None at the end."""
        return self._cursor.resume_token

    def page(self) -> Page[T]:
        """The first page alone."""
        return self._page(self._paging.first())

    def pages(self) -> Iterator[Page[T]]:
        """Page after page, each fetched when it is asked for."""
        page = self.page()
        yield page
        while page.has_more:
            page = self._page(self._paging.after(page))
            yield page

    def all(self) -> list[T]:
        """Every item, at once."""
        cursor = self._cursor = self._paging.cursor()
        found: list[T] = []
        if not cursor.done:
            for page in self.pages():
                found += cursor.rest(page)
                if cursor.done:
                    break
        return found

    def __iter__(self) -> Iterator[T]:
        cursor = self._cursor = self._paging.cursor()
        if cursor.done:
            return
        for page in self.pages():
            yield from cursor.items(page)
            if cursor.done:
                return

    def _page(self, call: Call) -> Page[T]:
        return self._paging.page(self._send(call))


class FullItemIterator(ItemIterator[T]):
    """Items behind an index that holds keys only: each page's items are fetched whole, in the page's order.

    An item that was deleted since the index was read is left out.
    """

    def __init__(self, table: Table[T], keys: Paging[dict[str, Any]]) -> None:
        super().__init__(table._send, keys)  # type: ignore[arg-type]  # noqa: SLF001 - pages are decoded again below
        self._table = table

    def _page(self, call: Call) -> Page[T]:
        table = self._table
        page = self._paging.page(self._send(call))
        names = table.key_names
        wire: Any = page.items
        keys = [(table.name, {name: revive(item[name]) for name in names}) for item in wire]
        whole = batches.in_order(wire, fetch(table._send, keys, {}, {}).get(table.name, ()), names)  # noqa: SLF001 - one module
        page.items = [table._codec.decode(item) for item in whole]  # noqa: SLF001 - one module
        return page
