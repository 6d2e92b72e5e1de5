"""What replication lag was, lately."""

from __future__ import annotations

from collections import deque

_WINDOW = 1000


class LagSamples:
    """The lags of the last thousand changes on a link, in seconds."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=_WINDOW)

    def add(self, seconds: float) -> None:
        """One more."""
        self._samples.append(seconds)

    def percentile(self, share: float) -> float | None:
        """The lag that this share of changes did not exceed, or None when there was none."""
        if not self._samples:
            return None
        ordered = sorted(self._samples)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def last(self) -> float | None:
        """The lag of the last change."""
        return self._samples[-1] if self._samples else None
