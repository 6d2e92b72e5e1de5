"""Keys at home in one region: where their calls go, and what happens to conditions."""

from dataclasses import replace

import pytest

from holdfast import Client, errors
from holdfast.resilience import Core, Policy, RoutingPolicy, SyncPipeline
from holdfast.resilience.flags import Flag
from holdfast.testing import FakeClock, MemoryRegions
from holdfast.topology import Homes, Key, Table, Topology, TopologyError

HOME, WEST, EU = NAMES = ("us-east-1", "us-west-2", "eu-west-1")
HOMES = Homes(spread=(HOME, WEST), prefixes=(("eu-", EU), ("eu-w", WEST)))
ITEMS = Table(name="items", arn="-", partition_key=Key(name="pk"))
ACCOUNTS = Table(name="accounts", arn="-", partition_key=Key(name="id"))


class Fleet:
    """A client in each region over regions in memory."""

    def __init__(self, topology, homes, **routing):
        regions = {
            name: replace(region, tables={"items": replace(ITEMS, homes=homes), "accounts": ACCOUNTS})
            for name, region in topology.regions.items()
        }
        self.topology = Topology.from_dict(replace(topology, regions=regions).to_dict())
        self.regions = MemoryRegions(self.topology.regions.values())
        self.clock = FakeClock()
        self.policy = Policy(routing=RoutingPolicy(**routing))

    def client(self, name, *, only=NAMES):
        core = Core(
            [self.topology.regions[one] for one in dict.fromkeys((name, *only))],
            self.topology,
            self.policy,
            clock=self.clock,
            wall=lambda: 1_800_000_000.0 + self.clock.now,
            random=lambda: 0.5,
        )
        made = Client(self.topology, sender=self.regions)
        made.pipeline = SyncPipeline(self.regions, core, sleep=self.clock.sleep)
        made.send = made.pipeline.send
        return made

    def sent(self, operation):
        return [region for name, region in self.regions.sent if name == operation]


@pytest.fixture
def fleet(topology):
    return Fleet(topology, HOMES, failover=True)


def homed(region):
    """A key that is at home there by its hash."""
    return next(key for key in (f"k{number}" for number in range(100)) if HOMES.of(key) == region)


def test_the_longest_prefix_counts_and_the_rest_is_spread():
    assert HOMES.of("eu-1") == EU
    assert HOMES.of("eu-w1") == WEST
    found = [HOMES.of(f"customer-{number}") for number in range(1_000)]
    assert set(found) == {HOME, WEST}
    assert 400 < found.count(HOME) < 600


def test_the_hash_is_the_same_in_every_release():
    """A key that changed its home with a release would be written in two regions while it is rolled out."""
    assert [HOMES.of(key) for key in ("a", "käse", "customer-7")] == [WEST, WEST, HOME]


def test_a_topology_without_regions_to_spread_over_is_refused(topology):
    document = Fleet(topology, HOMES).topology.to_dict()
    document["regions"][HOME]["tables"]["items"]["homes"] = {"spread": []}
    with pytest.raises(TopologyError, match=r"tables\.items\.homes\.spread"):
        Topology.from_dict(document)


@pytest.mark.parametrize("region", [HOME, WEST])
@pytest.mark.parametrize("client", NAMES)
def test_writes_and_consistent_reads_go_home_from_everywhere(fleet, client, region):
    table = fleet.client(client).table("items")
    key = {"pk": homed(region)}
    table.put({**key, "n": 1})
    table.update(key, "SET n = n + :one", values={":one": 1})
    table.get(key, consistent=True)
    list(table.query("pk = :key", values={":key": key["pk"]}, consistent=True))
    list(table.query("#k = :key", names={"#k": "pk"}, values={":key": key["pk"]}, consistent=True))
    table.delete(key)
    assert {name for _, name in fleet.regions.sent} == {region}


def test_reads_that_may_be_stale_stay_near(fleet):
    fleet.client(EU).table("items").get({"pk": homed(HOME)})
    assert fleet.sent("GetItem") == [EU]


def test_tables_without_homes_are_written_near(fleet):
    fleet.client(EU).table("accounts").put({"id": "a"})
    assert fleet.sent("PutItem") == [EU]


@pytest.mark.parametrize("homes", [HOMES, None])
def test_two_regions_do_not_both_accept_a_condition(topology, homes):
    """Without homes both do while replication lags, and the later write wins in silence."""
    fleet = Fleet(topology, homes, failover=True)
    clients = [fleet.client(name).table("items") for name in (HOME, WEST)]
    fleet.regions.pause_replication()
    accepted = 0
    keys = [f"seat-{number}" for number in range(20)]
    for place, key in enumerate(keys):
        for holder in (0, 1):
            try:
                table = clients[(place + holder) % 2]
                table.put({"pk": key, "holder": holder}, condition="attribute_not_exists(pk)")
                accepted += 1
            except errors.ConditionalCheckFailedError:
                pass
    assert accepted == (len(keys) if homes else 2 * len(keys))
    fleet.regions.resume_replication()
    for key in keys:
        assert clients[0].get({"pk": key})["holder"] == (0 if homes else 1)


