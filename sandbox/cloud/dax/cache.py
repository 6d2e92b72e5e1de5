"""The item cache and the query cache of a cluster."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

_LIMIT = 50_000

ABSENT: Any = object()
"""What `get` gives for what is not cached; None is a cached absence."""


class Cache:
    """Entries that live for a time to live, the least recently used ones leaving first when it is full."""

    def __init__(self, ttl_seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.ttl_seconds = ttl_seconds
        self.hits = 0
        self.misses = 0
        self._clock = clock
        self._entries: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """The cached value, or ABSENT."""
        with self._lock:
            found = self._entries.get(key)
            if found is None or found[0] <= self._clock():
                self.misses += 1
                return ABSENT
            self.hits += 1
            self._entries.move_to_end(key)
            return found[1]

    def put(self, key: Hashable, value: Any) -> None:
        """Cache a value."""
        if self.ttl_seconds <= 0:
            return
        with self._lock:
            self._entries[key] = (self._clock() + self.ttl_seconds, value)
            self._entries.move_to_end(key)
            while len(self._entries) > _LIMIT:
                self._entries.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        """Forget a value."""
        with self._lock:
            self._entries.pop(key, None)
