"""A clock that a test moves."""

from __future__ import annotations


class FakeClock:
    """Stands still until it is told to move. Call it for the time; give `sleep` where something would wait."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now
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
