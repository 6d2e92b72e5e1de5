"""Regions that fail, on virtual time: latency, losses, partitions, throttles, clock skew, replication with lag.

What an attempt goes through: the way there, the work, the way back. A fault decides whether the request
arrives and whether the answer does. A request that arrived takes effect though its sender has given up.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson

from holdfast import errors
from holdfast._attempt import Call, Reply
from holdfast.testing.loop import current, fail
from holdfast.testing.store import Store, Version

if TYPE_CHECKING:
    import random
    from collections.abc import Coroutine, Iterable

    from holdfast._attempt import Timeouts
    from holdfast.topology import Region, Table

Loss = Literal["refused", "reset", "blackhole"]
EPOCH = 1_800_000_000.0
"""Wall time at the start of a simulation, in seconds since 1970."""

SKEW_SECONDS = 0.045
"""Up to which the clock of a region is wrong: two differ by less than the client's handover covers (100 ms)."""


WAYS = (0.7, 1.0, 1.3, 4.0)
"""Times that the latency of the network varies by."""


@dataclass(slots=True)
class Conditions:
    """What it is like in a region now."""

    lost: Loss | None = None
    slow_seconds: float = 0.0
    throttled: float = 0.0
    """Part of the requests that are refused as too many."""
    failing: float = 0.0
    """Part of the requests that end with HTTP 500, every other of them after taking effect."""
    lossy: float = 0.0
    """Part of the answers that are lost."""


@dataclass(slots=True, eq=False)
class Attempt:
    """One send of one call, for the rules about sending."""

    client: str
    call: Call
    region: str
    sent: float
    ended: float | None = None
    error: errors.HoldfastError | None = None
    cancelled: bool = False
    applied: float | None = None


@dataclass(slots=True)
class Network:
    """Latencies in seconds."""

    near: float = 0.002
    far: float = 0.03
    work: float = 0.002
    lag: tuple[float, float] = (0.05, 0.8)
    """Shortest and longest replication lag of an ordinary write."""
    redelivered: float = 0.1
    """Part of the replicated writes that arrive a second time."""


@dataclass(slots=True)
class _Link:
    cut: bool = False
    backlog: list[tuple[str, bytes, Version]] = field(default_factory=list)


