"""The journeys of a made-up customer in the sandbox, from every place to every serving region, and their alarms."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.orders.journey import Answer, JourneyError, send, travel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ops.edge.serving import EdgeTarget

TENANT = "journey"
PERIODS = 3


@dataclass
class Watch:
    """What one place has seen of one region."""

    target: str
    runs: int = 0
    failures: int = 0
    lately: deque[bool] = field(default_factory=lambda: deque(maxlen=PERIODS))
    alarm: bool = False
    alarms: list[float] = field(default_factory=list)
    """When the alarm rang, on the monotonic clock."""
    last: str = ""
    steps: Mapping[str, float] = field(default_factory=dict)

    def judged(self, *, passed: bool, said: str) -> bool:
        """Take a run's verdict; says whether the alarm has turned."""
        self.runs += 1
        self.failures += not passed
        self.lately.append(passed)
        self.last = said
        # A period is a run here: the share of a period that succeeded is 0 or 100 %.
        ringing = len(self.lately) == PERIODS and not any(self.lately)
        if not ringing and self.alarm and not self.lately[-1]:
            ringing = True  # an alarm that rings is over with the first good period
        turned = ringing != self.alarm
        self.alarm = ringing
        if turned and ringing:
            self.alarms.append(time.monotonic())
        return turned


class Journeys:
    """Runs the journeys of one place again and again; the observer's alarms are told to CloudWatch."""

    def __init__(
        self, target: EdgeTarget, *, period_seconds: float, tell: Callable[[str, bool], None] | None = None
    ) -> None:
        self._target = target
        self._period = period_seconds
        self._tell = tell
        self.watched = {region: Watch(region) for region in target.regions}

    async def run(self) -> None:
        """Travel until cancelled."""
        regions = self._target.regions
        await asyncio.gather(*(self._again(region, number / len(regions)) for number, region in enumerate(regions)))

    async def _again(self, region: str, share: float) -> None:
        await asyncio.sleep(share * self._period)  # one region's journey at a time, as far as the period allows it
        while True:
            began = time.monotonic()
            await self.once(region)
            await asyncio.sleep(max(0.0, self._period - (time.monotonic() - began)))

    async def once(self, region: str) -> None:
        """One journey through a region."""
        watch = self.watched[region]
        other = next(name for name in self._target.regions if name != region)
        try:
            report = await asyncio.to_thread(
                travel,
                self._target.url(region),
                self._target.url(other),
                customer=f"{TENANT}:{region}",
                token=self._target.issuer.token(TENANT),
                ask=self._ask,
            )
        except JourneyError as error:
            turned = watch.judged(passed=False, said=str(error))
        else:
            watch.steps = report.steps
            turned = watch.judged(passed=True, said="ok")
        if turned and self._tell is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._tell, region, watch.alarm)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Ask the front door of the region that a regional name means."""
        name, _, rest = url.removeprefix("http://").partition("/")
        host = name.partition(":")[0]
        address = self._target.fronts[host.partition(".")[0]]
        return send(method, f"http://{address}:{self._target.port}/{rest}", {**headers, "host": host}, body)
