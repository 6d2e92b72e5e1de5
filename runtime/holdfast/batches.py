"""Batches without input or output: what fits into one request, what is left over, how long to wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import orjson

from holdfast._core.encode import binary_text
from holdfast._requests import add_options
from holdfast.errors import InvalidArgumentError, ThrottledError
from holdfast.values import revive

MAX_GETS: Final = 100
"""Keys in a BatchGetItem (DynamoDB API reference)."""
MAX_WRITES: Final = 25
"""Puts and deletes in a BatchWriteItem (DynamoDB API reference)."""
MAX_BYTES: Final = 16_000_000
"""Bytes of a BatchWriteItem's body: the service takes 16 MB; this leaves room for the rest of the document."""
FIRST_WAIT_SECONDS: Final = 0.05
MAX_WAIT_SECONDS: Final = 10.0
MAX_ROUNDS: Final = 10
"""Requests in a row that brought no progress, after which what is left is given up as throttled."""

WriteRequest = dict[str, Any]
"""`{"PutRequest": {"Item": …}}` or `{"DeleteRequest": {"Key": …}}`."""
TableWrite = tuple[str, WriteRequest]
"""A table's physical name, and a write of one of its items."""


class Named(Protocol):
    """A table."""

    name: str


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items, that many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def wait_seconds(rounds: int) -> float:
    """How long to wait after that many requests without progress: exponential from 50 ms to 10 s, full jitter."""
    import random  # noqa: PLC0415 - it loads OpenSSL, and most programs never wait here

    limit: float = min(FIRST_WAIT_SECONDS * 2**rounds, MAX_WAIT_SECONDS)
    return random.uniform(0, limit)  # noqa: S311 - spreads load; nothing depends on it being secret


def in_order(keys: Sequence[Mapping[str, Any]], found: Iterable[Mapping[str, Any]], names: Sequence[str]) -> list[Any]:
    """Items in the order of their keys; keys without an item are left out."""
    by_key = {_identity(item, names): item for item in found}
    items = (by_key.get(_identity(key, names)) for key in keys)
    return [item for item in items if item is not None]


def _identity(item: Mapping[str, Any], names: Sequence[str]) -> bytes:
    return orjson.dumps([item.get(name) for name in names], default=binary_text)


class _Rounds:
    """Counts requests without progress."""

    def __init__(self, operation: str, table: str) -> None:
        self._operation = operation
        self._table = table
        self._rounds = 0

    def wait(self, before: int, after: int) -> float:
        """Seconds to wait before what is left is sent again.

        Raises:
            ThrottledError: too many requests in a row brought no progress.
        """
        if not after:
            return 0.0
        self._rounds = 0 if after < before else self._rounds + 1
        if self._rounds == MAX_ROUNDS:
            raise ThrottledError(
                f"{after} items of a batch were still unprocessed after {MAX_ROUNDS} requests without progress; "
                "the table is over its capacity: send more slowly, or raise the capacity",
                table=self._table,
                operation=self._operation,
                code="ProvisionedThroughputExceededException",
            )
        return wait_seconds(self._rounds)


def _of_table(answers: Mapping[str, Any], table: str) -> Any:
    """A batch's answer for a table."""
    # A table may be addressed by its ARN, and answers by its name.
    return answers.get(table) or answers.get(table.rpartition("/")[2]) or ()


