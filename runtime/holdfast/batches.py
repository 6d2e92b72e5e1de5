"""Batches without input or output: what fits into one request, what is left over, how long to wait."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from holdfast._core.encode import binary_text
from holdfast.errors import ThrottledError
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


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items, that many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def wait_seconds(rounds: int) -> float:
    """How long to wait after that many requests without progress: exponential from 50 ms to 10 s, full jitter."""
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


def _of_table(document: Mapping[str, Any], member: str, table: str) -> Any:
    """A batch's answer for a table."""
    answers = document.get(member) or {}
    # A table may be addressed by its ARN, and answers by its name.
    return answers.get(table) or answers.get(table.rpartition("/")[2]) or ()


class Gets:
    """The keys of one BatchGetItem, until each is found or known to be absent."""

    def __init__(self, table: str, keys: list[dict[str, Any]]) -> None:
        self._table = table
        self._rounds = _Rounds("BatchGetItem", table)
        self.left = keys
        self.found: list[dict[str, Any]] = []

    def take(self, document: Mapping[str, Any]) -> float:
        """Take an answer; the seconds to wait before the next request."""
        self.found += _of_table(document, "Responses", self._table)
        again = _of_table(document, "UnprocessedKeys", self._table)
        before = len(self.left)
        self.left = [_revived(key) for key in again["Keys"]] if again else []
        return self._rounds.wait(before, len(self.left))


class Writes:
    """The writes of one BatchWriteItem, until each is confirmed."""

    def __init__(self, table: str, requests: list[WriteRequest]) -> None:
        self._table = table
        self._rounds = _Rounds("BatchWriteItem", table)
        self.left = requests

    def request(self) -> dict[str, Any]:
        """The request for what is left."""
        return {"RequestItems": {self._table: self.left}}

    def take(self, document: Mapping[str, Any]) -> float:
        """Take an answer; the seconds to wait before the next request."""
        before = len(self.left)
        self.left = [
            {
                kind: {part: _revived(attributes) for part, attributes in content.items()}
                for kind, content in one.items()
            }
            for one in _of_table(document, "UnprocessedItems", self._table)
        ]
        return self._rounds.wait(before, len(self.left))


def _revived(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: revive(value) for name, value in attributes.items()}


class WriteBuffer:
    """Writes of one table that wait for a request. A later write of the same key replaces an earlier one that waits."""

    def __init__(self, table: str, key_names: Sequence[str] | None) -> None:
        self._table = table
        self._key_names = key_names
        self._waiting: dict[Any, tuple[WriteRequest, int]] = {}
        self._bytes = 0
        self._under_way: dict[Any, int] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, request: WriteRequest) -> None:
        """Let a write wait."""
        key: Any = self._key(request)
        if key is None:
            self._serial += 1
            key = self._serial
        replaced = self._waiting.pop(key, None)  # the later one also goes later
        size = len(orjson.dumps(request, default=binary_text))
        self._waiting[key] = (request, size)
        self._bytes += size - (replaced[1] if replaced else 0)

    @property
    def full(self) -> bool:
        """Whether a request can be filled."""
        return len(self._waiting) >= MAX_WRITES or self._bytes >= MAX_BYTES

    def take(self) -> list[WriteRequest]:
        """As many as fit into a request; they count as under way."""
        taken: list[WriteRequest] = []
        total = 0
        for key, (request, size) in list(self._waiting.items()):
            if len(taken) == MAX_WRITES or (taken and total + size > MAX_BYTES):
                break
            total += size
            taken.append(request)
            del self._waiting[key]
            self._under_way[key] = self._under_way.get(key, 0) + 1
        self._bytes -= total
        return taken

    def under_way(self, request: WriteRequest) -> bool:
        """Whether a write of the same key has been taken and is not done."""
        return self._key(request) in self._under_way

    def done(self, requests: Iterable[WriteRequest]) -> None:
        """The writes of a request are over."""
        for request in requests:
            key = self._key(request)
            left = self._under_way.get(key, 1) - 1
            if left:
                self._under_way[key] = left
            else:
                self._under_way.pop(key, None)

    def _key(self, request: WriteRequest) -> bytes | None:
        """What identifies the item; None where the table's key is not known."""
        put = request.get("PutRequest")
        attributes = put["Item"] if put else request["DeleteRequest"]["Key"]
        return _identity(attributes, sorted(self._key_names)) if self._key_names else None
