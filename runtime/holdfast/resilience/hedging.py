"""When a read is hedged, and how often: what sync and async hedging share. And hedging for threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast._attempt import Call, Reply, Sender, Timeouts
    from holdfast.resilience.flight import Flight
    from holdfast.resilience.policy import HedgePolicy
    from holdfast.topology import Region

BURST = 10.0
"""Hedges that may be saved up while everything is fast."""


class HedgeBudget:
    """Extra sends that are allowed: a fixed part of the sends so far, with a small reserve. Threads may lose some."""

    __slots__ = ("_credit", "_part", "sent")

    def __init__(self, part: float) -> None:
        self._part = part
        self._credit = 1.0
        self.sent = 0

    def earn(self) -> None:
        """A send was made."""
        if self._credit < BURST:
            self._credit += self._part

    def spend(self) -> bool:
        """Take one hedge out of the budget, if there is one."""
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        self.sent += 1
        return True


class Hedging:
    """The budget of a client's hedges, and after how long a read gets one."""

    __slots__ = ("_minimum_calls", "_minimum_seconds", "budget", "enabled")

    def __init__(self, policy: HedgePolicy) -> None:
        self.enabled = policy.enabled
        self.budget = HedgeBudget(policy.budget)
        self._minimum_calls = policy.minimum_calls
        self._minimum_seconds = policy.minimum_seconds

    def delay(self, flight: Flight) -> float:
        """Seconds after which the read that is about to be sent is slower than nearly all; 0: not known yet."""
        self.budget.earn()
        latency = flight.latency
        if latency.seen < self._minimum_calls:
            return 0.0
        p95, least = latency.p95, self._minimum_seconds
        return max(least, p95)


class HedgingSender(Protocol):
    """A sender that can wait for two answers at once."""

    def send_hedged(
        self, call: Call, region: Region, *, timeouts: Timeouts, after: float, launch: Callable[[], bool]
    ) -> Reply:
        """The first answer of two sends, the second `after` seconds; an error only when both have failed.

        `launch` is asked then; False means that the first goes on alone.
        """
        ...


class SyncHedges(Hedging):
    """Hedged reads of a sync client. The caller's own thread waits for both answers, so no thread is added."""

    __slots__ = ("_send", "_send_hedged")

    def __init__(self, policy: HedgePolicy, sender: Sender) -> None:
        super().__init__(policy)
        self._send = sender.send
        self.enabled = policy.enabled and hasattr(sender, "send_hedged")
        if self.enabled:
            self._send_hedged = cast("HedgingSender", sender).send_hedged

    def send(self, flight: Flight) -> Reply:
        """One attempt of a read, and its hedge. Raises what the sender raises."""
        timeouts = flight.timeouts
        delay = self.delay(flight)
        if not 0 < delay < timeouts.attempt:
            return self._send(flight.call, flight.region, timeouts=timeouts)

        def launch() -> bool:
            if not self.budget.spend():
                return False
            flight.hedge()
            return True

        return self._send_hedged(flight.call, flight.region, timeouts=timeouts, after=delay, launch=launch)
