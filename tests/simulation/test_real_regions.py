"""The same workers, in real time, against the sandbox's regions and a real Redis cluster: judged by the same checker."""

import asyncio
import logging
import random
import time
from collections import Counter
from types import SimpleNamespace

import psutil
import pytest
import redis

from holdfast import AsyncClient, Client, errors
from holdfast.caching import CachePolicy
from holdfast.resilience import BreakerPolicy, Policy, RoutingPolicy
from holdfast.results import CallInfo
from holdfast.testing.checker import History, check, check_logs, draw
from holdfast.testing.simulation.workload import Worker

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
HOME = "us-east-1"
SECONDS = 4.0
POLICY = Policy(
    breaker=BreakerPolicy(reset_seconds=1.0),
    routing=RoutingPolicy(failover=True, failback_seconds=0.2, drain_seconds=0.5),
    cache=CachePolicy(version_attribute="version"),
)
KINDS = ("cut", "blackhole", "delay", "throttle", "error", "reset", "truncate")
BACK_SECONDS = 30.0
"""Within it a cache that lost a node serves again: 1 s until it votes, and some breaks of 5 s, with much to spare."""
SPREAD = [f"spread-{number}" for number in range(32)]
"""Items that nobody wrote, on every shard: of three, one holds none of them once in 100,000 times."""
LATE_SECONDS = 2.0
"""How long after its end a put that was sent twice may still arrive: requests that were given up wait in the gateway."""


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("holdfast").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("holdfast").setLevel(logging.NOTSET)


def faults_of(seed):
    rng = random.Random(seed)  # noqa: S311 - replayable chance is the point
    found = []
    for _ in range(rng.randrange(1, 4)):
        kind = rng.choice(KINDS)
        options = {"delay": {"seconds": 0.2}, "throttle": {"rate": 0.5}, "error": {"rate": 0.5}}.get(kind, {})
        region = rng.choice((HOME, HOME, "us-west-2", "eu-west-1"))
        found.append((rng.uniform(0.2, 2.0), rng.uniform(0.3, 1.5), region, kind, options))
    return found


async def trouble(cloud, fault):
    at, seconds, region, kind, options = fault
    await asyncio.sleep(at)
    made = await asyncio.to_thread(cloud.sandbox.fault, region, kind, service="dynamodb", **options)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(cloud.sandbox.heal, fault_id=made)


async def play(cloud, seed):
    loop = asyncio.get_running_loop()
    world = SimpleNamespace(ops=[], loop=loop, resolved=[])
    clients = [AsyncClient(cloud.topology, policy=POLICY) for _ in range(2)]
    workers = [
        Worker(f"s{seed}c{c}w{w}", client, world, random.Random(seed * 100 + c * 10 + w))  # noqa: S311
        for c, client in enumerate(clients)
        for w in range(2)
    ]
    troubles = [loop.create_task(trouble(cloud, fault)) for fault in faults_of(seed)]
    await asyncio.gather(*(worker.work(SECONDS, workers) for worker in workers))
    await asyncio.gather(*troubles)
    await asyncio.to_thread(cloud.sandbox.heal)
    for client in clients:
        await client.close()
    return world


def at_rest(cloud, seed):
    """What each region holds once nothing is on its way."""
    deadline = time.monotonic() + 30
    while any(pair.backlog for pair in cloud.sandbox.replication()) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    values, logs = {}, {}
    with Client(cloud.topology) as client:
        for region in cloud.topology.regions:
            values[region] = {}
            for item in client.table("items").scan(consistent=True, region=region):
                if f"s{seed}c" not in item["pk"]:
                    continue
                if "value" in item:
                    values[region][item["pk"]] = item["value"]
                if "log" in item:
                    logs[item["pk"]] = item["log"]
    return values, logs


def judged(cloud, world, seed):
    values, logs = at_rest(cloud, seed)
    for op in world.ops:
        if op.kind != "read" and op.outcome == "ok":
            op.settled = op.end + LATE_SECONDS
        if (op.kind != "read" and op.outcome == "ok") or op.region == "cache":
            op.cache = "redis"
    valued = [op for op in world.ops if not op.key.startswith(("log", "count"))]
    report = check(History(valued, values))
    check_logs([op for op in world.ops if op.key.startswith("log")], logs, report)
    return report


def story(cloud, seed):
    world = asyncio.run(play(cloud, seed))
    report = judged(cloud, world, seed)
    assert report.ok, "\n".join(draw(violation, world.ops) for violation in report.violations[:3])
    outcomes = Counter((op.kind, op.outcome) for op in world.ops)
    assert outcomes["write", "ok"] > 10, outcomes
    return world, report


