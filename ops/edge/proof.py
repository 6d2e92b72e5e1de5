"""The proof of an edge: customers through names, a region cut and healed, evacuated and readmitted, bad requests."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ops.edge import refusals
from ops.edge.clients import ByFlag, ByItself, ByName, Way
from ops.edge.figures import expected_dns_seconds, failures_of, left, returned
from ops.edge.journeys import Journeys
from ops.edge.load import Customers
from ops.load.http import Http, HttpError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from ops.edge.plan import EdgeDemands
    from ops.edge.serving import EdgeTarget
    from ops.load.history import Attempt

TENANT = "load"
POLL_SECONDS = 0.05
READ_SECONDS = 5.0
MINUTE_SECONDS = 60.0
"""Between two journeys of the observer, at the pace of the sandbox."""


class World(Protocol):
    """What the proof does to the regions. Called in a thread."""

    def cut(self, region: str) -> None:
        """Nothing reaches the region, its API included."""

    def heal(self, region: str) -> None:
        """It is reached again."""

    def flag(self, region: str, *, evacuated: bool) -> float:
        """Tell everybody to leave the region, or that it may be used again; says when, on the monotonic clock."""

    def alarm(self, region: str, ringing: bool) -> None:  # noqa: FBT001 - a state, as CloudWatch has it
        """Tell CloudWatch that the observer's alarm on journeys through a region rings, or no longer."""


