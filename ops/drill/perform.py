"""The course of a drill: load, failure, healing, load; then everything acknowledged is looked for everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.drill import figures
from ops.drill.events import EventLog, Look
from ops.drill.stops import INTERRUPTED, Limits, Stop
from ops.errors import OpsError
from ops.estate.reach import reason
from ops.exits import Exit
from ops.load.http import Http
from ops.load.readers import Readers
from ops.load.writers import REQUEST_SECONDS, Writers
from ops.proof import readback

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.drill.inject import Failure
    from ops.drill.scenario import Scenario
    from ops.estate.access import Estate

WRITERS = 8
WRITES_PER_SECOND = 120.0
READERS = 4
READS_PER_SECOND = 60.0
BEFORE_SECONDS = 2.0
AFTER_SECONDS = 2.0
RETURN_SECONDS = 20.0
"""How long it waits for the home region to be used again."""
CATCH_UP_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a drill is made of."""

    estate: Estate
    scenario: Scenario
    services: dict[str, str]
    """Region → address of its orders service."""
    failure: Failure
    seconds: float
    """How long the failure lasts, at most."""
    limits: Limits
    say: Callable[[str], None]


async def perform(course: Course) -> tuple[EventLog, str]:
    """Carry a drill out. What fails is healed before this returns or raises.

    Returns:
        The raw log, and why the drill was stopped; empty where it took its course.

    Raises:
        OpsError: interrupted before anything failed.
    """
    drill = _Drill(course)
    await drill.run()
    return drill.log, drill.stop.reason


class _Drill:
    """The moving parts of one drill."""

    def __init__(self, course: Course) -> None:
        self._course, self._say = course, course.say
        self._home = course.estate.topology.home_region
        self.log = EventLog()
        self.stop = Stop(self.log, course.estate, self._home, course.limits)

    async def run(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.stop)
            clients = {
                name: await stack.enter_async_context(Http(url, timeout=REQUEST_SECONDS))
                for name, url in self._course.services.items()
            }
            async with contextlib.AsyncExitStack() as load:
                writers = await self._load(load)
                await self._before()
                await self._fail(clients)
                await self._after(writers)
                self.log.marks["end"] = time.monotonic()
            await self._rest(clients)

    async def _load(self, stack: contextlib.AsyncExitStack) -> Writers:
        url = self._course.services[self._home]
        writers = Writers(url, clients=WRITERS, history=self.log.writes)
        writers.pace = WRITES_PER_SECOND
        await stack.enter_async_context(writers)
        if self._course.scenario.reads:
            readers = Readers(
                url, clients=READERS, per_second=READS_PER_SECOND, written=self.log.writes, history=self.log.reads
            )
            await stack.enter_async_context(readers)
        return writers

    async def _before(self) -> None:
        self._say(f"{WRITERS} clients write orders through the service of {self._home}")
        # The first moments open connections: they are no baseline.
        ended = await self.stop.wait(BEFORE_SECONDS / 4)
        self.log.marks["begin"] = time.monotonic()
        if ended or await self.stop.wait(BEFORE_SECONDS):
            raise OpsError(f"{INTERRUPTED} before anything was made to fail", code=Exit.INTERRUPTED)

    async def _fail(self, clients: dict[str, Http]) -> None:
        failure = self._course.failure
        self._say(f"{self._home}: {self._course.scenario.simulated}")
        await asyncio.to_thread(failure.__enter__)
        self.log.marks["fault"] = failure.began
        try:
            risk = asyncio.create_task(self._risk(clients))
            await self.stop.watch(self._course.seconds, failure.over)
            risk.cancel()
            await asyncio.gather(risk, return_exceptions=True)
        finally:
            self.log.marks["heal"] = time.monotonic()
            await asyncio.to_thread(failure.__exit__)
        self._say(f"{self._home}: healed" + (f"; stopped: {self.stop.reason}" if self.stop.reason else ""))

    async def _after(self, writers: Writers) -> None:
        heal = self.log.marks["heal"]

        def used() -> bool:
            latest = self.log.writes.latest(200)
            return any(one.acknowledged and one.region == self._home and one.sent >= heal for one in latest)

        await writers.until(used, seconds=RETURN_SECONDS)
        await asyncio.sleep(AFTER_SECONDS)

    async def _risk(self, clients: dict[str, Http]) -> None:
        """Which orders that the failed region acknowledged last no other region has: what RPO counts."""
        orders = readback.expected(figures.exposed(self.log, self.log.marks["fault"], self._home))
        for name, client in clients.items():
            if name == self._home:
                continue
            try:
                found = await readback.verify({name: client}, orders, limit=0.0)
            except Exception as error:  # noqa: BLE001 (a region that does not answer keeps nothing from risk)
                self.log.looks.append(Look(purpose="risk", region=name, fault=reason(error)))
            else:
                missing = tuple(found[name]["missing"])
                self.log.looks.append(Look(purpose="risk", region=name, missing=missing))

    async def _rest(self, clients: dict[str, Http]) -> None:
        self._say("looking for everything acknowledged in all regions")
        orders = readback.expected(self.log.writes.acknowledged())
        read = await readback.verify(clients, orders, limit=CATCH_UP_SECONDS)
        for name, found in read.items():
            self.log.looks.append(
                Look(purpose="rest", region=name, missing=tuple(found["missing"]), altered=tuple(found["altered"]))
            )
