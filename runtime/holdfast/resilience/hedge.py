"""Hedged reads: a read that is slower than nearly all gets a second chance beside the first."""

from __future__ import annotations

import asyncio
from operator import itemgetter
from typing import TYPE_CHECKING

from holdfast.errors import HoldfastError
from holdfast.resilience.hedging import Hedging

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from holdfast._attempt import AsyncSender, Reply, Timeouts
    from holdfast.resilience.flight import Flight
    from holdfast.resilience.policy import HedgePolicy

OVERDUE_SECONDS = 1.0


class Hedges(Hedging):
    """Sends a read, and after the running quantile of its latency a second one; the loser is cancelled.

    The first send runs in the caller's own task. The hedge goes to the same region: it escapes a slow connection
    or host, and another region would be farther than what it saves.

    There is one timer for all, set for the read that is due first; it stays set when that is answered. What is answered
    is let go at once, so that the next read finds its memory warm.
    """

    __slots__ = ("_at", "_clock", "_timer", "waiting")

    def __init__(self, policy: HedgePolicy, clock: Callable[[], float]) -> None:
        super().__init__(policy)
        self._clock = clock
        self.waiting: dict[_Race, float] = {}
        """When the hedge of each read under way is due."""
        self._timer: asyncio.TimerHandle | None = None
        self._at = 0.0

    def send(self, sender: AsyncSender, flight: Flight) -> Awaitable[Reply]:
        """The first answer of the two; an error only when both have failed."""
        delay = self.delay(flight)
        if not delay:
            return sender.send(flight.call, flight.region, timeouts=flight.timeouts)
        return _Race(self, sender, flight).run(delay)

    def watch(self, race: _Race, sent_at: float, delay: float) -> None:
        """Launch the race's hedge `delay` seconds after `sent_at`, unless it is over by then."""
        due = self.waiting[race] = sent_at + delay
        # A timer that is long overdue belongs to an event loop that has ended.
        if self._timer is None or due < self._at or self._at < sent_at - OVERDUE_SECONDS:
            self._set(due, delay)

    def _set(self, at: float, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at = at
        self._timer = asyncio.get_running_loop().call_later(seconds, self._due)

    def _due(self) -> None:
        self._timer = None
        now = self._clock()
        for race, due in sorted(self.waiting.items(), key=itemgetter(1)):
            if due > now:
                self._set(due, due - now)
                return
            del self.waiting[race]
            race.launch()


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
        self._hedges.watch(self, flight.sent_at, delay)
        try:
            reply = await self._sender.send(flight.call, flight.region, timeouts=flight.timeouts)
        except asyncio.CancelledError:
            if self._won and self._hedge is not None and self._owner is not None and self._owner.uncancel() == 0:
                return self._hedge.result()
            self._drop()
            raise
        except HoldfastError:
            hedge = self._hedge
            if hedge is None:
                raise
            hedge.remove_done_callback(self._finished)
            try:
                return await hedge
            except asyncio.CancelledError:
                hedge.cancel()
                raise
        else:
            if self._hedge is not None:
                if self._won and self._owner is not None:
                    self._owner.uncancel()  # the sender ended before the cancellation reached it
                self._drop()
            return reply
        finally:
            self._hedges.waiting.pop(self, None)
            self._owner = None  # a hedge that ended in this same turn has its callback queued: it must not cancel us

    def launch(self) -> None:
        """Send the hedge, if the budget has one."""
        if not self._hedges.budget.spend():
            return
        flight = self._flight
        send = _send(self._sender, flight, flight.hedge())
        self._hedge = asyncio.get_running_loop().create_task(send, name="holdfast-hedge")
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


async def _send(sender: AsyncSender, flight: Flight, timeouts: Timeouts) -> Reply:
    return await sender.send(flight.call, flight.region, timeouts=timeouts)
