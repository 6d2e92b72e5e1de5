"""Linearizability where MRSC promises it: on simulated regions through faults, and on the sandbox's strong tables."""

import asyncio
import os
import random
import time

import boto3
import pytest
from botocore.config import Config

from holdfast import AsyncClient
from holdfast.resilience import BreakerPolicy, Policy, RoutingPolicy
from holdfast.testing.simulation import story
from holdfast.testing.simulation.__main__ import each
from holdfast.testing.simulation.plants import STRONG_PLANTS, planted
from holdfast.testing.simulation.registers import Registers, RegisterWorker
from holdfast.testing.simulation.strong import CONTROL, LEDGER, REGIONS, simulate_strong
from holdfast.topology import Region, Topology
from sandbox.cloud import Sandbox

HOME = REGIONS[0]
POLICY = Policy(breaker=BreakerPolicy(reset_seconds=1.0), routing=RoutingPolicy(failover=True, failback_seconds=0.2))

pytestmark = pytest.mark.usefixtures("quiet")


def judge(first, last):
    operations = 0
    for seed in each(first, last):
        result = simulate_strong(story(seed))
        assert not result.broken, f"seed {seed}: no order of the operations explains {result.broken}\n{result.story}"
        operations += len(result.registers)
    return operations


def test_a_strong_table_is_linearizable_while_regions_are_lost():
    assert judge(0, 60) > 60 * 200, "the clients were at work"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(60, 1_000, 235))
def test_a_strong_table_is_linearizable_on_more_schedules(first):
    assert judge(first, first + 235) > 235 * 200


@pytest.mark.parametrize("plant", sorted(STRONG_PLANTS))
def test_a_planted_fault_leaves_no_order_of_the_operations(plant):
    with planted(plant):
        assert any(simulate_strong(story(seed)).broken for seed in each(0, 60))


def _make(client, name, key, *, strong):
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    if strong:
        replicas = [{"Create": {"RegionName": region}} for region in REGIONS[1:]]
        client.update_table(TableName=name, ReplicaUpdates=replicas, MultiRegionConsistency="STRONG")
        _active(client, name, REGIONS[1:])
        return
    for region in REGIONS[1:]:
        client.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])
        _active(client, name, [region])


def _active(client, name, wanted):
    deadline = time.monotonic() + 60
    while True:
        there = client.describe_table(TableName=name)["Table"].get("Replicas", [])
        if {replica["RegionName"] for replica in there if replica["ReplicaStatus"] == "ACTIVE"} >= set(wanted):
            return
        assert time.monotonic() < deadline, there
        time.sleep(0.1)


@pytest.fixture
def strong(tmp_path, monkeypatch):
    running = Sandbox.start(tmp_path, regions=REGIONS, account_id="111122223333")
    try:
        for name, value in running.environment(HOME).items():
            if name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                monkeypatch.setenv(name, value)
        dynamodb = boto3.client(
            "dynamodb", region_name=HOME, endpoint_url=running.gateways[HOME],
            config=Config(retries={"total_max_attempts": 3}, read_timeout=20),
        )  # fmt: skip
        _make(dynamodb, LEDGER.name, "pk", strong=True)
        _make(dynamodb, CONTROL.name, "scope", strong=False)
        regions = {
            name: Region(
                name=name, tables={"ledger": LEDGER}, control_table=CONTROL.name,
                endpoints={"dynamodb": running.gateways[name]},
            )
            for name in REGIONS
        }  # fmt: skip
        yield running, Topology(stack="strong", home_region=HOME, regions=regions, failover=True)
    finally:
        running.stop()


@pytest.mark.sandbox
@pytest.mark.timeout(300)
@pytest.mark.skipif(os.environ.get("DYNAMODB") == "local", reason="DynamoDB Local has no strong tables")
def test_the_sandboxes_strong_tables_are_linearizable_through_the_loss_of_a_region(strong):
    running, stack = strong
    found = Registers()

    async def main():
        clock = asyncio.get_running_loop().time
        clients = [AsyncClient(stack, region=name, policy=POLICY) for name in REGIONS]
        workers = [
            RegisterWorker(
                f"c{c}w{w}", client, table="ledger", keys=[f"r{n}" for n in range(4)], found=found,
                rng=random.Random(c * 10 + w), clock=clock,  # noqa: S311 - replayable chance is the point
            )
            for c, client in enumerate(clients)
            for w in range(2)
        ]  # fmt: skip

        async def lose(kind, region, after, seconds):
            await asyncio.to_thread(
                running.fault, region, kind, service="dynamodb", after_seconds=after, lease_seconds=seconds
            )

        await asyncio.gather(
            lose("cut", HOME, 0.8, 1.2),
            lose("blackhole", "us-west-2", 2.6, 1.0),
            *(worker.work(5.0) for worker in workers),
        )
        for client in clients:
            await client.close()

    asyncio.run(main())
    assert len(found) > 60, "the clients were at work"
    swapped = [event for events in found.events.values() for event in events if event.output is True]
    assert len(swapped) > 10
    assert found.broken() == []
