"""A sender over in-memory regions, with scripted faults: what a user's own tests run their code on."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import orjson

from holdfast import errors
from holdfast._attempt import Reply
from holdfast.testing.store import Store, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from holdfast._attempt import Call, Timeouts
    from holdfast.testing.clock import FakeClock
    from holdfast.topology import Region

Fault = errors.HoldfastError | None
"""What an attempt meets: an error, raised before the region sees it, or None for "let it pass"."""


class LoseAnswer(errors.ConnectionLostError):
    """The region takes the request, and the answer is lost."""

    def __init__(self) -> None:
        super().__init__("the connection ended before the answer")


class MemoryRegions:
    """Regions of one process. Writes are replicated to every other region at once, unless it is paused.

    Both a `Sender` and, through `asynchronous()`, an `AsyncSender`.

    Args:
        regions: from the topology.
        clock: the time of the clients over them, in which a wait before a retry costs nothing; None: real time.
        seed: of the clients' jitter, which is then the same each time.

    Example:
        clock = FakeClock()
        regions = MemoryRegions(topology.regions.values(), clock=clock, seed=1)
        client = Client(topology, sender=regions)
        regions.script("us-east-1", errors.ThrottledError("slow down", code="ThrottlingException", status=400), None)
    """

    def __init__(self, regions: Iterable[Region], *, clock: FakeClock | None = None, seed: int | None = None) -> None:
        self.core_options: dict[str, Any] = {}
        self.sleep: Callable[[float], None] = time.sleep
        self._clock: Callable[[], float] = time.time
        if clock is not None:
            self.core_options["clock"] = clock
            self.sleep, self._clock = clock.sleep, lambda: clock.now
        if seed is not None:
            self.core_options["random"] = random.Random(seed).random  # noqa: S311 - chance that can be repeated
        self.stores: dict[str, Store] = {}
        self.sent: list[tuple[str, str]] = []
        """Operation and region of every attempt, in order."""
        self._lock = threading.RLock()
        self._scripts: dict[str, deque[Fault]] = {}
        self._down: dict[str, errors.HoldfastError] = {}
        self._paused = False
        self._backlog: list[tuple[str, str, bytes, Version]] = []
        for region in regions:
            self.add(region)

    def add(self, region: Region) -> Store:
        """Add a region; its control table comes with it."""
        from holdfast.topology import Key, Table  # noqa: PLC0415 - kept out of the import of a client

        tables = list(region.tables.values())
        if region.control_table:
            tables.append(Table(name=region.control_table, arn="", partition_key=Key(name="scope")))
        store = Store(region.name, tables, clock=self._clock)
        store.written = lambda table, key, version: self._replicate(region.name, table, key, version)
        self.stores[region.name] = store
        return store

    def script(self, region: str, *faults: Fault) -> None:
        """What the next attempts in a region meet, one each; after them everything passes again."""
        self._scripts.setdefault(region, deque()).extend(faults)

    def down(self, region: str, error: errors.HoldfastError | None = None) -> None:
        """Every attempt in the region fails until `up`; without an error as a refused connection."""
        self._down[region] = error or errors.ConnectError("connection refused", region=region)

    def up(self, region: str) -> None:
        """The region answers again."""
        self._down.pop(region, None)

    def pause_replication(self) -> None:
        """Writes stay in the region that took them."""
        self._paused = True

    def resume_replication(self) -> None:
        """What was held back arrives."""
        self._paused = False
        backlog, self._backlog = self._backlog, []
        for origin, table, key, version in backlog:
            self._replicate(origin, table, key, version)

    def _replicate(self, origin: str, table: str, key: bytes, version: Version) -> None:
        if self._paused:
            self._backlog.append((origin, table, key, version))
            return
        for name, store in self.stores.items():
            if name != origin and table in store._tables:  # noqa: SLF001 - one package
                store.receive(table, key, version)

    def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:  # noqa: ARG002 - nothing here waits
        """One attempt, as a `Sender`."""
        with self._lock:
            self.sent.append((call.operation.name, region.name))
            script = self._scripts.get(region.name)
            fault = script.popleft() if script else self._down.get(region.name)
            if fault is not None and not isinstance(fault, LoseAnswer):
                fault.region = region.name
                raise fault.with_traceback(None)
            document = self.stores[region.name].apply(call.operation.name, call.request)
            if fault is not None:
                fault.region = region.name
                raise fault.with_traceback(None)
            return Reply(orjson.dumps(document), region.name, None, 0.001)

    def close(self) -> None:
        """Nothing to close."""

    def asynchronous(self) -> AsyncMemoryRegions:
        """The same regions as an `AsyncSender`."""
        return AsyncMemoryRegions(self)


class AsyncMemoryRegions:
    """In-memory regions for an `AsyncClient`."""

    def __init__(self, regions: MemoryRegions) -> None:
        self.regions = regions
        self.core_options = regions.core_options

    async def sleep(self, seconds: float) -> None:
        """Wait, on the regions' own clock where they have one."""
        if "clock" in self.core_options:
            self.regions.sleep(seconds)
        else:
            await asyncio.sleep(seconds)

    async def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        """One attempt, as an `AsyncSender`."""
        return self.regions.send(call, region, timeouts=timeouts)

    async def close(self) -> None:
        """Nothing to close."""