class SimulatedRegions:
    """An `AsyncSender` over regions in one virtual loop, seen from a client near one of them."""

    def __init__(self, regions: Iterable[Region], control: Table, rng: random.Random, network: Network) -> None:
        self._rng = rng
        self._network = network
        self._loop = current()
        self.names: list[str] = []
        self.conditions: dict[str, Conditions] = {}
        self.stores: dict[str, Store] = {}
        self.attempts: list[Attempt] = []
        self.watching: list[Attempt] = []
        self._links: dict[tuple[str, str], _Link] = {}
        for region in regions:
            self._add(region, control)
        for origin in self.names:
            for target in self.names:
                if origin != target:
                    self._links[origin, target] = _Link()

    def cut_off(self, region: str) -> bool:
        """Whether replication to and from every other region is cut."""
        return all(link.cut for ends, link in self._links.items() if region in ends)

    def _add(self, region: Region, control: Table) -> None:
        skew = self._rng.choice((-SKEW_SECONDS, SKEW_SECONDS, self._rng.uniform(-SKEW_SECONDS, SKEW_SECONDS)))
        name = region.name
        self.names.append(name)
        self.conditions[name] = Conditions()
        store = Store(name, [*region.tables.values(), control], clock=lambda: EPOCH + self._loop.time() + skew)
        store.written = lambda table, key, version: self._replicate(name, table, key, version)
        self.stores[name] = store

    # Replication.

    def _replicate(self, origin: str, table: str, key: bytes, version: Version) -> None:
        for target in self.names:
            if target != origin:
                self._ship(origin, target, table, key, version)

    def _ship(self, origin: str, target: str, table: str, key: bytes, version: Version) -> None:
        link = self._links[origin, target]
        if link.cut:
            link.backlog.append((table, key, version))
            return
        low, high = self._network.lag
        lag = low + (high - low) * self._rng.random()
        self._loop.later(lag, self._arrive, origin, target, table, key, version)
        if self._rng.random() < self._network.redelivered:
            self._loop.later(lag + self._rng.uniform(0, high), self._arrive, origin, target, table, key, version)

    def _arrive(self, origin: str, target: str, table: str, key: bytes, version: Version) -> None:
        link = self._links[origin, target]
        if link.cut:
            link.backlog.append((table, key, version))
        else:
            self.stores[target].receive(table, key, version)

    def partition(self, region: str, other: str | None = None) -> None:
        """Cut replication between a region and another one, or all others, both ways."""
        for (origin, target), link in self._links.items():
            if region in (origin, target) and (other is None or other in (origin, target)):
                link.cut = True

    def heal(self, region: str, other: str | None = None) -> None:
        """Let replication between them go on with what was held back."""
        for (origin, target), link in self._links.items():
            if region in (origin, target) and (other is None or other in (origin, target)):
                link.cut = False
                backlog, link.backlog = link.backlog, []
                for table, key, version in backlog:
                    self._ship(origin, target, table, key, version)

    # One attempt.

    def seen_from(self, home: str, client: str) -> SimulatedSender:
        """The sender of a client that runs in or near that region."""
        return SimulatedSender(self, home, client)

    async def attempt(self, client: str, home: str, call: Call, region: str, timeouts: Timeouts) -> Reply:
        """Send once, as the network and the region are now."""
        loop, rng, there = self._loop, self._rng, self.conditions[region]
        started = loop.now
        record = Attempt(client, call, region, started)
        (self.watching if call.table == "holdfast-control" else self.attempts).append(record)
        way = (self._network.near if home == region else self._network.far) * WAYS[_of_four(rng)]
        try:
            if there.lost == "refused":
                await loop.rest(way)
                raise errors.ConnectError("connection refused", region=region)
            if there.lost == "blackhole" and rng.random() < 0.3:
                await loop.rest(timeouts.connect)
                raise errors.ConnectError("no connection within the timeout", region=region)
            answer: asyncio.Future[Reply] = asyncio.Future(loop=loop)
            loop.later(way, self._arrived, record, answer, way, started + timeouts.attempt)
            if way >= timeouts.attempt:
                self._give_up(answer, region, started + timeouts.attempt)
            return await answer
        except errors.HoldfastError as error:
            record.error = error
            raise
        except asyncio.CancelledError:
            record.cancelled = True
            raise
        finally:
            record.ended = loop.now

    def _give_up(self, answer: asyncio.Future[Reply], region: str, until: float) -> None:
        """The sender waits in vain. Only then is there a timer: most answers come, and each timer costs."""
        error = errors.AttemptTimeoutError("no answer within the attempt's timeout", region=region)
        self._loop.call_at(until, fail, answer, error)

    def _arrived(self, record: Attempt, answer: asyncio.Future[Reply], way: float, until: float) -> None:
        """The request is at the region, or was lost on the way."""
        there, region, rng = self.conditions[record.region], record.region, self._rng
        if there.lost == "blackhole" or (there.lost and rng.random() < 0.5):
            if there.lost == "reset":
                self._fail(answer, 0.0, errors.ConnectionLostError("connection reset", region=region))
            else:
                self._give_up(answer, region, until)
            return
        if there.throttled and not there.lost and rng.random() < there.throttled:
            self._refuse(answer, way, until, _throttled(region))
            return
        failing = there.failing and not there.lost and rng.random() < there.failing
        if failing and rng.random() < 0.5:
            self._refuse(answer, way, until, _internal(region))
            return
        work = self._network.work * (0.5 + 1.5 * rng.random())
        if there.slow_seconds:
            work += there.slow_seconds * rng.uniform(0.2, 1.0)
        if self._loop.now + work + way >= until:
            self._give_up(answer, region, until)
        self._loop.later(work, self._perform, record, answer, way, until, bool(failing))

    def _perform(
        self,
        record: Attempt,
        answer: asyncio.Future[Reply],
        way: float,
        until: float,
        failing: bool,  # noqa: FBT001 - passed on by call_later
    ) -> None:
        region = record.region
        there = self.conditions[region]
        if record.call.operation.access == "read" and answer.done():
            return
        try:
            document = self._apply(region, record.call)
        except errors.HoldfastError as error:
            self._fail(answer, way, error)
            return
        record.applied = self._loop.now
        if failing:
            self._fail(answer, way, _internal(region))
        elif there.lost:
            if there.lost == "blackhole":
                self._give_up(answer, region, until)
            else:
                self._fail(answer, way, errors.ConnectionLostError("connection reset", region=region))
        elif there.lossy and self._rng.random() < there.lossy:
            self._fail(answer, way, errors.ConnectionLostError("the connection ended before the answer", region=region))
        else:
            self._loop.later(way, self._answer, answer, document, record)

    def _apply(self, region: str, call: Call) -> dict[str, Any]:
        """What the region does with a request that it has. Raises as the service would refuse."""
        return self.stores[region].apply(call.operation.name, call.request)

    def _answer(self, answer: asyncio.Future[Reply], document: dict[str, Any], record: Attempt) -> None:
        if not answer.done():
            seconds = self._loop.now - record.sent
            answer.set_result(Reply(orjson.dumps(document), record.region, None, seconds))

    def _refuse(self, answer: asyncio.Future[Reply], way: float, until: float, error: errors.HoldfastError) -> None:
        """The region refuses at once; its answer has the way back to go, and may come too late."""
        if self._loop.now + way >= until:
            self._give_up(answer, error.region or "", until)
        else:
            self._fail(answer, way, error)

    def _fail(self, answer: asyncio.Future[Reply], after: float, error: errors.HoldfastError) -> None:
        self._loop.later(after, fail, answer, error)


class SimulatedSender:
    """The regions as one client reaches them."""

    def __init__(self, regions: SimulatedRegions, home: str, client: str) -> None:
        self._regions = regions
        self._home = home
        self._client = client

    def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Coroutine[Any, Any, Reply]:
        """One attempt, as an `AsyncSender`."""
        return self._regions.attempt(self._client, self._home, call, region.name, timeouts)

    async def close(self) -> None:
        """Nothing to close."""


def _of_four(rng: random.Random) -> int:
    """As `rng.choice` of four things draws, without its way there: it is asked at every attempt."""
    drawn = rng.getrandbits(3)
    while drawn >= len(WAYS):
        drawn = rng.getrandbits(3)
    return drawn


def _throttled(region: str) -> errors.ThrottledError:
    return errors.ThrottledError("rate exceeded", code="ThrottlingException", status=400, region=region)


def _internal(region: str) -> errors.InternalServerError:
    return errors.InternalServerError("internal error", code="InternalServerError", status=500, region=region)