def gather(keys: Iterable[tuple[str, dict[str, Any]]], options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The RequestItems of a BatchGetItem, of keys of several tables and what is asked of each table."""
    wanted: dict[str, Any] = {}
    for table, key in keys:
        wanted.setdefault(table, {"Keys": [], **options.get(table, {})})["Keys"].append(key)
    return wanted


def asked(tables: Iterable[Named], options: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What the options of a batch get ask of each table.

    Raises:
        InvalidArgumentError: one table twice.
    """
    inner = {name: value for name, value in options.items() if name in ("consistent", "projection", "names")}
    found: dict[str, Mapping[str, Any]] = {}
    for table in tables:
        if table.name in found:
            raise InvalidArgumentError(f"{table.name} is given twice; write all its keys under one table")
        found[table.name] = add_options({}, inner)
    return found


class Gets:
    """The keys of one BatchGetItem, of one or several tables, until each is found or known to be absent."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.left = wanted
        """RequestItems of the next request; empty when all is done."""
        self.found: dict[str, list[dict[str, Any]]] = {table: [] for table in wanted}
        """Items in DynamoDB's form, by table."""
        self._rounds = _Rounds("BatchGetItem", ", ".join(wanted))

    @property
    def table(self) -> str | None:
        """The table, where there is one alone."""
        return next(iter(self.found)) if len(self.found) == 1 else None

    def request(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The request for what is left."""
        request: dict[str, Any] = {"RequestItems": self.left}
        if options.get("return_consumed_capacity"):
            request["ReturnConsumedCapacity"] = options["return_consumed_capacity"]
        return request

    def take(self, document: Mapping[str, Any]) -> float:
        """Take an answer; the seconds to wait before the next request."""
        before = sum(len(wanted["Keys"]) for wanted in self.left.values())
        again: dict[str, Any] = {}
        for table, wanted in self.left.items():
            self.found[table] += _of_table(document.get("Responses") or {}, table)
            unprocessed = _of_table(document.get("UnprocessedKeys") or {}, table)
            if unprocessed:
                again[table] = {**wanted, "Keys": [_revived(key) for key in unprocessed["Keys"]]}
        self.left = again
        return self._rounds.wait(before, sum(len(wanted["Keys"]) for wanted in again.values()))


class Writes:
    """The writes of one BatchWriteItem, in one or several tables, until each is confirmed."""

    def __init__(self, requests: Sequence[TableWrite]) -> None:
        self.left: dict[str, list[WriteRequest]] = {}
        """RequestItems of the next request; empty when all is done."""
        for table, request in requests:
            self.left.setdefault(table, []).append(request)
        self.table = next(iter(self.left)) if len(self.left) == 1 else None
        """The table, where there is one alone."""
        self._rounds = _Rounds("BatchWriteItem", ", ".join(self.left))

    def __len__(self) -> int:
        return sum(map(len, self.left.values()))

    def take(self, document: Mapping[str, Any]) -> float:
        """Take an answer; the seconds to wait before the next request."""
        before = len(self)
        answers = document.get("UnprocessedItems") or {}
        again = {table: [_revived_write(one) for one in _of_table(answers, table)] for table in self.left}
        self.left = {table: requests for table, requests in again.items() if requests}
        return self._rounds.wait(before, len(self))


def _revived_write(request: WriteRequest) -> WriteRequest:
    return {
        kind: {part: _revived(attributes) for part, attributes in content.items()} for kind, content in request.items()
    }


def _revived(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: revive(value) for name, value in attributes.items()}


def refused(error: Exception) -> bool:
    """Whether the caller may not ask for the names of a table's key (an error of botocore's)."""
    answer = getattr(error, "response", {})
    return bool(answer.get("Error", {}).get("Code") == "AccessDeniedException")


class WriteBuffer:
    """Writes that wait for a request. A later write of the same key replaces an earlier one that waits."""

    def __init__(self) -> None:
        self._waiting: dict[Any, tuple[TableWrite, int]] = {}
        self._bytes = 0
        self._under_way: dict[Any, int] = {}
        self.key_names: dict[str, Sequence[str] | None] = {}
        """By table; None where they cannot be known."""
        self._serial = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def ordered(self) -> bool:
        """Whether writes of one key can be told; where not, requests keep their order by going one at a time."""
        return None not in self.key_names.values()

    def add(self, table: str, request: WriteRequest) -> None:
        """Let a write wait."""
        key: Any = self._key((table, request))
        if key is None:
            self._serial += 1
            key = self._serial
        replaced = self._waiting.pop(key, None)  # the later one also goes later
        size = len(orjson.dumps(request, default=binary_text))
        self._waiting[key] = ((table, request), size)
        self._bytes += size - (replaced[1] if replaced else 0)

    @property
    def full(self) -> bool:
        """Whether a request can be filled."""
        return len(self._waiting) >= MAX_WRITES or self._bytes >= MAX_BYTES

    def take(self) -> list[TableWrite]:
        """As many as fit into a request; they count as under way."""
        taken: list[TableWrite] = []
        total = 0
        for key, (write, size) in list(self._waiting.items()):
            if len(taken) == MAX_WRITES or (taken and total + size > MAX_BYTES):
                break
            total += size
            taken.append(write)
            del self._waiting[key]
            self._under_way[key] = self._under_way.get(key, 0) + 1
        self._bytes -= total
        return taken

    def under_way(self, table: str, request: WriteRequest) -> bool:
        """Whether a write of the same key has been taken and is not done."""
        return bool(self._under_way) and self._key((table, request)) in self._under_way

    def done(self, writes: Iterable[TableWrite]) -> None:
        """The writes of a request are over."""
        for write in writes:
            key = self._key(write)
            left = self._under_way.get(key, 1) - 1
            if left:
                self._under_way[key] = left
            else:
                self._under_way.pop(key, None)

    def _key(self, write: TableWrite) -> tuple[str, bytes] | None:
        """What identifies the item; None where the table's key is not known."""
        table, request = write
        names = self.key_names.get(table)
        if not names:
            return None
        put = request.get("PutRequest")
        attributes = put["Item"] if put else request["DeleteRequest"]["Key"]
        return table, _identity(attributes, sorted(names))
