"""The change log behind restores to a point in time: a snapshot, and every write since."""

from __future__ import annotations

from collections import deque

from sandbox.cloud.dynamodb.keys import Token
from sandbox.cloud.dynamodb.values import Item

_LIMIT = 200_000
"""Writes kept; older ones are folded into the snapshot, and the earliest restorable time moves with them."""


class ChangeLog:
    """What a table held at any time since the log began. Times in ns since the epoch."""

    def __init__(self) -> None:
        self.earliest_ns = 0
        self._base: dict[Token, Item] = {}
        self._log: deque[tuple[int, Token, Item | None]] = deque()

    def start(self, items: dict[Token, Item], now_ns: int) -> None:
        """Begin with what the table holds."""
        self._base, self.earliest_ns = items, now_ns
        self._log.clear()

    def add(self, time_ns: int, token: Token, item: Item | None) -> None:
        """One write; None is a delete."""
        self._log.append((time_ns, token, item))
        if len(self._log) > _LIMIT:
            self._fold()

    def _fold(self) -> None:
        for _ in range(_LIMIT // 10):
            time_ns, token, item = self._log.popleft()
            _apply(self._base, token, item)
            self.earliest_ns = time_ns

    def at(self, time_ns: int) -> list[Item]:
        """The items as they were at the end of a moment."""
        items = dict(self._base)
        for written, token, item in self._log:
            if written > time_ns:
                break
            _apply(items, token, item)
        return list(items.values())


def _apply(items: dict[Token, Item], token: Token, item: Item | None) -> None:
    if item is None:
        items.pop(token, None)
    else:
        items[token] = item
