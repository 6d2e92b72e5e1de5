"""Redis in memory: what the caching layers ask, with the same outcome as the scripts that Redis runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from holdfast.caching.entry import WRITING, Entry, generation_key, value_key
from holdfast.caching.steps import Begin, CacheError, CacheStep, End, Fill, Look

if TYPE_CHECKING:
    from collections.abc import Callable


class MemoryCache:
    """A store of the sync caching pipeline; `down` makes it fail."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, bytes]] = {}
        self.down = False

    def _get(self, key: str) -> bytes | None:
        found = self._kept.get(key)
        if found is None or self._clock() >= found[0]:
            return None
        return found[1]

    def _set(self, key: str, value: bytes, seconds: float) -> None:
        self._kept[key] = (self._clock() + seconds, value)

    def run(self, step: CacheStep) -> Any:
        """Carry out a step. Raises `CacheError` while it is down."""
        if self.down:
            raise CacheError("the cache is down")
        match step:
            case Look(item, principal, fresh, seconds):
                generation = self._get(generation_key(item))
                if generation is None:
                    generation = fresh
                    self._set(generation_key(item), fresh, seconds)
                return self._get(value_key(item, principal)), generation
            case Fill(item, principal, entry, seconds):
                return self._fill(item, principal, entry, seconds)
            case Begin(items, generation, seconds):
                stood = [self._get(generation_key(item)) for item in items]
                for item in items:
                    self._set(generation_key(item), generation, seconds)
                return stood[-1] or b""
            case End(items, began, generation, seconds, wrote):
                for item in items:
                    now = self._get(generation_key(item))
                    if now is None or now == began or (wrote and not now.startswith(WRITING)):
                        self._set(generation_key(item), generation, seconds)
            case _:
                raise TypeError(f"a cache does not do {type(step).__name__}")
        return 1

    def _fill(self, item: str, principal: str | None, entry: Entry, seconds: float) -> int:
        if self._get(generation_key(item)) != entry.generation:
            return 0
        held = self._get(value_key(item, principal))
        old = Entry.unpack(held) if held is not None else None
        if old is not None and old.generation == entry.generation and 0 <= entry.version < old.version:
            return 0
        self._set(value_key(item, principal), entry.pack(), seconds)
        return 1

    def clear(self) -> None:
        """Forget everything, as a cache that was replaced."""
        self._kept.clear()

    def close(self) -> None:
        """Nothing to close."""
