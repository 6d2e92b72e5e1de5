"""The proof, step by step: lag, load, a black-holed home region, healing, and everything read back."""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from ops.load.history import Attempt, History
from ops.load.http import Http, HttpError
from ops.load.measures import longest_silence, resumed, summary
from ops.load.writers import REQUEST_SECONDS, Writers
from ops.proof import judge, lag, readback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ops.proof.plan import Demands, Target

CATCH_UP_POLL_SECONDS = 0.02
PACE = 2.0
"""Times the demanded rate: how fast orders go on once there are enough of them."""


class Faults(Protocol):
    """What can cut a region off and bring it back."""

    title: str
    """What is done to a region, after its name."""

    def cut(self, region: str) -> None:
        """Let no client be served by the region."""

    def heal(self, region: str) -> None:
        """Let it serve again."""


@dataclass(kw_only=True)
class Proof:
    """What was measured, what of it failed, and what the clients saw."""

    evidence: dict[str, Any]
    failures: list[str]
    history: History = field(repr=False)
    customers: frozenset[str] = frozenset()
    """Of every order that was written."""

    @property
    def ok(self) -> bool:
        """Whether every demand was met."""
        return not self.failures


async def prove(target: Target, faults: Faults, demands: Demands, say: Callable[[str], None]) -> Proof:
    """Run the proof. It is bounded: each phase ends by itself, and the region is healed whatever happens."""
    started, clock = datetime.now(UTC), time.monotonic()
    lag_run = secrets.token_hex(4)
    async with _clients(target.services) as clients:
        measured_lag = await lag.measure(clients, run=lag_run, samples=demands.samples, limit=demands.lag_seconds)
        for pair in measured_lag["pairs"]:
            say(f"  {pair['from']} → {pair['to']}: readable after {pair['median_ms']:.0f} ms")
        run = _Cut(target, faults, demands, say, clients)
        figures = await run.perform()
        say("reading everything acknowledged back in all regions")
        orders = readback.expected(run.history.acknowledged())
        read = await readback.verify(clients, orders, limit=demands.catch_up_seconds)
    evidence = {
        "stack": target.stack,
        "home": target.home,
        "regions": list(target.services),
        "started": started.isoformat(timespec="milliseconds"),
        "seconds": round(time.monotonic() - clock, 3),
        "demands": asdict(demands),
        "breaker_reset_seconds": target.breaker_reset_seconds,
        "breaker_reset_of_stack_seconds": target.breaker_reset_of_stack,
        "lag": measured_lag,
        **figures,
        "acknowledged": sum(map(len, orders.values())),
        "readback": read,
    }
    failed = judge.failures(evidence, demands)
    evidence |= {"ok": not failed, "failures": failed, "lost": _lost(read)}
    customers = {attempt.customer for attempt in run.history}
    customers |= {lag.customer(lag_run, region, number) for region in clients for number in range(demands.samples)}
    return Proof(evidence=evidence, failures=failed, history=run.history, customers=frozenset(customers))


@contextlib.asynccontextmanager
async def _clients(services: dict[str, str]) -> AsyncIterator[dict[str, Http]]:
    async with contextlib.AsyncExitStack() as stack:
        clients = {}
        for region, url in services.items():
            client = Http(url, timeout=REQUEST_SECONDS)
            clients[region] = await stack.enter_async_context(client)
        yield clients


def _lost(read: dict[str, dict[str, Any]]) -> int:
    return len({order for result in read.values() for order in (*result["missing"], *result["altered"])})


class _Tally:
    """Counts the attempts of a growing history that satisfy a condition; looks at each once."""

    def __init__(self, history: History, accept: Callable[[Attempt], bool]) -> None:
        self._history = history
        self._accept = accept
        self._seen = len(history)
        self.count = 0

    def __call__(self) -> int:
        new = self._history.since(self._seen)
        self._seen += len(new)
        self.count += sum(map(self._accept, new))
        return self.count


