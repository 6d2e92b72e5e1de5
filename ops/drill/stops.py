"""What ends a drill at once: silence, a region that has nothing to do with it, the operator, the experiment itself."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ops.estate import control
from ops.estate.reach import reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.drill.events import EventLog
    from ops.estate.access import Estate
    from ops.load.history import Attempt

POLL_SECONDS = 0.1
BYSTANDER_SECONDS = 1.5
"""A region that is not meant to fail has this long to answer; twice in a row it does not, and the drill ends."""
INTERRUPTED = "interrupted by the operator"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When a drill is ended."""

    silence_seconds: float = 10.0
    """Nothing was acknowledged by any region for so long."""
    bystander_misses: int = 2
    """A region that is not meant to fail did not answer so often in a row."""


class Stop:
    """Watches while a drill runs; `reason` is empty as long as it may go on."""

    def __init__(self, log: EventLog, estate: Estate, home: str, limits: Limits) -> None:
        self._log, self._estate, self._home, self._limits = log, estate, home, limits
        self._event = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.reason = ""

    def end(self, why: str) -> None:
        """End the drill; the first reason stands."""
        self.reason = self.reason or why
        self._event.set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(ValueError, RuntimeError):  # a test's thread has no signals
                loop.add_signal_handler(number, self.end, INTERRUPTED)
        return self

    async def __aexit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(ValueError, RuntimeError):
                loop.remove_signal_handler(number)

    async def wait(self, seconds: float) -> bool:
        """Wait so long, or until the drill ends; says whether it ended."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        return self._event.is_set()

    async def watch(self, seconds: float, over: Callable[[], str | None]) -> None:
        """Watch for so long, or until the failure is over or the drill ends.

        Args:
            seconds: how long the failure may last.
            over: None while the failure goes on; then why it ended: empty as planned, else a reason to stop.
        """
        bystanders = [name for name in self._estate.regions if name != self._home]
        tasks = [asyncio.create_task(self._bystander(name)) for name in bystanders]
        tasks.append(asyncio.create_task(self._silence()))
        try:
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0 and not await self.wait(min(left, POLL_SECONDS)):
                ended = over()
                if ended is not None:
                    if ended:
                        self.end(ended)
                    return
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _silence(self) -> None:
        limit, started = self._limits.silence_seconds, time.monotonic()
        while True:
            await asyncio.sleep(POLL_SECONDS)
            last = max((one.done for one in _latest(self._log)), default=started)
            if time.monotonic() - max(last, started) > limit:
                self.end(f"nothing was acknowledged for {limit:g} s")
                return

    async def _bystander(self, region: str) -> None:
        misses, said = 0, ""
        while misses < self._limits.bystander_misses:
            try:
                async with asyncio.timeout(BYSTANDER_SECONDS):
                    await asyncio.to_thread(control.flags_in, self._estate, region)
                misses = 0
            except Exception as error:  # noqa: BLE001 (whatever it is, the region did not answer)
                misses, said = misses + 1, reason(error)
            await asyncio.sleep(5 * POLL_SECONDS)
        self.end(f"{region}, which was not meant to fail, does not answer: {said or 'nothing in time'}")


def _latest(log: EventLog) -> list[Attempt]:
    return [one for one in log.writes.latest(200) if one.acknowledged]
