"""Workers that share registers: items with one value, read, written, and changed if they still hold what was read.

What they record is judged for linearizability, which a table with strong consistency promises.
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from holdfast import errors
from holdfast.testing.checker import UNKNOWN, Event, linearizable, register

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from holdfast.async_client import AsyncClient

PAUSE_SECONDS = 0.2
"""Mean time between two operations of a worker."""


@dataclass(slots=True)
class Registers:
    """What was done with each register, by key."""

    events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))

    def broken(self) -> list[str]:
        """The keys whose history no order of the operations explains."""
        return [key for key, events in self.events.items() if not linearizable(events, None, register)]

    def __len__(self) -> int:
        return sum(len(events) for events in self.events.values())


class RegisterWorker:
    """One task over registers that all workers share.

    Args:
        name: unique; values begin with it.
        client: whose calls they are.
        table: logical name of a table with key `pk` and strong consistency.
        keys: of the registers.
        found: where to record.
        rng: its chance.
        clock: seconds, the same for all workers.
    """

    def __init__(
        self,
        name: str,
        client: AsyncClient,
        *,
        table: str,
        keys: list[str],
        found: Registers,
        rng: random.Random,
        clock: Callable[[], float],
    ) -> None:
        self._name = name
        self._table = client.table(table)
        self._keys = keys
        self._found = found
        self._rng = rng
        self._clock = clock
        self._serial = 0
        self._read: dict[str, Any] = {}

    async def work(self, seconds: float) -> None:
        """Operate until the time is up."""
        ends = self._clock() + seconds
        while self._clock() < ends:
            await asyncio.sleep(self._rng.uniform(0, 2 * PAUSE_SECONDS))
            key = self._rng.choice(self._keys)
            if key in self._read and self._rng.random() < 0.5:
                await self._swap(key, self._read[key])
            else:
                await self._look(key)

    def _note(self, key: str, given: tuple[Any, ...], output: Any, start: float) -> None:
        end = math.inf if output is UNKNOWN else self._clock()
        self._found.events[key].append(Event(given, output, start, end))

    async def _look(self, key: str) -> None:
        start = self._clock()
        try:
            item = await self._table.get({"pk": key}, consistent=True)
        except errors.HoldfastError:
            return  # it says nothing
        self._read[key] = value = item["value"] if item else None
        self._note(key, ("read",), value, start)

    async def _swap(self, key: str, old: Any) -> None:
        """Only conditional writes: one without a condition may take effect once more when it arrives late."""
        self._serial += 1
        new = f"{self._name}.{self._serial}"
        start = self._clock()
        condition = "attribute_not_exists(pk)" if old is None else "#v = :old"
        more: dict[str, Any] = {} if old is None else {"names": {"#v": "value"}, "values": {":old": old}}
        del self._read[key]
        given = ("cas", old, new)
        try:
            await self._table.put({"pk": key, "value": new}, condition=condition, **more)
        except errors.ConditionalCheckFailedError:
            self._note(key, given, False, start)
        except errors.HoldfastError as error:
            if error.applied == "unknown":
                self._note(key, given, UNKNOWN, start)
        else:
            self._note(key, given, True, start)
