"""Which region serves a call.

Writes, and consistent reads, go to one region at a time: the *writer*. A global table decides by time whose write is
last, and judges a condition on the replica that it reaches; so all writes move together, and only when the writer's
circuit opens or it is evacuated. Reads that may be stale go wherever there is an answer.
"""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING

from holdfast import errors
from holdfast.resilience.flags import FlagBoard
from holdfast.resilience.region import RegionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from holdfast._attempt import Call
    from holdfast.resilience.policy import Policy
    from holdfast.topology import Region

FAILBACK_PART = 0.5
"""Of the breaker's reset: over that long the clients of a fleet return, each at a moment of its own."""


class Router:
    """The regions of a client in order of preference, and the one that it writes to."""

    def __init__(
        self,
        regions: Sequence[Region],
        policy: Policy,
        *,
        wall: Callable[[], float],
        random: Callable[[], float],
        strong_tables: frozenset[str] = frozenset(),
        watched: bool = False,
    ) -> None:
        self.by_name = {region.name: RegionState(region, policy) for region in regions}
        self.flags = FlagBoard()
        self._policy = policy
        self._wall = wall
        self._random = random
        self._strong_tables = strong_tables
        self.watched = watched
        """Whether a watch probes regions and proves that they have caught up; without it calls do the probing."""
        self._begin(self.by_name)

    def _begin(self, names: Iterable[str]) -> None:
        self.states = tuple(self.by_name[name] for name in names)
        self._lock = threading.Lock()
        self.writer = self.states[0]
        self.last_write: dict[str, float] = {}
        """By region, when this router sent a write there."""
        self._well_since: dict[str, float] = {}
        self._entered = {self.writer.name: 0}
        """By region, the number of the move that last made it the writer."""
        self._proven: set[tuple[str, str]] = set()
        """What was written in the first of the pair has arrived in the second."""
        self._failback_at: dict[str, float] = {}
        self.moves = 0
        self._lagging: set[str] = set()

    def preferring(self, names: Iterable[str]) -> Router:
        """One with the same knowledge of regions and flags, that writes to the first of `names` that serves."""
        other = copy.copy(self)
        other._begin(names)  # noqa: SLF001 - one of its own class
        return other

    def pinned(self, name: str) -> RegionState:
        """The region of that name.

        Raises:
            ConfigurationError: the client does not have it.
        """
        state = self.by_name.get(name)
        if state is None:
            raise errors.ConfigurationError(f"this client has no region {name!r}; it has {', '.join(self.by_name)}")
        return state

    def evacuated(self, state: RegionState) -> bool:
        """Whether the region is flagged, and not all are."""
        flags = self.flags
        if not flags.active:
            return False
        wall = self._wall()
        return flags.evacuated(state.name, wall) and not all(flags.evacuated(s.name, wall) for s in self.states)

    def bound(self, call: Call) -> bool:
        """Whether the call must go where writes go."""
        if call.operation.access == "write":
            return True
        asked = call.request.get("ConsistentRead")
        if not asked and "RequestItems" in call.request:
            parts = call.request["RequestItems"].values()
            asked = any(isinstance(part, dict) and part.get("ConsistentRead") for part in parts)
        return bool(asked) and call.table not in self._strong_tables

    def handover_wait(self, state: RegionState, now: float) -> float:
        """Seconds until a write may go to `state`, so that it is later than the last one elsewhere by every clock."""
        elsewhere = [at for name, at in self.last_write.items() if name != state.name]
        return max(0.0, max(elsewhere) + self._policy.routing.handover_seconds - now) if elsewhere else 0.0

    def write_target(self, now: float) -> RegionState:
        """The region that writes go to now; it moves the writer when it must, or may go back."""
        writer = self.writer
        if writer is self.states[0] and writer.write.closed and writer.read.closed and not self.flags.active:
            return writer
        return self._reconsider(now)

    def _usable(self, state: RegionState, now: float) -> bool:
        if self.evacuated(state):
            return False
        if state.healthy:
            return True
        return not self.watched and all(breaker.closed or breaker.due(now) for breaker in (state.read, state.write))

    def _reconsider(self, now: float) -> RegionState:
        with self._lock:
            writer = self.writer
            # Those far behind come last, but the writer itself is never behind.
            behind = self._lagging - {writer.name}
            held: set[str] = set()
            if not self._usable(writer, now):
                # What was held back from a region that has just come back may still be on its way there. Until it has
                # arrived, a flagged writer that is well stays, and one that may answer any moment is waited for.
                drained = now - self._policy.routing.drain_seconds
                back = {s.name for s in self.states if s.well_since > drained and self._unproven(s)}
                behind |= back
                if writer.healthy or any(state.silent and self._usable(state, now) for state in self.states):
                    held = back
            for state in sorted(self.states, key=lambda state: state.name in behind) if behind else self.states:
                if state.name in held or not self._usable(state, now):
                    continue
                if state is writer:
                    return writer
                if not state.silent and self._may_enter(state, now):
                    self._move(state)
                    return state
            return writer

    def _may_enter(self, state: RegionState, now: float) -> bool:
        """Whether the writer may move to `state`: at once when it must, in its turn when it goes back."""
        if not self._usable(self.writer, now):
            return True
        if self.states.index(state) > self.states.index(self.writer):
            return False
        since = self._well_since.setdefault(state.name, now)
        if state.name not in self._failback_at:
            spread = self._policy.routing.failback_seconds
            if spread is None:
                spread = self._policy.breaker.reset_seconds * FAILBACK_PART
            # What was held back while the region was away arrives after its return as late as any other write.
            drain = self._policy.routing.drain_seconds if self.watched else 0.0
            self._failback_at[state.name] = since + drain + self._random() * spread
        if now < self._failback_at[state.name]:
            return False
        return self._proven_or_old(state, now)

    def _proven_or_old(self, state: RegionState, now: float) -> bool:
        """Whether a region that came back has received what was written elsewhere, as far as can be known."""
        if not self.watched or not self._unproven(state):
            return True
        routing = self._policy.routing
        return routing.failback_without_proof and now >= self._well_since[state.name] + routing.failback_lag_seconds

    def _move(self, state: RegionState) -> None:
        self.writer = state
        self.moves += 1
        self._entered = {**self._entered, state.name: self.moves}
        state.slow_start()
        self._well_since.clear()
        self._failback_at.clear()
        self._proven.clear()
        self._lagging.clear()  # it was behind another writer

    def lost(self, state: RegionState) -> None:
        """A region has stopped being well: its return begins anew."""
        with self._lock:
            self._well_since.pop(state.name, None)
            self._failback_at.pop(state.name, None)
            self._proven = {pair for pair in self._proven if pair[1] != state.name}

    def lags(self, state: RegionState, seconds: float) -> None:
        """How far a region was last seen to be behind the writer."""
        if seconds > self._policy.routing.lag_limit_seconds:
            self._lagging.add(state.name)
        else:
            self._lagging.discard(state.name)

    def caught_up(self, source: RegionState, state: RegionState) -> None:
        """It is proven that `state` has received what was written in `source`."""
        with self._lock:
            self._proven.add((source.name, state.name))
            if source is self.writer:
                self._lagging.discard(state.name)

    def _unproven(self, state: RegionState) -> RegionState | None:
        """Of the regions that writes went to since they went to `state`, the first whose writes may not be there."""
        since = self._entered.get(state.name, -1)
        for name, entered in sorted(self._entered.items(), key=lambda item: item[1]):
            if entered > since and (name, state.name) not in self._proven:
                return self.by_name[name]
        return None

    def awaiting_proof(self) -> list[tuple[RegionState, RegionState]]:
        """Regions before the writer that are well, each after one whose writes must be proven to have arrived there."""
        place = self.states.index(self.writer)
        return [
            (source, state)
            for state in self.states[:place]
            if state.healthy and not self.evacuated(state) and (source := self._unproven(state))
        ]

    def readable(self, now: float, tried: dict[str, errors.HoldfastError]) -> list[RegionState]:
        """Regions for a read that may be stale: untried before tried, the writer's region before the rest."""
        writer = self.writer
        order = [writer, *(state for state in self.states if state is not writer)]
        usable = [
            s for s in order if not self.evacuated(s) and (s.read.closed or (not self.watched and s.read.due(now)))
        ]
        behind = self._lagging - {writer.name}
        if not tried and not behind:
            return usable
        return sorted(usable, key=lambda state: (state.name in tried, state.name in behind))
