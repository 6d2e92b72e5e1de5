"""The circuit breaker of one region and one class of operations."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from holdfast.resilience.policy import BreakerPolicy

State = Literal["closed", "open", "half-open"]
TIMEOUT_WEIGHT = 2
"""A timeout during which nothing at all was answered counts as two failures: it says more, and costs more."""


@dataclass(frozen=True, slots=True)
class BreakerView:
    """A breaker as it stands, for metrics and for people."""

    state: State
    failures: int
    """In a row."""
    in_flight: int
    opened: int
    """Times that it opened."""
    retry_at: float | None
    """Clock time of the next probe; None while closed."""


class Breaker:
    """Opens after failures in a row, a rate over a window, or silence; then admits one probe at a time.

    Every admission gives a ticket, and the outcome is reported with it. A ticket from before the last
    change of state is void: a late answer neither closes nor opens anything.
    """

    __slots__ = (
        "_answered_at", "_bad", "_epoch", "_failures", "_good", "_in_flight", "_lease_until", "_lock", "_opened",
        "_policy", "_retry_at", "_state", "_window_until", "closed", "closed_at",
    )  # fmt: skip

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._lock = threading.Lock()
        self._state: State = "closed"
        self.closed = True
        """The same as a plain flag, for the path that must be short."""
        self.closed_at = float("-inf")
        """Clock time at which it closed after it had been open."""
        self._epoch = 1
        self._failures = self._in_flight = self._opened = 0
        self._good = self._bad = 0
        self._window_until = self._retry_at = self._lease_until = 0.0
        self._answered_at = float("-inf")

    def view(self) -> BreakerView:
        """How it stands."""
        with self._lock:
            retry_at = None if self._state == "closed" else max(self._retry_at, self._lease_until)
            return BreakerView(self._state, self._failures, self._in_flight, self._opened, retry_at)

    def admit(self, now: float) -> int:
        """A ticket for one attempt, or 0: the circuit is open, or its one probe is under way."""
        with self._lock:
            if self._state != "closed":
                if now < self._retry_at or (self._state == "half-open" and now < self._lease_until):
                    return 0
                self._state = "half-open"
                self._lease_until = now + self._policy.lease_seconds
                self._epoch += 1
                self._in_flight = 0
            self._in_flight += 1
            return self._epoch

    def due(self, now: float) -> bool:
        """Whether an open circuit would admit a probe."""
        if self.closed:
            return False
        with self._lock:
            return now >= self._retry_at and (self._state == "open" or now >= self._lease_until)

    def succeeded(self, ticket: int, now: float) -> None:
        """The region answered the attempt of this ticket."""
        with self._lock:
            if ticket != self._epoch:
                return
            self._in_flight -= 1
            self._answered_at = now
            if self._state == "half-open":
                self.closed_at = now
                self._change("closed")
                return
            self._failures = 0
            if now >= self._window_until:
                self._roll(now)
            self._good += 1

    def failed(self, ticket: int, now: float, *, silent_since: float | None = None) -> None:
        """The attempt of this ticket failed; `silent_since` is when it was sent if it got no answer at all."""
        with self._lock:
            if ticket != self._epoch:
                return
            self._in_flight -= 1
            if self._state == "half-open":
                self._open(now)
                return
            silent = silent_since is not None and self._answered_at < silent_since
            self._failures += TIMEOUT_WEIGHT if silent else 1
            if now >= self._window_until:
                self._roll(now)
            self._bad += 1
            calls = self._good + self._bad
            rate_exceeded = calls >= self._policy.minimum_calls and self._bad >= calls * self._policy.failure_rate
            # When an attempt waited in vain while others wait as well, those are failures to come.
            expected = self._failures + (self._in_flight if silent else 0)
            if expected >= self._policy.failure_threshold or rate_exceeded:
                self._open(now)

    def abandoned(self, ticket: int) -> None:
        """The attempt of this ticket ended without saying anything of the region (cancelled by its caller)."""
        with self._lock:
            if ticket != self._epoch:
                return
            self._in_flight -= 1
            if self._state == "half-open":
                self._lease_until = 0.0

    def _roll(self, now: float) -> None:
        self._good = self._bad = 0
        self._window_until = now + self._policy.window_seconds

    def _open(self, now: float) -> None:
        self._change("open")
        self._opened += 1
        self._retry_at = now + self._policy.reset_seconds

    def _change(self, state: State) -> None:
        self._state = state
        self.closed = state == "closed"
        self._epoch += 1
        self._failures = self._in_flight = self._good = self._bad = 0
        self._lease_until = 0.0
