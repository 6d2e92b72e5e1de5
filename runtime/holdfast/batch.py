"""Batches, sync: many items of one or several tables with few requests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from holdfast import _attempt, batches
from holdfast._table import make_call, note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from holdfast._attempt import Call, Reply
    from holdfast.table import Table

T = TypeVar("T")


def batch_get(
    send: Callable[[Call], Reply], keys: Mapping[Table[Any], Iterable[Mapping[str, Any]]], options: Mapping[str, Any]
) -> dict[Table[Any], list[Any]]:
    """The items of many keys of some tables; see `Client.batch_get`."""
    wanted = [(table.name, table._codec.encode_key(key)) for table, some in keys.items() for key in some]  # noqa: SLF001 - parts of one
    found = fetch(send, wanted, batches.asked(keys, options), options)
    return {table: [table._codec.decode(item) for item in found.get(table.name, ())] for table in keys}  # noqa: SLF001 - parts of one


def fetch(
    send: Callable[[Call], Reply],
    keys: Sequence[tuple[str, dict[str, Any]]],
    asked: Mapping[str, Mapping[str, Any]],
    options: Mapping[str, Any],
) -> dict[str, list[dict[str, Any]]]:
    """Items in DynamoDB's form, by table; `asked` is what is asked of each table."""
    found: dict[str, list[dict[str, Any]]] = {table: [] for table, _ in keys}
    for chunk in batches.chunks(keys, batches.MAX_GETS):
        gets = batches.Gets(batches.gather(chunk, asked))
        while gets.left:
            reply = send(make_call(_attempt.BATCH_GET_ITEM, gets.request(options), gets.table, options))
            note(reply, options)
            wait = gets.take(reply.document)
            if wait:
                time.sleep(wait)
        for table, items in gets.found.items():
            found[table] += items
    return found


class TablesWriter:
    """Collects puts and deletes of any tables, and sends them 25 at a time; what is left goes when the `with` ends.

    A put or delete returns when there is room again, so a fast producer is held back. Of several writes of one key
    that wait, the last one is sent. Leaving with an exception sends nothing more.
    """

    def __init__(self, send: Callable[[Call], Reply]) -> None:
        self._send = send
        self._buffer = batches.WriteBuffer()
        self.written = 0
        """Writes that DynamoDB has confirmed."""

    def put(self, table: Table[T], item: T) -> None:
        """Write a whole item."""
        self._add(table, {"PutRequest": {"Item": table._codec.encode(item)}})  # noqa: SLF001 - parts of one

    def delete(self, table: Table[Any], key: Mapping[str, Any]) -> None:
        """Delete an item."""
        self._add(table, {"DeleteRequest": {"Key": table._codec.encode_key(key)}})  # noqa: SLF001 - parts of one

    def flush(self) -> None:
        """Send everything that waits.

        Raises:
            ThrottledError: request after request left writes unprocessed.
        """
        while len(self._buffer):
            self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()

    def _add(self, table: Table[Any], request: batches.WriteRequest) -> None:
        if table.name not in self._buffer.key_names:
            self._buffer.key_names[table.name] = table._known_key_names()  # noqa: SLF001 - parts of one
        self._buffer.add(table.name, request)
        while self._buffer.full:
            self._write()

    def _write(self) -> None:
        """Send one request again and again, until nothing of it is left."""
        writes = batches.Writes(self._buffer.take())
        while writes.left:
            reply = self._send(make_call(_attempt.BATCH_WRITE_ITEM, {"RequestItems": writes.left}, writes.table, {}))
            before = len(writes)
            wait = writes.take(reply.document)
            self.written += before - len(writes)
            if wait:
                time.sleep(wait)


class BatchWriter(Generic[T]):
    """The same for one table: `with table.batch_writer() as batch: batch.put(item)`."""

    def __init__(self, send: Callable[[Call], Reply], table: Table[T]) -> None:
        self._table = table
        self._writer = TablesWriter(send)

    @property
    def written(self) -> int:
        """Writes that DynamoDB has confirmed."""
        return self._writer.written

    def put(self, item: T) -> None:
        """Write a whole item."""
        self._writer.put(self._table, item)

    def delete(self, key: Mapping[str, Any]) -> None:
        """Delete an item."""
        self._writer.delete(self._table, key)

    def flush(self) -> None:
        """Send everything that waits. Raises as `TablesWriter.flush`."""
        self._writer.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)
