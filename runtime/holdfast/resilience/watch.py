"""What a client with more than one region does beside its calls.

It reads the evacuation flags, probes regions whose circuit is open, and proves that one which came back has received
what was written elsewhere.

A generator of things to do, which threads, event loops and simulations run alike. It works on the control table alone,
and in no step needs a particular region to answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdfast._attempt import BATCH_GET_ITEM, GET_ITEM, PUT_ITEM, Call, Reply, Timeouts
from holdfast.errors import HoldfastError
from holdfast.resilience.flags import Flag, scope_of
from holdfast.resilience.lag import LagProbe

if TYPE_CHECKING:
    from holdfast.resilience.core import Core
    from holdfast.resilience.region import RegionState

WATCH_TIMEOUTS = Timeouts(connect=0.5, attempt=0.5)
"""A watch's own request is small: it waits less than a caller would."""
MARK_LIFETIME_SECONDS = 3_600
MISSED_READS = 3
"""Readings that fail in a row before a region is asked less often."""
LONGEST_PAUSE_SECONDS = 5.0
"""Between two readings in a region that keeps silent."""
MARK_AGAIN_SECONDS = 5.0
"""After which a mark that has not arrived is written again: its first writing may have been superseded."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this once to that region; answer with the reply, or with the error."""

    call: Call
    state: RegionState
    timeouts: Timeouts = WATCH_TIMEOUTS


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait, or until a circuit opens."""

    seconds: float


@dataclass(frozen=True, slots=True)
class _Mark:
    """A value written where writes went, that must arrive in a region that came back."""

    value: str
    at: float


Step = Send | Sleep
Answer = Reply | HoldfastError | None
Steps = Generator[Step, Answer, None]


class Watch:
    """The steps of one client's watch."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._table = core.control_table or ""
        self._mark = f"probe#{uuid.UUID(int=int(core.random() * 2**64) << 64 | int(core.random() * 2**64))}"
        self._marked: dict[tuple[str, str], _Mark] = {}
        """Per region written to and region that came back: what must arrive there."""
        self._missed: dict[str, int] = {}
        self._ask_again: dict[str, float] = {}
        self._serial = 0
        self._flags_due = 0.0
        keys = [{"scope": {"S": scope_of(state.name)}} for state in core.states]
        request = {"RequestItems": {self._table: {"Keys": keys}}}
        self._flags = {s.name: Call(BATCH_GET_ITEM, request, self._table, None, s.name) for s in core.states}
        """Per region the one call that reads the flags there, encoded once."""
        self._lag = LagProbe(core, self._put, self._get, self._ask)

    def steps(self) -> Steps:
        """What to do, for ever."""
        core = self._core
        while True:
            now = core.clock()
            if now >= self._flags_due:
                self._flags_due = now + core.policy.routing.refresh_seconds
                yield from self._read_flags()
            yield from self._probe()
            yield from self._prove()
            yield from self._lag.steps()
            for router in core.routers:
                router.write_target(core.clock())  # a client that is idle goes back as well
            yield Sleep(max(0.01, min(self._flags_due, self._next_proof()) - core.clock()))

    def _next_proof(self) -> float:
        pending = any(router.awaiting_proof() for router in self._core.routers)
        return self._core.clock() + 0.05 if pending else float("inf")

    def _sources(self) -> list[RegionState]:
        """Where flags are read: the client's own region and one other, those that answer first. In trouble a third."""
        states = self._core.states
        well = [state for state in states if state.healthy]
        chosen = [states[0], *(state for state in well if state is not states[0])][:2]
        if states[0].healthy and not self._core.router.flags.active:
            return chosen
        return [*chosen, *(s for s in well if s not in chosen)][:3]

    def _read_flags(self) -> Steps:
        sources = self._sources()
        flags = yield from self._flags_in(sources)
        if {state.name for state in sources} <= {flag.region for flag in flags if flag.evacuated}:
            # Writes are about to leave for a region that nobody has asked: it is asked before they do.
            flags += yield from self._flags_in([state for state in self._core.states if state not in sources])
        self._core.router.flags.learn(flags)

    def _flags_in(self, states: list[RegionState]) -> Generator[Step, Answer, list[Flag]]:
        flags = []
        for state in states:
            if not state.healthy:
                continue  # the probe will say when it answers again
            answer = yield from self._ask(state, self._flags[state.name])
            if answer is not None:
                items = answer.document.get("Responses", {}).get(self._table, [])
                flags += [flag for flag in map(Flag.from_wire, items) if flag is not None]
        return flags

    def _ask(self, state: RegionState, call: Call) -> Generator[Step, Answer, Reply | None]:
        """Ask a region for something that can wait; None when there is no answer.

        A failure is not held against the circuit: a busy host misses some. A region that keeps silent is asked rarely.
        """
        core = self._core
        if core.clock() < self._ask_again.get(state.name, 0.0):
            return None
        answer = yield Send(call, state)
        ill = _says_ill(answer)
        self._heard(state, ill=ill)
        missed = self._missed[state.name] = self._missed.get(state.name, 0) + 1 if ill else 0
        if missed >= MISSED_READS:
            pause = min(core.policy.breaker.reset_seconds, LONGEST_PAUSE_SECONDS)
            self._ask_again[state.name] = core.clock() + pause
        return answer if isinstance(answer, Reply) else None

    def _probe(self) -> Steps:
        core = self._core
        for state in core.states:
            for write in (False, True):
                breaker = state.write if write else state.read
                if breaker.closed or not breaker.due(now := core.clock()):
                    continue
                ticket = breaker.admit(now)
                if not ticket:
                    continue
                if write:
                    answer = yield Send(self._put(state, f"{self._mark}#{state.name}", "probe"), state)
                else:
                    answer = yield Send(self._get(state, self._mark), state)
                self._report(state, ticket, answer, write=write)

    def _report(
        self, state: RegionState, ticket: int, answer: Answer, *, write: bool, silent_since: float | None = None
    ) -> None:
        breaker = state.write if write else state.read
        now = self._core.clock()
        ill = _says_ill(answer)
        if ill:
            breaker.failed(ticket, now, silent_since=silent_since)
        else:
            breaker.succeeded(ticket, now)
        self._heard(state, ill=ill)

    def _heard(self, state: RegionState, *, ill: bool) -> None:
        """Note whether a region answers. The return of one that did not begins with its next answer."""
        if ill and not state.silent:
            self._core.lost(state)
        state.heard(self._core.clock(), ill=ill)

    def _prove(self) -> Steps:
        """Write a mark where writes went, and look for it in the regions that came back."""
        core = self._core
        waiting = {
            (source.name, state.name): (source, state)
            for router in core.routers
            for source, state in router.awaiting_proof()
        }
        for gone in self._marked.keys() - waiting.keys():
            del self._marked[gone]
        for pair, (source, state) in waiting.items():
            key = f"{self._mark}{source.name}>{state.name}"
            now = core.clock()
            marked = self._marked.get(pair)
            if source.healthy and (marked is None or now > marked.at + MARK_AGAIN_SECONDS):
                self._serial += 1
                mark = _Mark(f"{self._serial}", now)
                if (yield from self._ask(source, self._put(source, key, mark.value))):
                    self._marked[pair] = mark
                continue
            ticket = state.read.admit(now) if marked else 0
            if not ticket:
                continue
            answer = yield Send(self._get(state, key), state)
            # Writes are about to return there: what it fails to answer counts, silence double.
            self._report(state, ticket, answer, write=False, silent_since=now)
            if isinstance(answer, Reply):
                item = answer.document.get("Item") or {}
                if marked and item.get("value", {}).get("S") == marked.value:
                    core.lag[pair] = core.clock() - marked.at
                    for router in core.routers:
                        if (source, state) in router.awaiting_proof():
                            router.caught_up(source, state)

    def _put(self, state: RegionState, key: str, value: str) -> Call:
        expires = str(int(self._core.wall()) + MARK_LIFETIME_SECONDS)
        item = {"scope": {"S": key}, "value": {"S": value}, "expires_at": {"N": expires}}
        return Call(PUT_ITEM, {"TableName": self._table, "Item": item}, self._table, None, state.name)

    def _get(self, state: RegionState, key: str) -> Call:
        request: dict[str, Any] = {"TableName": self._table, "Key": {"scope": {"S": key}}, "ConsistentRead": True}
        return Call(GET_ITEM, request, self._table, None, state.name)


def _says_ill(answer: Answer) -> bool:
    """Whether an outcome says something of the region: a refusal (HTTP 4xx) says that it is there."""
    return isinstance(answer, HoldfastError) and not (
        answer.applied == "no" and getattr(answer, "status", 0) in range(400, 500)
    )
