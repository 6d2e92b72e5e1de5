"""Regions in memory, a clock that a test moves, and clients over them."""

import logging
from types import SimpleNamespace

import pytest

from holdfast import AsyncClient, Client
from holdfast.resilience import Core, Policy, RoutingPolicy, SyncPipeline
from holdfast.testing import FakeClock, MemoryRegions
from holdfast.topology import Index, Key, Region, Table, Topology

NAMES = ("us-east-1", "us-west-2", "eu-west-1")
ORDERS = Table(
    name="orders-production",
    arn="arn:aws:dynamodb:us-east-1:111122223333:table/orders-production",
    partition_key=Key(name="customer_id"),
    sort_key=Key(name="order_id"),
    indexes=(
        Index(name="OrderDateIndex", partition_key=Key(name="order_date"), sort_key=Key(name="order_id")),
        Index(
            name="StatusIndex",
            partition_key=Key(name="status"),
            sort_key=Key(name="order_date"),
            projection="KEYS_ONLY",
        ),
    ),
)
ITEMS = Table(name="items", arn="", partition_key=Key(name="pk"))


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("holdfast").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("holdfast").setLevel(logging.NOTSET)


@pytest.fixture
def topology():
    regions = {name: Region(name=name, tables={"items": ITEMS, "orders": ORDERS}) for name in NAMES}
    return Topology(stack="test", home_region=NAMES[0], regions=regions, failover=True)


@pytest.fixture
def world(topology):
    """A sync client over three regions in memory, in time that only sleeping moves."""
    clock = FakeClock()
    regions = MemoryRegions(topology.regions.values())

    def client(policy=None, *, regions_of=NAMES, random=lambda: 0.5, wall=lambda: 1_800_000_000.0 + clock.now):
        core = Core(
            [topology.regions[name] for name in regions_of],
            topology,
            policy or Policy(routing=RoutingPolicy(failover=True)),
            clock=clock,
            wall=wall,
            random=random,
        )
        made = Client(topology, sender=regions)
        made.pipeline = SyncPipeline(regions, core, sleep=clock.sleep)
        made.send = made.pipeline.send
        return made

    return SimpleNamespace(clock=clock, regions=regions, client=client, topology=topology)


@pytest.fixture
def async_client(topology):
    def make(sender, policy=None):
        return AsyncClient(topology, sender=sender, policy=policy)

    return make
