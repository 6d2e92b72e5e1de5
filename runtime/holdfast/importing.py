"""Items of a file into a table."""

from __future__ import annotations

import base64
import csv
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.errors import InvalidArgumentError
from holdfast.values import decode_item

if TYPE_CHECKING:
    from holdfast.table import Table

PROGRESS_SECONDS = 0.5
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
    path: Path,
    *,
    format: str | None,  # noqa: A002 - the usual name of the option
    types: Mapping[str, str],
    progress: Callable[[Progress], None] | None,
) -> ImportResult:
    """Write the items of a file; see `Table.import_items`.

    Raises:
        InvalidArgumentError: the file cannot be read, or a line is no item; the message names the line.
    """
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
    started = reported = time.monotonic()
    items = 0
    try:
        total = path.stat().st_size
        source = path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidArgumentError(f"{path}: cannot be read: {error.strerror}") from None
    counter = _Counted(source)
    with source, table.batch_writer() as batch:

        def report() -> None:
            if progress is not None:
                progress(Progress(items, batch.written, counter.read, total, time.monotonic() - started))

        try:
            for item in reader(counter):
                batch.put(item)
                items += 1
                if time.monotonic() - reported >= PROGRESS_SECONDS:
                    reported = time.monotonic()
                    report()
        except (ValueError, csv.Error) as error:
            raise InvalidArgumentError(f"{path}, line {counter.lines}: {error}") from None
        batch.flush()
        report()
    return ImportResult(items, batch.written, time.monotonic() - started)


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
