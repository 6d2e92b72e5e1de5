"""Hedged reads: a read that is slower than nearly all gets a second chance beside the first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from holdfast.errors import HoldfastError

if TYPE_CHECKING:
    from holdfast._attempt import AsyncSender, Reply
    from holdfast.resilience.flight import Flight
    from holdfast.resilience.policy import HedgePolicy

BURST = 10.0
"""Hedges that may be saved up while everything is fast."""


class HedgeBudget:
    """Extra sends that are allowed: a fixed part of the sends so far, with a small reserve."""

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


class Hedges:
    """Sends a read, and after the running quantile of its latency a second one; the loser is cancelled.

    The first send runs in the caller's own task, so that a read which needs no hedge costs one timer. The
    hedge goes to the same region: it escapes a slow connection or host, and another region would be
    farther than what it saves.
    """

    __slots__ = ("_minimum_calls", "_minimum_seconds", "_quantile", "budget", "enabled")

    def __init__(self, policy: HedgePolicy) -> None:
        self.enabled = policy.enabled
        self.budget = HedgeBudget(policy.budget)
        self._minimum_calls = policy.minimum_calls
        self._minimum_seconds = policy.minimum_seconds
        self._quantile = policy.quantile

    async def send(self, sender: AsyncSender, flight: Flight) -> Reply:
        """The first answer of the two; an error only when both have failed."""
        latency = flight.latency
        self.budget.earn()
        if latency.seen < self._minimum_calls:
            return await sender.send(flight.call, flight.region, timeouts=flight.timeouts)
        return await _Race(self, sender, flight).run(max(latency.p95, self._minimum_seconds))


class _Race:
    """One read and its hedge."""

    __slots__ = ("_flight", "_hedge", "_hedges", "_owner", "_sender", "_won")

    def __init__(self, hedges: Hedges, sender: AsyncSender, flight: Flight) -> None:
        self._hedges = hedges
        self._sender = sender
        self._flight = flight
        self._hedge: asyncio.Task[Reply] | None = None
        self._owner: asyncio.Task[object] | None = None
        self._won = False

    async def run(self, delay: float) -> Reply:
        flight = self._flight
        self._owner = asyncio.current_task()
        timer = asyncio.get_running_loop().call_later(delay, self._launch)
        try:
            reply = await self._sender.send(flight.call, flight.region, timeouts=flight.timeouts)
        except asyncio.CancelledError:
            if self._won and self._hedge is not None and self._owner is not None and self._owner.uncancel() == 0:
                return self._hedge.result()
            self._drop()
            raise
        except HoldfastError:
            if self._hedge is None:
                raise
            return await self._second()
        else:
            if self._won and self._owner is not None:
                self._owner.uncancel()  # the sender ended before the cancellation reached it
            self._drop()
            return reply
        finally:
            timer.cancel()
            self._owner = None  # a hedge that ended in this same turn has its callback queued: it must not cancel us

    async def _second(self) -> Reply:
        """The first send failed: wait for the hedge alone."""
        hedge = self._hedge
        if hedge is None:
            raise RuntimeError("no hedge was sent")
        hedge.remove_done_callback(self._finished)
        try:
            return await hedge
        except asyncio.CancelledError:
            hedge.cancel()
            raise

    def _launch(self) -> None:
        if not self._hedges.budget.spend():
            return
        flight = self._flight
        flight.hedge()
        self._hedge = asyncio.get_running_loop().create_task(_send(self._sender, flight), name="holdfast-hedge")
        self._hedge.add_done_callback(self._finished)

    def _finished(self, hedge: asyncio.Task[Reply]) -> None:
        if hedge.cancelled() or hedge.exception() is not None or self._owner is None:
            return
        self._won = True
        self._owner.cancel()

    def _drop(self) -> None:
        if self._hedge is not None:
            self._hedge.remove_done_callback(self._finished)
            self._hedge.cancel()


async def _send(sender: AsyncSender, flight: Flight) -> Reply:
    return await sender.send(flight.call, flight.region, timeouts=flight.timeouts)