@pytest.mark.parametrize("seed", range(3))
def test_no_rule_is_broken_in_real_time(cloud, seed):
    _, report = story(cloud, seed)
    assert report.operations > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 24))
def test_no_rule_is_broken_in_real_time_on_more_schedules(cloud, seed):
    _, report = story(cloud, seed)
    assert report.ok


def _primary(cloud):
    """The process of a Redis primary of this sandbox. It asks servers, and waits for them: not for an event loop."""
    for process in psutil.Process(cloud.sandbox.document.pid).children(recursive=True):
        if "redis-server" not in process.name():
            continue
        ports = [c.laddr.port for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        if not ports:
            continue
        try:
            # The higher port is the cluster's bus, which answers no client: asking it costs every retry's timeout.
            with redis.Redis(port=min(ports), socket_timeout=1) as client:
                if client.execute_command("ROLE")[0] in (b"master", "master"):
                    return process
        except redis.RedisError:
            continue
    raise AssertionError("the sandbox has no Redis primary")


def test_a_redis_cluster_that_loses_a_primary_costs_no_error_and_no_coherence(cloud):
    async def main():
        loop = asyncio.get_running_loop()
        world = SimpleNamespace(ops=[], loop=loop, resolved=[])
        client = AsyncClient(cloud.topology, policy=POLICY)
        workers = [Worker(f"s900c0w{w}", client, world, random.Random(w)) for w in range(3)]  # noqa: S311
        counts = client.pipeline.layers.counts
        primary = await asyncio.to_thread(_primary, cloud)

        async def from_cache(key):
            info = CallInfo()
            await client.table("items").get({"pk": key}, info=info)
            return info.region == "cache"

        async def all_from_cache():
            """Read until every shard has answered: a hit alone may be one of a shard that lost nothing."""
            ends = loop.time() + BACK_SECONDS
            for key in SPREAD:
                while not await from_cache(key):
                    assert loop.time() < ends, f"{key} is not served by the cache within {BACK_SECONDS} s: {counts}"
                    await asyncio.sleep(0.1)

        async def lose():
            await asyncio.sleep(1.5)
            primary.kill()
            failures = counts.failures
            await asyncio.gather(*(from_cache(key) for key in SPREAD))
            assert counts.failures > failures, f"nobody missed the primary: {counts}"

        await all_from_cache()
        await asyncio.gather(lose(), *(worker.work(6.0, workers) for worker in workers))
        await all_from_cache()
        await client.close()
        return world

    world = asyncio.run(main())
    failed = [op for op in world.ops if op.outcome != "ok" and not op.conditional]
    assert not failed, failed
    report = judged(cloud, world, 900)
    # What a primary acknowledged and had not yet given to its replica is gone with it: such an entry may live
    # until its TTL. Everything else must hold.
    assert [v for v in report.violations if v.rule != "cache-outlived-version"] == []


@pytest.mark.parametrize("loss", ["cut", "reset", "blackhole"])
def test_a_client_under_load_serves_again_within_five_seconds(cloud, loss):
    async def main():
        client = AsyncClient(cloud.topology, policy=Policy(breaker=BreakerPolicy(reset_seconds=1.0)))
        table = client.table("items")
        acknowledged, failed, stopped = [], [], False

        async def write(worker):
            number = 0
            while not stopped:
                number += 1
                pk = f"load-{loss}-{worker}-{number}"
                try:
                    await table.put({"pk": pk}, condition="attribute_not_exists(pk)")
                    acknowledged.append((time.monotonic(), pk))
                except errors.HoldfastError as error:
                    failed.append((time.monotonic(), error))
                await asyncio.sleep(0.05)

        tasks = [asyncio.create_task(write(worker)) for worker in range(8)]
        await asyncio.sleep(1.5)
        made = await asyncio.to_thread(cloud.sandbox.fault, HOME, loss, service="dynamodb")
        lost_at = time.monotonic()
        await asyncio.sleep(4.0)
        await asyncio.to_thread(cloud.sandbox.heal, fault_id=made)
        stopped = True
        await asyncio.gather(*tasks)
        await client.close()
        return lost_at, acknowledged, failed

    lost_at, acknowledged, failed = asyncio.run(main())
    again = min(at for at, _ in acknowledged if at > lost_at + 0.05) - lost_at
    print(
        f"{loss}: served again after {again:.2f} s, {len(failed)} of {len(failed) + len(acknowledged)} requests failed"
    )
    assert again < 5.0
    deadline = time.monotonic() + 30
    while any(pair.backlog for pair in cloud.sandbox.replication()) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    with Client(cloud.topology) as client:
        for region in cloud.topology.regions:
            held = {item["pk"] for item in client.table("items").scan(consistent=True, region=region)}
            assert not {pk for _, pk in acknowledged} - held, f"acknowledged writes are missing in {region}"
