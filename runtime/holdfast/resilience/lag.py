"""How far replicas are behind, measured all the time: an item written where writes go, looked for everywhere else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast._attempt import Call
    from holdfast.resilience.core import Core
    from holdfast.resilience.region import RegionState


class LagProbe:
    """The steps of one client's probe. What it finds is in `core.lag`, and the router hears of it.

    Args:
        core: of the client.
        put, get: make the calls: of a region, a key and a value, and of a region and a key.
        ask: the steps of asking a region; None when it does not answer.
    """

    def __init__(self, core: Core, put: Callable[..., Call], get: Callable[..., Call], ask: Callable[..., Any]) -> None:
        self._core = core
        self._put, self._get, self._ask = put, get, ask
        self._key = f"lag#{uuid.UUID(int=int(core.random() * 2**64) << 64)}"
        self._every = core.policy.routing.lag_probe_seconds
        self._due = core.clock() + core.random() * (self._every or 0.0)
        self._serial = 0
        self._refused = 0
        self._at = 0.0
        self._from = ""
        self._looks: dict[str, float] = {}
        """Per region that has not shown the item yet: when to look again."""

    def steps(self) -> Generator[Any, Any, None]:
        """What to do now, if anything."""
        core = self._core
        if self._every is None or len(core.router.states) < 2:
            return
        writer = core.router.writer
        if self._looks and writer.name != self._from:
            self._looks = {}  # what was written before the move says nothing of the new pairs
        if not self._looks and core.clock() >= self._due and writer.healthy:
            yield from self._write(writer)
        for name in list(self._looks):
            state = core.router.by_name[name]
            if state.healthy and core.clock() >= self._looks[name]:
                yield from self._look(state)

    def _write(self, writer: RegionState) -> Generator[Any, Any, None]:
        core = self._core
        # Who may not write the control table asks ever more rarely.
        self._due = core.clock() + (self._every or 0.0) * 2 ** min(self._refused, 8)
        self._refused += 1
        self._serial += 1
        answer = yield from self._ask(writer, self._put(writer, self._key, str(self._serial)))
        if answer is not None:
            self._refused = 0
            self._at, self._from = core.clock(), writer.name
            self._looks = {state.name: 0.0 for state in core.router.states if state is not writer}

    def _look(self, state: RegionState) -> Generator[Any, Any, None]:
        core = self._core
        answer = yield from self._ask(state, self._get(state, self._key))
        since = core.clock() - self._at
        self._looks[state.name] = core.clock() + since / 4  # a region that lags is asked ever more rarely
        if answer is None:
            return
        item = answer.document.get("Item") or {}
        if item.get("value", {}).get("S") == str(self._serial):
            del self._looks[state.name]
            if since > core.policy.routing.lag_limit_seconds:
                self._due = core.clock()  # it was far behind; whether it still is, a new item tells
        elif since <= core.lag.get((self._from, state.name), 0.0):
            return  # not longer than it took the last time: it says nothing yet
        core.lag[self._from, state.name] = since
        for router in core.routers:
            if router.writer.name == self._from:
                router.lags(state, since)
