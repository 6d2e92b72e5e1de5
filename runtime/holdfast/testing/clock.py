"""A clock that a test moves."""

from __future__ import annotations

import time


class FakeClock:
    """Stands still until it is told to move. Call it for the time; give `sleep` where something would wait.

    It begins at the time of `time.monotonic()`, by which a deadline is set: move it once that is done.
    """

    def __init__(self, now: float | None = None) -> None:
        self.now = time.monotonic() if now is None else now
        self.slept: list[float] = []

    def __call__(self) -> float:
        """The time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        """Wait, at once."""
        self.slept.append(seconds)
        self.now += seconds
