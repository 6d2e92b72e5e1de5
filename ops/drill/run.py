"""A drill from its pre-checks to its evidence. It heals whatever happens, also after a kill."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.drill import figures
from ops.drill.healer import Healer
from ops.drill.inject import Injector
from ops.errors import OpsError
from ops.estate import control
from ops.estate.control import operator
from ops.estate.health import examine
from ops.estate.reach import reason
from ops.load.history import Attempt, History
from ops.load.http import Http
from ops.load.writers import REQUEST_SECONDS, Writers
from ops.proof import readback

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.drill.scenarios import Scenario
    from ops.estate.access import Estate
    from ops.workspace import Workspace
    from sandbox.cloud import Sandbox

CLIENTS = 8
RATE = 120.0
"""Orders a second that the drill offers."""
BEFORE_SECONDS = 2.0
AFTER_SECONDS = 2.0
RETURN_SECONDS = 20.0
"""How long it waits for the home region to be used again."""
CATCH_UP_SECONDS = 20.0
RISK_WINDOW_SECONDS = 5.0
"""Orders acknowledged this long before the failure are looked for in the other regions at its beginning."""
OBSERVE_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Stop:
    """What ends a drill at once."""

    silence_seconds: float = 30.0
    """Nothing was acknowledged for so long."""


def check(estate: Estate, scenario: Scenario, services: dict[str, str]) -> str | None:
    """The checks before anything is made to fail.

    Returns:
        The ARN of the key that the scenario disables, if it does.

    Raises:
        OpsError: the stack is not well: a drill on top of a failure is one too many.
    """
    missing = [name for name in estate.regions if name not in services]
    if missing:
        raise OpsError(
            f"no orders service runs in {', '.join(missing)}", fix="bring the stack up: holdfast up --no-prove"
        )
    sick = [health for health in examine(estate, services) if not health.healthy]
    if sick:
        raise OpsError(
            "the stack is not well, and a drill would make it worse",
            why="\n".join(f"{h.region}: {'; '.join(h.faults) or h.evacuation}" for h in sick),
            fix="see holdfast status, and begin when all regions are well",
        )
    if not any(injection.kind == "disable-key" for injection in scenario.injections):
        return None
    return _key(estate)


def _key(estate: Estate) -> str:
    region = estate.topology.home
    table = next(iter(region.tables.values()))
    described = estate.client("dynamodb", region.name).describe_table(TableName=table.name)["Table"]
    arn = described.get("SSEDescription", {}).get("KMSMasterKeyArn")
    if arn is None:
        raise OpsError(
            f"table {table.name} in {region.name} has no customer-managed key to disable", fix="choose another scenario"
        )
    return str(arn)


def run(
    workspace: Workspace,
    estate: Estate,
    sandbox: Sandbox,
    scenario: Scenario,
    *,
    services: dict[str, str],
    say: Callable[[str], None],
    stop: Stop | None = None,
) -> tuple[dict[str, Any], History]:
    """Carry a drill out.

    Returns:
        The evidence without its signature, and the clients' history.

    Raises:
        OpsError: a pre-check does not hold.
    """
    key = check(estate, scenario, services)
    home = estate.topology.home_region
    keys = [(home, key)] if key else []
    started = datetime.now(UTC)
    with Healer(workspace.root, keys=keys):
        drill = _Drill(estate, sandbox, scenario, services=services, say=say, key=key, stop=stop or Stop())
        asyncio.run(drill.perform())
    computed = figures.compute(drill.history, drill.marks, home=home)
    evidence: dict[str, Any] = {
        "id": f"{scenario.name}-{started:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}",
        "stack": estate.topology.stack,
        "sandbox": True,
        "operator": operator(),
        "started": started.isoformat(timespec="milliseconds"),
        "region": home,
        "scenario": asdict(scenario),
        "marks": {name: round(value, 6) for name, value in drill.marks.items()},
        "stopped_because": drill.stopped,
        "figures": computed,
        "at_risk": drill.at_risk,
        "acknowledged": len(drill.history.acknowledged()),
        "lost": drill.lost,
        "observed": drill.observed,
    }
    failed = figures.judge(evidence, scenario.objectives, leaves_home=scenario.leaves_home)
    if drill.stopped:
        failed.insert(0, drill.stopped)
    evidence |= {"ok": not failed, "failures": failed}
    return evidence, drill.history


class _Drill:
    """The moving parts of one drill."""

    def __init__(
        self,
        estate: Estate,
        sandbox: Sandbox,
        scenario: Scenario,
        *,
        services: dict[str, str],
        say: Callable[[str], None],
        key: str | None,
        stop: Stop,
    ) -> None:
        self._estate, self._sandbox, self._scenario = estate, sandbox, scenario
        self._services, self._say, self._key, self._stop = services, say, key, stop
        self._home = estate.topology.home_region
        self.history = History()
        self.marks: dict[str, float] = {}
        self.at_risk: dict[str, Any] = {"orders": [], "oldest_seconds": None}
        self.lost: list[str] = []
        self.stopped = ""
        self.observed: list[dict[str, Any]] = []

    async def perform(self) -> None:
        """Load, failure, healing, load; then everything acknowledged is looked for everywhere."""
        async with contextlib.AsyncExitStack() as stack:
            clients = {
                name: await stack.enter_async_context(Http(url, timeout=REQUEST_SECONDS))
                for name, url in self._services.items()
            }
            writers = Writers(self._services[self._home], clients=CLIENTS, history=self.history)
            writers.pace = RATE
            async with writers:
                await self._before()
                injector = Injector(self._scenario, self._home, self._sandbox, self._estate, self._key)
                self._say(f"{self._home}: {self._scenario.simulated}")
                self.marks["fault"] = time.monotonic()
                await asyncio.to_thread(injector.__enter__)
                try:
                    risk = asyncio.create_task(self._risk(clients))
                    await self._during()
                    await risk
                finally:
                    self.marks["heal"] = time.monotonic()
                    await asyncio.to_thread(injector.__exit__)
                self._say(f"{self._home}: healed")
                await self._after(writers)
                self.marks["end"] = time.monotonic()
            self._say("looking for everything acknowledged in all regions")
            orders = readback.expected(self.history.acknowledged())
            read = await readback.verify(clients, orders, limit=CATCH_UP_SECONDS)
            self.lost = sorted({order for found in read.values() for order in (*found["missing"], *found["altered"])})

    async def _before(self) -> None:
        self._say(f"{CLIENTS} clients write orders through the service of {self._home}")
        # The first moments open connections: they are no baseline.
        await asyncio.sleep(BEFORE_SECONDS / 4)
        self.marks["begin"] = time.monotonic()
        await asyncio.sleep(BEFORE_SECONDS)

    async def _during(self) -> None:
        end = self.marks["fault"] + self._scenario.failure_seconds
        while (now := time.monotonic()) < end:
            last = max((one.done for one in self.history.acknowledged()), default=self.marks["begin"])
            if now - last > self._stop.silence_seconds:
                self.stopped = f"stopped: nothing was acknowledged for {self._stop.silence_seconds:g} s"
                return
            await asyncio.sleep(OBSERVE_SECONDS)

    async def _after(self, writers: Writers) -> None:
        heal = self.marks["heal"]

        def used() -> bool:
            return any(
                one.acknowledged and one.region == self._home and one.sent >= heal for one in self.history.latest(200)
            )

        await writers.until(used, seconds=RETURN_SECONDS)
        await asyncio.sleep(AFTER_SECONDS)

    async def _risk(self, clients: dict[str, Http]) -> None:
        """Which orders that the failed region acknowledged are in no other region now: what RPO counts."""
        fault = self.marks["fault"]
        window: list[Attempt] = [
            one
            for one in self.history.acknowledged()
            if one.region == self._home and fault - RISK_WINDOW_SECONDS <= one.done <= fault
        ]
        others = {name: client for name, client in clients.items() if name != self._home}
        missing: set[str] | None = None
        for name, client in others.items():
            try:
                found = await readback.verify({name: client}, readback.expected(window), limit=0.0)
            except Exception as error:  # noqa: BLE001 (a region that does not answer keeps nothing from risk)
                self.observed.append({"region": name, "fault": reason(error)})
                continue
            gone = set(found[name]["missing"])
            missing = gone if missing is None else missing & gone
        at_risk = sorted(missing or set())
        ages = [fault - one.done for one in window if one.order_id in at_risk]
        self.at_risk = {"orders": at_risk, "oldest_seconds": round(max(ages), 3) if ages else None}


def leave_nothing(estate: Estate, sandbox: Sandbox) -> None:
    """After a drill no fault stands and no region is flagged by it.

    Raises:
        OpsError: something still stands.
    """
    standing = sandbox.status().faults
    if standing:
        raise OpsError(f"a fault still stands after the drill: {standing}", fix="end it: holdfast sandbox heal")
    flags = control.read_flags(estate)
    for name in estate.regions:
        flag = control.newest(flags, name)
        if flag is not None and flag.holds(time.time()):
            raise OpsError(f"{name} is still evacuated after the drill", fix=f"holdfast readmit {name}")