def test_all_clients_leave_an_evacuated_home_for_the_same_region(fleet):
    tables = []
    for name in NAMES:
        client = fleet.client(name)
        flag = Flag(region=WEST, evacuated=True, epoch=1)
        client.pipeline.core.router.flags.learn([flag])
        tables.append(client.table("items"))
    for table in tables:
        table.put({"pk": homed(WEST)})
        table.put({"pk": homed(HOME)})
    assert fleet.sent("PutItem") == [HOME] * 6


def test_a_home_that_fails_is_left_and_the_others_stay(fleet):
    client = fleet.client(HOME)
    table = client.table("items")
    fleet.regions.script(WEST, *[errors.ConnectError("connection refused") for _ in range(5)])
    table.put({"pk": homed(WEST)})
    assert fleet.sent("PutItem")[-1] == HOME
    table.put({"pk": "eu-1"})
    assert fleet.sent("PutItem")[-1] == EU
    assert client.pipeline.core.views()["homes"] == {HOME: HOME, WEST: HOME, EU: EU}


def test_writes_of_a_returned_home_wait_for_what_was_written_elsewhere(topology):
    fleet = Fleet(topology, HOMES, failover=True, failback_seconds=0.0, drain_seconds=2.0)
    client = fleet.client(HOME)
    table = client.table("items")
    router = client.pipeline.core.router
    router.flags.learn([Flag(region=WEST, evacuated=True, epoch=1)])
    key = {"pk": homed(WEST)}
    table.put({**key, "n": 1})
    router.flags.learn([Flag(region=WEST, evacuated=False, epoch=2)])
    before = fleet.clock.now
    table.update(key, "SET n = n + :one", values={":one": 1})
    assert fleet.sent("UpdateItem") == [WEST]
    assert fleet.clock.now - before == pytest.approx(2.0, abs=0.2)


def test_without_failover_a_home_that_fails_is_waited_for(topology):
    fleet = Fleet(topology, HOMES, failover=False)
    table = fleet.client(HOME).table("items")
    fleet.regions.script(WEST, *[errors.ConnectError("connection refused") for _ in range(6)])
    with pytest.raises(errors.HoldfastError):
        table.put({"pk": homed(WEST)})
    assert set(fleet.sent("PutItem")) == {WEST}


def test_a_client_set_up_without_failover_still_reaches_homes(topology):
    fleet = Fleet(topology, HOMES)
    client = Client(fleet.topology, region=HOME, sender=fleet.regions, failover=False)
    client.table("items").put({"pk": homed(WEST)})
    client.table("accounts").put({"id": "a"})
    assert fleet.sent("PutItem") == [WEST, HOME]
    assert [state.name for state in client.pipeline.core.router.states] == [HOME]


def test_a_transaction_of_two_homes_is_refused_before_it_is_sent(fleet):
    client = fleet.client(HOME)
    table = client.table("items")
    actions = [table.put_action({"pk": homed(region)}) for region in (HOME, WEST)]
    with pytest.raises(errors.InvalidArgumentError, match="us-east-1, us-west-2"):
        client.transact_write(actions)
    assert fleet.regions.sent == []
    client.transact_write([table.put_action({"pk": homed(WEST)}), client.table("accounts").put_action({"id": "a"})])
    assert fleet.sent("TransactWriteItems") == [WEST]


def test_a_batch_is_served_home_by_home(fleet):
    client = fleet.client(EU)
    table = client.table("items")
    keys = [f"k{number}" for number in range(40)]
    fleet.regions.pause_replication()
    with table.batch_writer() as batch:
        for key in keys:
            batch.put({"pk": key, "blob": b"\x00"})
    assert batch.written == len(keys)
    for region in (HOME, WEST):
        stored = {item["pk"] for item in client.table("items").scan(region=region)}
        assert stored == {key for key in keys if HOMES.of(key) == region}
    found = table.batch_get([{"pk": key} for key in keys], consistent=True)
    assert sorted(item["pk"] for item in found) == sorted(keys)


@pytest.mark.parametrize(("says", "regions"), [(False, [HOME]), (True, list(NAMES)), (None, list(NAMES))])
def test_the_policy_says_whether_there_is_failover(topology, says, regions):
    client = Client(
        topology, sender=MemoryRegions(topology.regions.values()), policy=Policy(routing=RoutingPolicy(failover=says))
    )
    assert [state.name for state in client.pipeline.core.router.states] == regions
