"""Running quantiles of latency, cheap enough to be taken on every call."""

from __future__ import annotations

import math

_PER_DOUBLING = 8
"""Buckets per doubling: a quantile is right within 9 %."""
_LOWEST = 2.0**-17
"""Seconds of the first bucket (about 8 µs)."""
_BUCKETS = 24 * _PER_DOUBLING
"""Up to about 128 s."""
_WINDOW = 1024
"""Observations after which the older half of the weight is let go."""
_REFRESH = 32
"""Observations between two computations of the quantiles."""
_SCALE = _PER_DOUBLING / math.log(2)
_LOG_LOWEST = math.log(_LOWEST)


class Latency:
    """A histogram of seconds in logarithmic buckets whose older half fades."""

    __slots__ = ("_counts", "_due", "_total", "best", "p50", "p95", "p99", "seen")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self._total = 0
        self._due = 1
        self.seen = 0
        """Observations ever made."""
        self.best = math.inf
        """The lowest running median: what the service does when nothing is in its way."""
        self.p50 = self.p95 = self.p99 = 0.0

    def observe(self, seconds: float) -> None:
        """Take one latency. Races between threads lose an observation at worst."""
        position = int((math.log(seconds) - _LOG_LOWEST) * _SCALE) if seconds > _LOWEST else 0
        self._counts[position if position < _BUCKETS else _BUCKETS - 1] += 1
        self._total += 1
        self.seen += 1
        self._due -= 1
        if self._due <= 0:
            self._refresh()

    def _refresh(self) -> None:
        self._due = min(_REFRESH, self.seen)
        counts = self._counts
        if self._total >= _WINDOW:
            self._counts = counts = [count >> 1 for count in counts]
            self._total = sum(counts)
        wanted = [math.ceil(self._total * quantile) for quantile in (0.5, 0.95, 0.99)]
        found: list[float] = []
        running = 0
        for index, count in enumerate(counts):
            if not count:
                continue
            running += count
            while len(found) < 3 and running >= wanted[len(found)]:
                found.append(_LOWEST * 2 ** ((index + 1) / _PER_DOUBLING))
        if len(found) == 3:
            self.p50, self.p95, self.p99 = found
            if self.seen >= _REFRESH:
                self.best = min(self.best * 1.001, self.p50)