@dataclass(frozen=True, kw_only=True)
class EdgeProof:
    """What was measured, and what of the demands is not met."""

    evidence: dict[str, Any]
    failures: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every demand is met."""
        return not self.failures


async def prove(target: EdgeTarget, world: World, demands: EdgeDemands, say: Callable[[str], None]) -> EdgeProof:
    """Run the proof."""
    run = _Run(target, world, demands, say)
    evidence = await run.perform()
    return EdgeProof(evidence=evidence, failures=tuple(failures_of(evidence, demands)))


class _Run:
    def __init__(self, target: EdgeTarget, world: World, demands: EdgeDemands, say: Callable[[str], None]) -> None:
        self._target, self._world, self._demands, self._say = target, world, demands, say
        self._ways: dict[str, Customers] = {}
        self._observer: Journeys | None = None

    async def perform(self) -> dict[str, Any]:
        """Every part, one after another."""
        target = self._target
        evidence: dict[str, Any] = {
            "pace": target.pace,
            "expected_dns_seconds": round(
                expected_dns_seconds(target.interval_seconds, target.failures, target.ttl_seconds, target.pace), 2
            ),
            "load": {
                "customers_of_each_way": self._demands.clients,
                "per_second_of_each_way": self._demands.per_second,
            },
        }
        evidence["journeys"] = await self._journeys()
        async with self._customers():
            await self._settle()
            evidence |= await self._cut()
            evidence |= await self._evacuation()
        evidence |= await self._read_back()
        self._say("bad requests: each must be refused, and write nothing")
        async with self._door(target.home) as http:
            evidence["refused"] = await refusals.run(http, target.issuer)
        return evidence

    async def _journeys(self) -> dict[str, Any]:
        """One journey through each region: DNS name, API, function, runtime, table, and the other region."""
        journeys = Journeys(self._target, period_seconds=60)
        found = {}
        for region in self._target.regions:
            await journeys.once(region)
            watch = journeys.watched[region]
            found[region] = {"ok": watch.last == "ok", "said": watch.last, "steps": dict(watch.steps)}
            steps = ", ".join(f"{name} {1000 * seconds:.0f} ms" for name, seconds in watch.steps.items())
            self._say(f"  journey through {region}: {watch.last} ({steps})")
        return found

    @contextlib.asynccontextmanager
    async def _customers(self) -> AsyncIterator[None]:
        target, demands = self._target, self._demands
        ways: dict[str, Way] = {"dns": ByName(target), "flag": ByFlag(target), "own": ByItself(target)}
        async with contextlib.AsyncExitStack() as stack:
            for number, (name, way) in enumerate(ways.items()):
                customers = Customers(
                    way,
                    tenant=f"{TENANT}-{name}",
                    token=target.issuer.token,
                    clients=demands.clients,
                    per_second=demands.per_second,
                    first=number * 1_000_000,
                )
                self._ways[name] = await stack.enter_async_context(customers)
            minute = MINUTE_SECONDS * target.pace
            self._observer = Journeys(target, period_seconds=minute, tell=self._world.alarm)
            watching = asyncio.create_task(self._observer.run())
            try:
                yield
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
                for region in target.regions:
                    await asyncio.to_thread(self._world.alarm, region, False)

    async def _settle(self) -> None:
        """Load until every way is served at home."""
        self._say(f"customers write orders: by DNS, by the flag, by their own routing ({self._target.home})")
        await self._until(self._all_at_home, 30)
        await asyncio.sleep(self._demands.settle_seconds)
        # A slow answer may have sent customers who route by themselves away: the cut must find them at home.
        await self._until(self._all_at_home, 30)

    def _all_at_home(self) -> bool:
        lately = [way.history.latest(3) for way in self._ways.values()]
        home = self._target.home
        return all(len(part) == 3 and all(one.acknowledged and one.region == home for one in part) for part in lately)

    async def _cut(self) -> dict[str, Any]:
        """The home region is cut off; an operator flags it a little later; then it is healed and readmitted."""
        home, demands = self._target.home, self._demands
        slack = demands.dns_slack_seconds
        bound = expected_dns_seconds(
            self._target.interval_seconds, self._target.failures, self._target.ttl_seconds, self._target.pace
        )
        self._say(f"{home} is cut off: its API and its tables answer nothing")
        cut = time.monotonic()
        await asyncio.to_thread(self._world.cut, home)
        try:
            await asyncio.sleep(demands.flag_after_seconds)
            flagging = asyncio.create_task(asyncio.to_thread(self._world.flag, home, evacuated=True))
            await self._until(lambda: self._served_elsewhere(cut), bound + slack + 5)
            flagged = await flagging
            await asyncio.sleep(demands.settle_seconds)
        finally:
            healed = time.monotonic()
            await asyncio.to_thread(self._world.heal, home)
        await asyncio.to_thread(self._world.flag, home, evacuated=False)
        self._say(f"{home} is healed and readmitted")
        free = time.monotonic()
        await self._until(lambda: self._served_at_home(free), demands.back_seconds + bound)
        await asyncio.sleep(demands.settle_seconds)
        end = time.monotonic()
        found: dict[str, Any] = {
            "flagged_after_seconds": round(flagged - cut, 2),
            "cut": {name: left(way.history, home, cut, healed) for name, way in self._ways.items()},
            "observer": self._noticed(home, cut, healed),
            "healed": {name: returned(way.history, home, free, end) for name, way in self._ways.items()},
        }
        self._say(f"  the flag was written {found['flagged_after_seconds']} s after the cut")
        for name, figures in found["cut"].items():
            self._say(f"  left by {name}: {figures['first_success_elsewhere_seconds']} s, {figures['failed']} failed")
        return found

    def _noticed(self, region: str, since: float, until: float) -> dict[str, Any]:
        """After how many minutes of AWS the observer's journeys rang the alarm of a region, and how often elsewhere."""
        watched = self._observer.watched if self._observer else {}
        minute = MINUTE_SECONDS * self._target.pace
        rang = [at - since for at in watched[region].alarms if since <= at] if region in watched else []
        others = sum(len(watch.alarms) for name, watch in watched.items() if name != region)
        return {
            "rang_after_minutes": round(min(rang) / minute, 1) if rang else None,
            "cut_lasted_minutes": round((until - since) / minute, 1),
            "alarms_on_other_regions": others,
        }

    async def _evacuation(self) -> dict[str, Any]:
        """The home region is well and evacuated under load; nobody may notice. Then it is readmitted."""
        home, demands = self._target.home, self._demands
        bound = expected_dns_seconds(
            self._target.interval_seconds, self._target.failures, self._target.ttl_seconds, self._target.pace
        )
        self._say(f"{home} is well and evacuated under load")
        flagged = time.monotonic()
        await asyncio.to_thread(self._world.flag, home, evacuated=True)
        await self._until(
            lambda: self._first(flagged, "dns", elsewhere=True) and self._first(flagged, "flag", elsewhere=True),
            bound + demands.dns_slack_seconds + 5,
        )
        await asyncio.sleep(demands.settle_seconds)
        readmitted = time.monotonic()
        await asyncio.to_thread(self._world.flag, home, evacuated=False)
        self._say(f"{home} is readmitted")
        await self._until(lambda: self._served_at_home(readmitted), demands.back_seconds + bound)
        await asyncio.sleep(demands.settle_seconds)
        end = time.monotonic()
        return {
            "evacuated": {name: left(way.history, home, flagged, readmitted) for name, way in self._ways.items()},
            "readmitted": {name: returned(way.history, home, readmitted, end) for name, way in self._ways.items()},
        }

    async def _read_back(self) -> dict[str, Any]:
        """Every acknowledged order, in every region, from that region's own replica."""
        acknowledged = {name: way.history.acknowledged() for name, way in self._ways.items()}
        total = sum(map(len, acknowledged.values()))
        lost: set[str] = set()
        for region in self._target.regions:
            async with self._door(region) as http:
                for name, attempts in acknowledged.items():
                    lost |= await self._missing(http, f"{TENANT}-{name}", attempts)
        self._say(f"{total} acknowledged orders read back in each region, {len(lost)} lost")
        return {"acknowledged": total, "lost": len(lost), "lost_orders": sorted(lost)[:20]}

    async def _missing(self, http: Http, tenant: str, attempts: list[Attempt]) -> set[str]:
        """Orders that a region does not show, asked again until it does or the time is over."""
        headers = {"authorization": f"Bearer {self._target.issuer.token(tenant)}"}
        wanted: dict[str, set[str]] = {}
        for attempt in attempts:
            wanted.setdefault(attempt.customer, set()).add(str(attempt.order_id))
        end = time.monotonic() + self._demands.readback_seconds
        missing: set[str] = set()
        for customer, orders in wanted.items():
            left_over = set(orders)
            while left_over:
                with contextlib.suppress(HttpError, ValueError, KeyError):
                    path = f"/orders/{customer}?region=own&limit=1000"
                    answer = await http.request("GET", path, headers, b"")
                    left_over -= {order["order_id"] for order in answer.json()["orders"]}
                if not left_over or time.monotonic() > end:
                    break
                await asyncio.sleep(POLL_SECONDS)
            missing |= left_over
        return missing

    @contextlib.asynccontextmanager
    async def _door(self, region: str) -> AsyncIterator[Http]:
        url = f"http://{self._target.fronts[region]}:{self._target.port}"
        async with Http(url, timeout=READ_SECONDS, name=f"{region}.{self._target.zone}") as http:
            yield http

    def _served_elsewhere(self, since: float) -> bool:
        return all(self._first(since, name, elsewhere=True) for name in self._ways)

    def _served_at_home(self, since: float) -> bool:
        return all(self._first(since, name, elsewhere=False) for name in self._ways)

    def _first(self, since: float, name: str, *, elsewhere: bool) -> bool:
        home = self._target.home
        return any(
            attempt.acknowledged and attempt.done >= since and (attempt.region != home) == elsewhere
            for attempt in self._ways[name].history.latest(20)
        )

    async def _until(self, done: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True


def table(evidence: Mapping[str, Any]) -> tuple[list[str], list[list[object]]]:
    """Columns and rows of the figures, as the command and the documents show them."""
    rows: list[list[object]] = []
    for name, how in (("dns", "DNS alone"), ("flag", "the evacuation flag"), ("own", "the client's own routing")):
        cut, healed = evidence["cut"][name], evidence["healed"][name]
        moved, back = evidence["evacuated"][name], evidence["readmitted"][name]
        rows.append(
            [
                how,
                cut["first_success_elsewhere_seconds"],
                f"{cut['failed']} of {cut['requests']}",
                healed["failed"],
                moved["first_success_elsewhere_seconds"],
                moved["failed"],
                back["failed"],
            ]
        )
    columns = [
        "leaves by",
        "cut: elsewhere s",
        "failed",
        "healed: failed",
        "flagged: elsewhere s",
        "failed",
        "back: failed",
    ]
    return columns, rows
