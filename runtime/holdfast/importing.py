"""Items of a file into a table."""

from __future__ import annotations

import base64
import csv
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from holdfast.errors import InvalidArgumentError
from holdfast.values import decode_item

if TYPE_CHECKING:
    from holdfast.async_table import AsyncTable
    from holdfast.table import Table

PROGRESS_SECONDS = 0.5
CHUNK_ITEMS = 500
"""Items that a thread reads for an event loop at a time."""
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is."""

    items: int
    """Items read so far."""
    written: int
    """Of them confirmed by DynamoDB."""
    bytes_read: int
    bytes_total: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did."""

    items: int
    written: int
    """Fewer than `items` where a later line of the file had the same key as one that was waiting."""
    seconds: float


def import_items(
    table: Table[Any],
    path: str | Path,
    *,
    format: str | None,  # noqa: A002 - the usual name of the option
    types: Mapping[str, str],
    progress: Callable[[Progress], None] | None,
) -> ImportResult:
    """Write the items of a file; see `Table.import_items`.

    Raises:
        InvalidArgumentError: the file cannot be read, or a line is no item; the message names the line.
    """
    with _Source(Path(path), format, types, progress) as source, table.batch_writer() as batch:
        for number, item in enumerate(source.items(), 1):
            try:
                batch.put(item)
            except InvalidArgumentError as error:
                raise source.refused(number, error) from None
            source.note(batch.written)
        batch.flush()
        return source.done(batch.written)


async def import_items_async(
    table: AsyncTable[Any],
    path: str | Path,
    *,
    format: str | None,  # noqa: A002 - the usual name of the option
    types: Mapping[str, str],
    progress: Callable[[Progress], None] | None,
    concurrency: int,
) -> ImportResult:
    """The same on an event loop; the file is read in a thread. Raises as `import_items`."""
    import asyncio  # noqa: PLC0415 - for those who have a loop already

    source = await asyncio.to_thread(_Source, Path(path), format, types, progress)
    with source:
        items = enumerate(source.items(), 1)
        async with table.batch_writer(concurrency=concurrency) as batch:
            while chunk := await asyncio.to_thread(lambda: list(islice(items, CHUNK_ITEMS))):
                for number, item in chunk:
                    try:
                        await batch.put(item)
                    except InvalidArgumentError as error:
                        raise source.refused(number, error) from None
                    source.note(batch.written)
            await batch.flush()
            return source.done(batch.written)


class _Source:
    """A file of items, and how far its import is.

    Raises:
        InvalidArgumentError: the file cannot be read, or its format is not known.
    """

    def __init__(
        self,
        path: Path,
        format: str | None,  # noqa: A002 - as above
        types: Mapping[str, str],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._path = path
        self._reader = _reader(path, format, types)
        self._progress = progress
        self._started = self._reported = time.monotonic()
        self._items = 0
        try:
            self._total = path.stat().st_size
            self._file = path.open(encoding="utf-8", newline="")
        except OSError as error:
            raise InvalidArgumentError(f"{path}: cannot be read: {error.strerror}") from None
        self._lines = _Counted(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def items(self) -> Iterator[dict[str, Any]]:
        """Item after item.

        Raises:
            InvalidArgumentError: a line is no item; the message names it.
        """
        try:
            for item in self._reader(self._lines):
                self._items += 1
                yield item
        except (ValueError, csv.Error) as error:
            raise InvalidArgumentError(f"{self._path}, line {self._lines.lines}: {error}") from None

    def refused(self, number: int, error: InvalidArgumentError) -> InvalidArgumentError:
        """An item that cannot be written, with its place in the file."""
        return InvalidArgumentError(f"{self._path}, item {number}: {error.message}")

    def note(self, written: int) -> None:
        """Tell of the progress, when it is time."""
        if self._progress is not None and time.monotonic() - self._reported >= PROGRESS_SECONDS:
            self._reported = time.monotonic()
            self._report(written)

    def done(self, written: int) -> ImportResult:
        """Everything is written."""
        self._report(written)
        return ImportResult(self._items, written, time.monotonic() - self._started)

    def _report(self, written: int) -> None:
        if self._progress is not None:
            seconds = time.monotonic() - self._started
            self._progress(Progress(self._items, written, self._lines.read, self._total, seconds))


def _reader(
    path: Path,
    format: str | None,  # noqa: A002 - as above
    types: Mapping[str, str],
) -> Callable[[Iterator[str]], Iterator[dict[str, Any]]]:
    kind = format or _SUFFIXES.get(path.suffix.lower(), "")
    readers: dict[str, Callable[[Iterator[str]], Iterator[dict[str, Any]]]] = {
        "jsonl": _json_lines,
        "dynamodb-json": _export_lines,
        "csv": lambda lines: _csv_rows(lines, types),
    }
    reader = readers.get(kind)
    if reader is None:
        raise InvalidArgumentError(
            f"{path}: format is {kind or 'not known by the suffix'!r}; write jsonl, dynamodb-json or csv"
        )
    return reader


class _Counted(Iterator[str]):
    """Lines of a file, with how much was read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.lines = 0
        self.read = 0

    def __next__(self) -> str:
        line = next(self._lines)
        self.lines += 1
        self.read += len(line.encode())
        return line


def _json_lines(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.strip():
            item = json.loads(line, parse_float=Decimal)
            if not isinstance(item, dict):
                raise InvalidArgumentError(
                    f"a line holds one item as a JSON object; this one holds {type(item).__name__}"
                )
            yield item


def _export_lines(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for document in _json_lines(lines):
        item = document.get("Item")
        if not isinstance(item, dict):
            raise InvalidArgumentError('a line of an export holds {"Item": {…}}')
        try:
            yield decode_item(item)
        except (KeyError, TypeError, AttributeError, InvalidOperation):
            raise InvalidArgumentError("the item is not in DynamoDB's form") from None


def _csv_rows(lines: Iterator[str], types: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    rows = csv.DictReader(lines, strict=True)
    unknown = set(types) - set(rows.fieldnames or ())
    if unknown:
        raise InvalidArgumentError(
            f"types names {', '.join(sorted(unknown))}, and the header has {', '.join(rows.fieldnames or ())}"
        )
    for row in rows:
        if None in row or None in row.values():
            raise InvalidArgumentError(f"the row has not {len(rows.fieldnames or ())} columns as the header has")
        yield {name: _csv_value(name, text, types.get(name, "S")) for name, text in row.items() if text != ""}


def _csv_value(name: str, text: str, tag: str) -> Any:
    match tag:
        case "S":
            return text
        case "N":
            try:
                return Decimal(text)
            except InvalidOperation:
                raise InvalidArgumentError(f"{name}: {text!r} is no number") from None
        case "BOOL":
            if text.lower() not in ("true", "false"):
                raise InvalidArgumentError(f"{name}: {text!r} is neither true nor false")
            return text.lower() == "true"
        case "B":
            return base64.b64decode(text, validate=True)
        case "JSON":
            return json.loads(text, parse_float=Decimal)
        case _:
            raise InvalidArgumentError(f"{name}: the type is {tag!r}; write S, N, BOOL, B or JSON")
