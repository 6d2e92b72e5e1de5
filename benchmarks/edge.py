"""Who notices that a region is half ill, how fast, and who cries wolf; on a stack with an edge that is up.

    python benchmarks/edge.py --stack resilient-api [--minute 3] [--hour 60] [--grey 15]

A minute of AWS is `--minute` seconds here: canaries run once in it, metrics are taken over it, Route 53's checks are
made at the same pace. First comes a healthy hour, then a region that fails 20 % of all requests and takes five times
as long for the rest. Times are told in minutes of AWS; what depends on the pace of a laptop's own requests is not.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from ops.deployment import cloud
from ops.deployment.inputs import read_inputs
from ops.edge.clients import ByItself, ByName
from ops.edge.journeys import Journeys
from ops.edge.load import Customers
from ops.edge.serving import PACE_VARIABLE, start
from ops.edge.session import SandboxWorld
from ops.load.history import History
from ops.load.http import Http
from ops.load.measures import percentile
from ops.workspace import Workspace, open_workspace

ERRORS, SLOWER = 0.2, 5
ERROR_PERCENT, LATENCY_MS, PERIODS = 5.0, 2000.0, 3


class World:
    """A running edge, with customers on it and canaries around it."""

    def __init__(self, workspace: Workspace, minute: float) -> None:
        os.environ[PACE_VARIABLE] = str(minute / 60)
        inputs = read_inputs(workspace)
        edge = inputs.settings.edge
        assert edge is not None, "the stack has no edge"
        self.sandbox = cloud.running(workspace)
        self.target = start(inputs, edge, self.sandbox)
        self.outside = SandboxWorld(workspace, self.sandbox, self.target)
        self.minute = minute
        self.places = [*self.target.regions, self.target.observer]

    def checks(self) -> dict[str, Any]:
        return dict(self.sandbox.names()["checks"])


@contextlib.asynccontextmanager
async def watching(world: World) -> AsyncIterator[tuple[dict[str, Customers], dict[str, Journeys]]]:
    """Customers by the region's own name and by their own routing; journeys from every place."""
    target = world.target
    customers = {
        "through the region": Customers(
            ByName(target, target.home), tenant="grey", token=target.issuer.token, clients=1, per_second=2
        ),
        "own routing": Customers(
            ByItself(target), tenant="grey-own", token=target.issuer.token, clients=1, per_second=1, first=10**6
        ),
    }
    journeys = {
        place: Journeys(
            target, period_seconds=world.minute, tell=world.outside.alarm if place == target.observer else None
        )
        for place in world.places
    }
    async with contextlib.AsyncExitStack() as stack:
        for one in customers.values():
            await stack.enter_async_context(one)
        step = world.minute / len(journeys) / 2
        tasks = [asyncio.create_task(later(number * step, one)) for number, one in enumerate(journeys.values())]
        try:
            yield customers, journeys
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for region in target.regions:
                world.outside.alarm(region, False)


async def later(seconds: float, journeys: Journeys) -> None:
    """Canaries of different places are not in step."""
    await asyncio.sleep(seconds)
    await journeys.run()


async def healthy(world: World, minutes: float) -> dict[str, Any]:
    """Alarms and flips of an hour in which nothing is wrong."""
    flips = 0
    before = {name: check["since"] for name, check in world.checks().items()}
    async with watching(world) as (customers, journeys):
        began = time.monotonic()
        await asyncio.sleep(minutes * world.minute)
        ended = time.monotonic()
        api = alarms_of(customers["through the region"].history, began, ended, world.minute)
    flips = sum(check["since"] != before[name] for name, check in world.checks().items())
    history = customers["through the region"].history
    return {
        "minutes": minutes,
        "requests": sum(len(one.history) for one in customers.values()),
        "failed_requests": sum(not attempt.acknowledged for one in customers.values() for attempt in one.history),
        "median_ms": round(1000 * statistics.median(attempt.done - attempt.sent for attempt in history), 1),
        "journeys": sum(watch.runs for one in journeys.values() for watch in one.watched.values()),
        "failed_journeys": sum(watch.failures for one in journeys.values() for watch in one.watched.values()),
        "false_alarms": {
            "journeys": sum(len(watch.alarms) for one in journeys.values() for watch in one.watched.values()),
            "health checks that flipped": flips,
            "API errors": api["errors"] is not None,
            "API latency": api["latency"] is not None,
        },
    }


