"""For threads: one read in flight per key, and gets of one moment gathered into a BatchGetItem."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from holdfast import errors
from holdfast.resilience.gather import MOST, WORTHWHILE, Group, Key, batch_of, ended, parts_of, shareable

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast._attempt import Call, Reply
    from holdfast.resilience.assembly import Pipeline

GATHERING_SECONDS = 0.001
"""How long the first of several threads waits for the others: a small part of what a get takes. Threads that find fewer
than `WORTHWHILE` gets in flight do not wait at all."""


class _Shared:
    """A get that is under way, for those who wait for it."""

    __slots__ = ("call", "done", "reply")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.done = threading.Event()
        self.reply: Reply | None = None


class SyncCoalescer:
    """The first reader of a key sends, those who come before its answer wait for it.

    While many gets of a table are in flight, the next are gathered: the first of them waits a moment for others, and
    sends all as one batch.
    """

    def __init__(self, inner: Pipeline, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.inner = inner
        self.core = inner.core
        self._sleep = sleep
        self._flights: dict[Key, _Shared] = {}
        self._gathering: dict[Group, list[_Shared]] = {}
        self._in_flight: dict[Group, int] = {}
        self._lock = threading.Lock()
        self.joined = 0
        self.batches = 0

    def send(self, call: Call) -> Reply:
        """Send, join an equal read that is under way, or gather. Raises any error of `holdfast.errors`."""
        if call.operation.access == "write":
            return self._write(call)
        key = shareable(call)
        if key is None:
            return self.inner.send(call)
        group = (call.table or "", key[1])
        with self._lock:
            shared = self._flights.get(key)
            if shared is not None:
                self.joined += 1
            else:
                mine = self._flights[key] = _Shared(call)
                gathering = self._gathering.get(group)
                in_flight = self._in_flight.get(group, 0)
                self._in_flight[group] = in_flight + 1
                if gathering is not None:
                    gathering.append(mine)
                elif in_flight >= WORTHWHILE - 1:
                    self._gathering[group] = [mine]
        if shared is not None:
            return self._joined(call, shared)
        try:
            if gathering is not None:
                return self._followed(mine)
            if in_flight >= WORTHWHILE - 1:
                return self._led(group, mine)
            return self._sent(mine)
        finally:
            with self._lock:
                self._in_flight[group] -= 1
                if self._flights.get(key) is mine:
                    del self._flights[key]
            mine.done.set()

    def _write(self, call: Call) -> Reply:
        with self._lock:
            ended(self._flights, call, self.core.tables)
        try:
            return self.inner.send(call)
        finally:
            with self._lock:
                ended(self._flights, call, self.core.tables)

    def _sent(self, mine: _Shared) -> Reply:
        mine.reply = self.inner.send(mine.call)
        return mine.reply

    def _led(self, group: Group, mine: _Shared) -> Reply:
        """Wait for others, and send what has gathered."""
        batch: list[_Shared] = []
        try:
            self._sleep(GATHERING_SECONDS)
        finally:
            with self._lock:
                gathered = self._gathering.pop(group)
            if len(gathered) >= WORTHWHILE:
                batch, gathered = gathered[:MOST], gathered[MOST:]
            self._release(gathered)
        try:
            if batch:
                self._send_batch(group, batch)
        finally:
            self._release(batch)
        return mine.reply if mine.reply is not None else self._sent(mine)

    def _send_batch(self, group: Group, batch: list[_Shared]) -> None:
        calls = [shared.call for shared in batch]
        self.batches += 1
        try:
            # The leader's own deadline: it is its thread that waits. Who has longer goes on alone.
            parts = parts_of(group, calls, self.inner.send(batch_of(group, calls, calls[0].deadline)))
        except errors.HoldfastError:
            return  # a batch fails whole; each of its gets has its own retries
        for shared, part in zip(batch, parts, strict=True):
            shared.reply = part

    @staticmethod
    def _release(gathered: list[_Shared]) -> None:
        """Let their threads go on; those without an answer send for themselves."""
        for shared in gathered:
            shared.done.set()

    def _followed(self, mine: _Shared) -> Reply:
        """Wait for the thread that gathers."""
        self._wait(mine.call, mine)
        if mine.reply is None:
            mine.done.clear()
            return self._sent(mine)
        return mine.reply

    def _joined(self, call: Call, shared: _Shared) -> Reply:
        """Wait for the thread that reads the same."""
        self._wait(call, shared)
        if shared.reply is None:
            return self.inner.send(call)  # the other's failure may be its own: a shorter deadline, an interrupt
        return shared.reply

    def _wait(self, call: Call, shared: _Shared) -> None:
        left = self.core.policy.timeout.call_seconds if call.deadline is None else call.deadline - self.core.clock()
        if not shared.done.wait(max(0.0, left)):
            raise errors.DeadlineExceededError(
                "the time given to the call is used up", operation=call.operation.name, table=call.table
            )

    def close(self) -> None:
        """Close what is beneath."""
        self.inner.close()