class _Cut:
    """Writing through the loss and the return of the home region."""

    def __init__(
        self,
        target: Target,
        faults: Faults,
        demands: Demands,
        say: Callable[[str], None],
        clients: dict[str, Http],
    ) -> None:
        self._target, self._faults, self._demands, self._say, self._clients = target, faults, demands, say, clients
        self.history = History()

    async def perform(self) -> dict[str, Any]:
        """The figures of the three phases, the failover, the return and the catching up."""
        home, wanted = self._target.home, self._demands.acknowledged
        url = self._target.services[home]
        writers = Writers(url, clients=self._demands.clients, history=self.history)
        writers.pace = self._demands.pace
        async with writers:
            self._say(f"{self._demands.clients} clients write orders through the service of {home}")
            begin = time.monotonic()
            before = _Tally(self.history, lambda attempt: attempt.acknowledged)
            await writers.until(lambda: before() >= wanted, seconds=self._demands.phase_seconds)
            cut = time.monotonic()
            self._say(f"{home} {self._faults.title}")
            try:
                await asyncio.to_thread(self._faults.cut, home)
                during = _Tally(self.history, self._elsewhere)
                await writers.until(lambda: during() >= wanted, seconds=self._demands.phase_seconds)
            finally:
                heal = time.monotonic()
                await asyncio.to_thread(self._faults.heal, home)
            self._say(f"{home} is healed")
            catching_up = asyncio.create_task(self._caught_up(heal))
            after = _Tally(self.history, lambda attempt: attempt.acknowledged)
            back = _Tally(self.history, lambda attempt: attempt.acknowledged and attempt.region == home)
            await writers.until(lambda: after() >= wanted, seconds=self._demands.phase_seconds)
            # The rest is waiting for the region to be trusted again: no need to pile up orders meanwhile.
            writers.pace = min(writers.pace or math.inf, self._demands.writes_per_second * PACE)
            await writers.until(lambda: (after() >= wanted) & (back() >= 1), seconds=self._demands.phase_seconds)
            end = time.monotonic()
            caught_up = await catching_up
        return self._figures(begin, cut, heal, end) | {"caught_up": {"seconds": caught_up}}

    def _elsewhere(self, attempt: Attempt) -> bool:
        """What a cut must lead to: another region's acknowledgement, or a refusal where there is no other region."""
        if len(self._target.services) == 1:
            return not attempt.acknowledged
        return attempt.acknowledged and attempt.region != self._target.home

    async def _caught_up(self, heal: float) -> float | None:
        """Seconds from healing until the home region itself shows the last order acknowledged without it."""
        missed = [attempt for attempt in self.history.acknowledged() if attempt.region != self._target.home]
        if not missed:
            return None
        path = f"/orders/{missed[-1].customer}/{missed[-1].order_id}"
        client = self._clients[self._target.home]
        while (waited := time.monotonic() - heal) < self._demands.catch_up_seconds:
            with contextlib.suppress(HttpError):
                answer = await client.get(path, {"region": self._target.home})
                if answer.status == 200:
                    return round(waited, 3)
            await asyncio.sleep(CATCH_UP_POLL_SECONDS)
        return None

    def _figures(self, begin: float, cut: float, heal: float, end: float) -> dict[str, Any]:
        home, acknowledged = self._target.home, self.history.acknowledged()
        away = sorted(attempt.done for attempt in acknowledged if attempt.region != home and cut <= attempt.done < heal)
        again = [attempt.done for attempt in acknowledged if attempt.region == home and attempt.done >= heal]
        failover = resumed(away, cut, rate=self._demands.writes_per_second)
        phases = {
            name: summary(self.history, start, stop)
            for name, start, stop in (("before", begin, cut), ("during", cut, heal), ("after", heal, end))
        }
        for name, figures in phases.items():
            figures["counted"] = len(away) if name == "during" else figures["acknowledged"]
        to = [region for region in phases["during"]["served_by"] if region != home]
        return {
            "phases": phases,
            "failover": {
                "seconds": None if failover is None else round(failover, 3),
                "first_acknowledgement_seconds": round(away[0] - cut, 3) if away else None,
                "longest_silence_seconds": round(longest_silence(away, cut, heal), 3),
                "to": to,
            },
            "rejoined": {"seconds": round(min(again) - heal, 3) if again else None},
        }
