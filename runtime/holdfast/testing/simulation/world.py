"""One simulated run: regions, clients over them, what they do, and what the checker says of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from holdfast.async_client import AsyncClient
from holdfast.caching import AsyncCachedPipeline, CachePolicy, layers_of
from holdfast.resilience.core import Core
from holdfast.resilience.flags import Flag
from holdfast.resilience.pipeline_async import AsyncPipeline
from holdfast.resilience.policy import BreakerPolicy, Policy, RoutingPolicy
from holdfast.testing.checker import History, Op, Report, Violation, check, check_logs
from holdfast.testing.loop import VirtualLoop, run
from holdfast.testing.simulation.cache import SimulatedCache
from holdfast.testing.simulation.regions import EPOCH, SKEW_SECONDS, Attempt, Network, SimulatedRegions
from holdfast.testing.simulation.sends import judge_sends, judge_service, name_of
from holdfast.testing.simulation.story import REGIONS, Fault, Story
from holdfast.testing.simulation.workload import Worker
from holdfast.topology import Key, Region, Table, Topology

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.resilience.resolve import Resolution

CONTROL = Table(name="holdfast-control", arn="", partition_key=Key(name="scope"))
ITEMS = Table(name="items", arn="", partition_key=Key(name="pk"))
POLICY = Policy(
    breaker=BreakerPolicy(reset_seconds=1.5),
    routing=RoutingPolicy(failover=True, failback_seconds=0.5),
)
"""The defaults, but for a circuit that is tried again so soon that a run sees regions come back."""
LAG_SECONDS = 2.0
"""Around a fault, how long writes may not have been replicated."""
CACHE = CachePolicy(ttl_seconds=30.0, negative_seconds=2.0, version_attribute="version")
REST_SECONDS = 8.0
"""From the end of the work until the last reads and writes: longer than any lag, timeout, late request or return."""


def topology() -> Topology:
    """Three regions with a table and a control table."""
    regions = {name: Region(name=name, tables={"items": ITEMS}, control_table=CONTROL.name) for name in REGIONS}
    return Topology(stack="simulated", home_region=REGIONS[0], regions=regions, failover=True)


@dataclass(slots=True)
class Result:
    """What came of a run."""

    story: Story
    report: Report
    ops: list[Op]
    attempts: list[Attempt]
    counts: Counter[str] = field(default_factory=Counter)
    recovery_seconds: float | None = None
    """From the loss of the region that was written to until a write was acknowledged again."""

    @property
    def ok(self) -> bool:
        """Whether every rule held."""
        return self.report.ok

    @property
    def rules(self) -> frozenset[str]:
        """The names of the rules that were broken."""
        return frozenset(violation.rule for violation in self.report.violations)

    def fingerprint(self) -> int:
        """Equal for equal runs."""
        return hash(
            tuple((op.process, op.kind, op.key, str(op.value), op.start, op.end, op.outcome) for op in self.ops)
        )


class World:
    """The parts of one run."""

    def __init__(self, story: Story, policy: Policy = POLICY, make: Callable[[Any, Core], Any] = AsyncPipeline) -> None:
        self.story = story
        self.policy = policy
        self.resolved: list[tuple[Op, Resolution]] = []
        self.clients: list[AsyncClient] = []
        self.caches: dict[str, SimulatedCache] = {}
        self._forgotten: dict[str, list[tuple[float, set[str]]]] = {}
        """Per region: when its cache was replaced, and the items of which some region lacked the newest version."""
        self.homes: dict[str, str] = {}
        self.rng = _rng(story.seed * 7919 + 1)
        self.topology = topology()
        self.loop = asyncio.get_running_loop()
        self.regions = SimulatedRegions(self.topology.regions.values(), CONTROL, self.rng, Network())
        self.ops: list[Op] = []
        self._epochs: Counter[str] = Counter()
        for number in range(story.clients):
            home = REGIONS[0] if number == 0 else self.rng.choice(REGIONS)
            order = [
                self.topology.regions[REGIONS[0]],
                *(r for r in self.topology.regions.values() if r.name != REGIONS[0]),
            ]
            core = Core(
                order,
                self.topology,
                policy,
                clock=self.loop.time,
                wall=self.wall,
                random=_rng(story.seed * 31 + number).random,
            )
            sender = self.regions.seen_from(home, f"c{number}")
            client = AsyncClient(self.topology, sender=sender, policy=policy)
            cache = self.caches.setdefault(home, SimulatedCache(self.rng))
            layers = layers_of(core, CACHE, redis=True, dax=False, nonce=self._nonce)
            client.pipeline = AsyncCachedPipeline(make(sender, core), layers, store=cache)
            self.homes[f"c{number}"] = home
            client.send = client.pipeline.send
            self.clients.append(client)

    def _nonce(self) -> bytes:
        return b"%016x" % self.rng.getrandbits(64)

    def wall(self) -> float:
        """Seconds since 1970 on an exact clock."""
        return EPOCH + self.loop.time()

    async def play(self) -> None:
        """Let the faults happen and the clients work, then heal everything and let it rest."""
        faults = [self.loop.create_task(self._fault(fault)) for fault in self.story.faults]
        workers = [
            Worker(f"c{c}w{w}", client, self, _rng(self.story.seed * 101 + c * 11 + w))
            for c, client in enumerate(self.clients)
            for w in range(self.story.writers)
        ]
        tasks = [self.loop.create_task(worker.work(self.story.seconds, workers)) for worker in workers]
        await asyncio.gather(*tasks)
        await asyncio.gather(*faults)
        await asyncio.sleep(REST_SECONDS)
        for worker in workers:
            await worker.last()
        await asyncio.sleep(LAG_SECONDS)
        for client in self.clients:
            await client.close()

    async def _fault(self, fault: Fault) -> None:
        match fault.kind:
            case "cache":
                await asyncio.sleep(fault.at)
                self._cache(fault.region, fault.how)
                await asyncio.sleep(fault.seconds)
                self._cache(fault.region, "")
            case "evacuate":
                await asyncio.sleep(fault.at)
                await self._evacuate(fault)
            case _:
                await happen(self.regions, fault)

    def _cache(self, region: str, how: str) -> None:
        cache = self.caches.get(region)
        if cache is None:
            return
        cache.trouble = how if how in ("down", "slow") else ""  # type: ignore[assignment]
        if how == "empty":
            cache.empty()
            held = [store.versions("items") for store in self.regions.stores.values()]
            # Whichever region answers fills the cache, also one that has not received the newest version.
            behind = {
                orjson.loads(key)["pk"]["S"]
                for versions in held
                for key, version in versions.items()
                if any(version.after(others.get(key)) for others in held)
            }
            self._forgotten.setdefault(region, []).append((self.loop.time(), behind))

    async def _evacuate(self, fault: Fault) -> None:
        """An operator sets the flag in a region that answers, and takes it back or lets it run out."""
        self._flag(fault, evacuated=True, expires=self.wall() + fault.seconds if fault.how == "expires" else None)
        await asyncio.sleep(fault.seconds)
        if fault.how != "expires":
            self._flag(fault, evacuated=False, expires=None)

    def _flag(self, fault: Fault, *, evacuated: bool, expires: float | None) -> None:
        region = next(name for name in REGIONS if name != fault.region and not self.regions.conditions[name].lost)
        self._epochs[fault.region] += 1
        flag = Flag(
            region=fault.region, evacuated=evacuated, epoch=self._epochs[fault.region], reason="drill", by="simulation",
            at=self.wall(), expires=expires,
        )  # fmt: skip
        self.regions.stores[region].apply("PutItem", {"TableName": CONTROL.name, "Item": flag.to_wire()})

    def judge(self) -> Result:
        """What the rules say."""
        applied = _effects(self.regions.attempts)
        deleted = _effects(self.regions.attempts, _deleted)
        for op in self.ops:
            if op.kind == "read":
                continue
            sends = applied.get(op.value, ()) if op.kind == "write" else deleted.get(op.key, ())
            effects = [at for sent, at in sends if op.start <= sent <= op.end]
            op.began = min(effects, default=None)
            op.settled = max(effects, default=op.end)
        for op in self.ops:
            home = self.homes[op.process.partition("w")[0]]
            if (op.kind != "read" and self._told(op, home)) or (op.kind == "read" and op.region == "cache"):
                op.cache = home
        stores = self.regions.stores
        at_rest: dict[str, dict[str, Any]] = {name: {} for name in stores}
        logs: dict[str, list[str]] = {}
        for name, store in stores.items():
            for item in store.items("items"):
                key = item["pk"]["S"]
                if "value" in item:
                    at_rest[name][key] = item["value"]["S"]
                if "log" in item:
                    logs[key] = [entry["S"] for entry in item["log"]["L"]]
        valued = [op for op in self.ops if not op.key.startswith(("log", "count"))]
        report = check(History(valued, at_rest))
        report.operations = len(self.ops)
        check_logs([op for op in self.ops if op.key.startswith("log")], logs, report)
        _dropped(self, report)
        _counters(self, report)
        judge_sends(self.story, self.regions.attempts, self.regions.watching, self.policy, report)
        judge_service(self.story, self.ops, REGIONS[0], self.policy, report)
        _resolutions(self, applied, report)
        return Result(
            self.story, report, self.ops, self.regions.attempts,
            Counter(f"{op.kind}-{op.outcome}" for op in self.ops), _recovery(self),
        )  # fmt: skip

    def _told(self, op: Op, home: str) -> bool:
        """Whether the cache of the writer's region knows of the write: all that it gives later must be newer.

        A Redis that is away, or left alone by a writer's breaker, is not told; one that was replaced has forgotten that
        its region had not received the write yet.
        """
        again = CACHE.reset_seconds + 1.0
        away = any(
            fault.kind == "cache" and fault.how != "empty" and fault.region == home
            and fault.at <= op.end and op.start < fault.until + again
            for fault in self.story.faults
        )  # fmt: skip
        forgotten = any(op.start <= at and op.key in keys for at, keys in self._forgotten.get(home, ()))
        return op.outcome == "ok" and not away and not forgotten


async def happen(regions: SimulatedRegions, fault: Fault) -> None:
    """Let a fault of the regions themselves begin and end in its time."""
    await asyncio.sleep(fault.at)
    _set(regions, fault, on=True)
    await asyncio.sleep(fault.seconds)
    _set(regions, fault, on=False)


def _set(regions: SimulatedRegions, fault: Fault, *, on: bool) -> None:
    there = regions.conditions[fault.region]
    amount = fault.amount if on else 0.0
    match fault.kind:
        case "lose":
            there.lost = (fault.how or "refused") if on else None  # type: ignore[assignment]
            (regions.partition if on else regions.heal)(fault.region)
        case "slow":
            there.slow_seconds = amount
        case "throttle":
            there.throttled = amount
        case "fail":
            there.failing = amount
        case "lossy":
            there.lossy = amount
        case _:
            (regions.partition if on else regions.heal)(fault.region, fault.how or None)


def _rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - replayable chance is the point


def _effects(
    attempts: list[Attempt], named: Callable[[Attempt], str | None] = name_of
) -> dict[str, list[tuple[float, float]]]:
    """When each write was sent and took effect, as the regions know."""
    found: dict[str, list[tuple[float, float]]] = {}
    for attempt in attempts:
        name = named(attempt)
        if name is not None and attempt.applied is not None:
            found.setdefault(name, []).append((attempt.sent, attempt.applied))
    return found


def _deleted(attempt: Attempt) -> str | None:
    """The key that it deletes: a delete carries no name."""
    return _key_of(attempt) if attempt.call.operation.name == "DeleteItem" else None


def _dropped(world: World, report: Report) -> None:
    """What a failover superseded must have been unreplicated when its region was left; all else is a fault."""
    excused: list[Op] = []
    for op in report.superseded:
        near = any(
            fault.at - LAG_SECONDS <= op.end
            and op.start <= fault.until + LAG_SECONDS
            and (op.region == fault.region or (fault.kind == "partition" and fault.how in ("", op.region)))
            for fault in world.story.faults
        )
        if near or not op.key.startswith("log") or _overtaken(op, world.regions.attempts):
            excused.append(op)
        else:
            report.violations.append(
                Violation("dropped-without-loss", op.key, f"{op.value} was acknowledged in {op.region} while nothing "
                          "was wrong there, and a later write had not seen it", (op,))
            )  # fmt: skip
    report.superseded[:] = excused


def _overtaken(op: Op, attempts: list[Attempt]) -> bool:
    """Whether a send from before the operation, given up, took effect after it in a region that was left.

    Its caller was told that the outcome is unknown. By the region's clock, which may be ahead, it is later than what
    was written elsewhere meanwhile.
    """
    began = op.start if op.began is None else op.began
    return any(
        attempt.applied is not None
        and attempt.error is not None
        and attempt.sent < op.start
        and attempt.applied + 2 * SKEW_SECONDS > began
        and attempt.region != op.region
        and _key_of(attempt) == op.key
        for attempt in attempts
    )


def _key_of(attempt: Attempt) -> str:
    request = attempt.call.request
    if "TransactItems" in request:
        request = request["TransactItems"][0]["Update"]
    found: str = (request.get("Key") or request.get("Item") or {}).get("pk", {}).get("S", "")
    return found


def _counters(world: World, report: Report) -> None:
    """A counter never shows more additions than were made."""
    for key in {op.key for op in world.ops if op.key.startswith("count")}:
        made = sum(op.kind == "write" and op.key == key and op.outcome != "failed" for op in world.ops)
        for store in world.regions.stores.values():
            for item in store.items("items"):
                if item["pk"]["S"] == key and int(item["n"]["N"]) > made:
                    message = f"shows {item['n']['N']} after {made} additions"
                    report.violations.append(Violation("applied-twice", key, message))


def _resolutions(world: World, applied: dict[str, list[tuple[float, float]]], report: Report) -> None:
    """What `resolve()` said to have taken effect has."""
    for op, resolution in world.resolved:
        if resolution.applied is True and op.kind == "write" and op.value not in applied:
            message = f"resolve() says that {op.value} took effect, and it never did"
            report.violations.append(Violation("resolution-wrong", op.key, message, (op,)))


def _recovery(world: World) -> float | None:
    lost = next((fault for fault in world.story.faults if fault.kind == "lose"), None)
    if lost is None:
        return None
    ends = [op.end for op in world.ops if op.kind == "write" and op.outcome == "ok" and op.start >= lost.at]
    return min(ends) - lost.at if ends else None


async def _main(story: Story, policy: Policy, make: Callable[[Any, Core], Any]) -> Result:
    world = World(story, policy, make)
    await world.play()
    return world.judge()


def simulate(story: Story, policy: Policy = POLICY, make: Callable[[Any, Core], Any] = AsyncPipeline) -> Result:
    """Run a story to its end in virtual time, and judge it.

    Args:
        story: the faults.
        policy: of the clients.
        make: the pipeline of a client from its sender and core; a planted fault gives another one.
    """
    return run(_main(story, policy, make), VirtualLoop())