async def grey(world: World, minutes: float, median_ms: float) -> dict[str, Any]:
    """Who notices a region that is half ill, and after how many minutes."""
    target, home = world.target, world.target.home
    added = (SLOWER - 1) * median_ms / 1000
    async with watching(world) as (customers, journeys):
        await asyncio.sleep(2 * world.minute)
        began, wall = time.monotonic(), time.time()
        for kind, options in (("error", {"rate": ERRORS, "status": 503}), ("delay", {"seconds": added})):
            world.sandbox.fault(home, kind, **options)
        try:
            await asyncio.sleep(minutes * world.minute)
        finally:
            world.sandbox.heal(home)
        ended = time.monotonic()
    checks = world.checks()
    deep = checks[f"deep-{home}"]
    api = alarms_of(customers["through the region"].history, began, ended, world.minute)
    own = [a.done for a in customers["own routing"].history if a.acknowledged and a.done > began and a.region != home]
    shares = {
        name: round(100 * sum(not a.acknowledged for a in part) / max(1, len(part)), 1)
        for name, part in ((n, list(one.history.between(began, ended))) for n, one in customers.items())
    }
    alarms = {
        f"journeys from {place}": minutes_until(one.watched[home].alarms, began, world.minute)
        for place, one in journeys.items()
    }
    others = sum(
        len([at for at in one.watched[other].alarms if at >= began])
        for one in journeys.values()
        for other in target.regions
        if other != home
    )
    return {
        "region": home,
        "errors_percent": 100 * ERRORS,
        "latency_times": SLOWER,
        "minutes": minutes,
        "noticed_after_minutes": {
            "API errors above 5 % in three minutes": api["errors"],
            "API p99 above 2,000 ms in three minutes": api["latency"],
            **alarms,
            "deep health check (three failures in a row)": (
                round((deep["since"] - wall) / world.minute, 2) if deep["since"] > wall else None
            ),
        },
        "own_routing_first_success_elsewhere_seconds": round(min(own) - began, 2) if own else None,
        "failed_percent": shares,
        "alarms_on_the_other_region": others,
    }


def alarms_of(history: History, began: float, ended: float, minute: float) -> dict[str, int | None]:
    """Minutes until the API's alarms ring on what customers saw: every one of three minutes above the limit."""
    found: dict[str, int | None] = {"errors": None, "latency": None}
    errors = latency = 0
    number = 0
    while began + (number + 1) * minute <= ended:
        part = list(history.between(began + number * minute, began + (number + 1) * minute))
        number += 1
        share = 100 * sum(attempt.status is None or attempt.status >= 500 for attempt in part) / max(1, len(part))
        p99 = percentile([1000 * (attempt.done - attempt.sent) for attempt in part], 0.99) or 0
        errors = errors + 1 if share > ERROR_PERCENT else 0
        latency = latency + 1 if p99 > LATENCY_MS else 0
        if errors == PERIODS and found["errors"] is None:
            found["errors"] = number
        if latency == PERIODS and found["latency"] is None:
            found["latency"] = number
    return found


def minutes_until(alarms: Sequence[float], began: float, minute: float) -> float | None:
    first = next((at for at in alarms if at >= began), None)
    return None if first is None else round((first - began) / minute, 1)


async def measure(world: World, hour: float, ill: float) -> dict[str, Any]:
    target = world.target
    for region in target.regions:
        # Warm: what a cold start costs is another figure.
        url = f"http://{target.fronts[region]}:{target.port}"
        async with Http(url, timeout=15, name=f"{region}.{target.zone}") as http:
            await asyncio.gather(*(http.get("/health/deep") for _ in range(6)))
    well = await healthy(world, hour)
    load = os.getloadavg()[0]
    half = await grey(world, ill, well["median_ms"]) if ill else None
    return {"a minute is, in seconds": world.minute, "load average": round(load, 1), "healthy": well, "grey": half}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", default="resilient-api")
    parser.add_argument("--minute", type=float, default=3)
    parser.add_argument("--hour", type=float, default=60)
    parser.add_argument("--grey", type=float, default=15)
    options = parser.parse_args()
    world = World(open_workspace(options.stack), options.minute)
    print(json.dumps(asyncio.run(measure(world, options.hour, options.grey)), indent=2))


if __name__ == "__main__":
    main()
