"""The rules of replication, without a table, a clock or a network: tests drive them with schedules of their own.

Every write carries a version: when it was made, and where. Of two writes to one key the later wins, everywhere; at
equal times the region whose name sorts last. A delete is a write of nothing, and its version stays behind as a
tombstone, so that an older write which arrives after it does not bring the item back. A replica sends on what was
written in it, never what it received: nothing echoes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

from sandbox.cloud.replication.lag import LagSamples

Key = Hashable


class Version(NamedTuple):
    """When and where a write was made. Compares as last-writer-wins does."""

    time_ns: int
    region: str


class Change(NamedTuple):
    """One write on its way to another replica. `item` None is a delete."""

    key: Key
    item: Any
    version: Version


class Register:
    """The versions of what one replica holds, tombstones included."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.versions: dict[Key, Version] = {}
        self._tombstones: dict[Key, int] = {}
        self._last_ns = 0

    def stamp(self, key: Key, now_ns: int, *, deleted: bool) -> Version:
        """The version of a write made here now: later than every earlier one here, and than what it replaces."""
        held = self.versions.get(key)
        self._last_ns = max(now_ns, self._last_ns + 1, held.time_ns + 1 if held is not None else 0)
        version = Version(self._last_ns, self.region)
        self._set(key, version, deleted=deleted)
        return version

    def accept(self, change: Change) -> bool:
        """Take a change from elsewhere if it is newer than what is held; says whether it was taken."""
        held = self.versions.get(change.key)
        if held is not None and held >= change.version:
            return False
        self._set(change.key, change.version, deleted=change.item is None)
        return True

    def _set(self, key: Key, version: Version, *, deleted: bool) -> None:
        self.versions[key] = version
        if deleted:
            self._tombstones[key] = version.time_ns
        else:
            self._tombstones.pop(key, None)

    def prune(self, before_ns: int) -> int:
        """Forget tombstones of before a time at which every replica is known to have heard of them."""
        old = [key for key, time_ns in self._tombstones.items() if time_ns < before_ns]
        for key in old:
            del self._tombstones[key]
            del self.versions[key]
        return len(old)

    @property
    def tombstones(self) -> int:
        """How many deletes are remembered."""
        return len(self._tombstones)


class Link:
    """The way from one replica to another: first in, first out, each change after the lag."""

    def __init__(self, source: str, target: str, lag_seconds: float) -> None:
        self.source = source
        self.target = target
        self.lag_seconds = lag_seconds
        self.samples = LagSamples()
        self.delivered = 0
        self._queue: deque[tuple[float, Change]] = deque()

    def offer(self, change: Change, now: float) -> None:
        """Put a change on its way."""
        self._queue.append((now, change))

    def due(self, now: float) -> Iterable[Change]:
        """Take off what has arrived by now."""
        while self._queue and self._queue[0][0] + self.lag_seconds <= now:
            yield self._queue.popleft()[1]

    def next_due(self) -> float | None:
        """When the first change on the way arrives, or None."""
        return self._queue[0][0] + self.lag_seconds if self._queue else None

    def copy_to(self, other: Link) -> None:
        """Put everything that is on its way here on its way there too."""
        other._queue.extend(self._queue)

    @property
    def backlog(self) -> int:
        """How many changes are on the way."""
        return len(self._queue)

    def oldest_ns(self) -> int | None:
        """Write time of the oldest change on the way, in ns, or None."""
        return min((change.version.time_ns for _, change in self._queue), default=None)


Apply = Callable[[str, Change], None]
"""Puts an accepted change into the replica of a region."""


class Group:
    """The replicas of one table and the links between them."""

    def __init__(self, *, lag: Callable[[str, str], float] = lambda _source, _target: 0.0) -> None:
        self.registers: dict[str, Register] = {}
        self.links: dict[tuple[str, str], Link] = {}
        self.partitioned: frozenset[str] = frozenset()
        self._lag = lag

    def join(self, region: str, register: Register) -> None:
        """Add a replica; links to and from every other one. The caller fills it by `backfill`."""
        for other in self.registers:
            self.links[other, region] = Link(other, region, self._lag(other, region))
            self.links[region, other] = Link(region, other, self._lag(region, other))
        self.registers[region] = register

    def leave(self, region: str) -> None:
        """Take a replica out; what was on its way to it is dropped, what it sent still arrives."""
        for source, target in list(self.links):
            if target == region:
                del self.links[source, target]
        del self.registers[region]

    def backfill(self, source: str, target: str, items: Mapping[Any, Any], apply: Apply) -> None:
        """Give a new replica everything that another holds, with its versions, tombstones included.

        What is still on its way to the source is put on its way to the target too: the source would not send it on.
        """
        origin, register = self.registers[source], self.registers[target]
        for key, version in origin.versions.items():
            change = Change(key, items.get(key), version)
            if register.accept(change) and change.item is not None:
                apply(target, change)
        for (sender, receiver), link in list(self.links.items()):
            if receiver == source and sender != target and (sender, target) in self.links:
                link.copy_to(self.links[sender, target])

    def wrote(self, change: Change, now: float) -> None:
        """A write was made in a replica: it goes to all others."""
        for (source, _), link in self.links.items():
            if source == change.version.region:
                link.offer(change, now)

    def blocked(self, link: Link) -> bool:
        """Whether a partition stands between the two ends of a link."""
        return link.source in self.partitioned or link.target in self.partitioned

    def deliver(self, now: float, now_ns: int, arrive: Apply) -> int:
        """Hand over what has arrived on the links that are not cut; says how many changes.

        Args:
            now: the clock's time in seconds.
            now_ns: the wall clock's time, to measure the lag.
            arrive: takes a change to its replica: accepts it and applies it, now or in its turn.
        """
        count = 0
        for link in list(self.links.values()):
            if self.blocked(link):
                continue
            for change in link.due(now):
                count += 1
                link.delivered += 1
                link.samples.add(max(0, now_ns - change.version.time_ns) / 1e9)
                arrive(link.target, change)
        return count

    def next_due(self) -> float | None:
        """When the next change arrives on a link that is not cut, or None."""
        times = [link.next_due() for link in self.links.values() if link.backlog and not self.blocked(link)]
        return min((time for time in times if time is not None), default=None)

    def prune(self, now_ns: int, keep_ns: int) -> None:
        """Forget the tombstones that nothing on its way could contradict any more."""
        oldest = [link.oldest_ns() for link in self.links.values() if link.backlog]
        horizon = min([now_ns - keep_ns, *(time for time in oldest if time is not None)])
        for register in self.registers.values():
            register.prune(horizon)
