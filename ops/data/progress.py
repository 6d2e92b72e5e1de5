"""How far a long run over items is, and how long it will still take."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.console import Output

EVERY_SECONDS = 5.0


class Meter:
    """Counts items from several threads and says a line now and then."""

    def __init__(self, output: Output, *, what: str, expected: int) -> None:
        self._output = output
        self._what = what
        self._expected = expected
        self._lock = threading.Lock()
        self._started = self._said = time.monotonic()
        self.items = 0

    def __call__(self, items: int) -> None:
        """So many more."""
        with self._lock:
            self.items += items
            now = time.monotonic()
            if now - self._said >= EVERY_SECONDS:
                self._said = now
                self._output.say(self.line(now - self._started))

    def line(self, seconds: float) -> str:
        """What is done, how fast, and the time left; DescribeTable's count is up to six hours old, so `about`."""
        rate = self.items / seconds if seconds > 0 else 0.0
        left = max(0, self._expected - self.items) / rate if rate else 0.0
        return (
            f"  {self._what}: {self.items:,} of about {self._expected:,} items, {rate:,.0f} a second, {left:.0f} s left"
        )
