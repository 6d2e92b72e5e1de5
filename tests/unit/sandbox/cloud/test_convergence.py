"""All replicas come to hold the same, whatever is written, cut and healed, and in whatever order it arrives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.cloud.replication import Change, Group, Register

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1")
KEYS = ("a", "b", "c")

regions = st.sampled_from(REGIONS[:3])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), regions, st.sampled_from(KEYS)),
        st.tuples(st.just("delete"), regions, st.sampled_from(KEYS)),
        st.tuples(st.just("partition"), st.frozensets(regions)),
        st.tuples(st.just("heal")),
        st.tuples(st.just("lag"), regions, regions, st.floats(0, 5)),
        st.tuples(st.just("wait"), st.floats(0, 3)),
        st.tuples(st.just("join")),
        st.tuples(st.just("prune")),
    ),
    max_size=40,
)


class World:
    """Replicas as plain dicts, a clock that tests move, and clocks of the regions that may stand still."""

    def __init__(self) -> None:
        self.now = 0.0
        self.stores: dict[str, dict[str, Any]] = {}
        self.group = Group()
        self.written: dict[str, list[tuple[Any, Any]]] = {key: [] for key in KEYS}
        self.count = 0
        for region in REGIONS[:3]:
            self.add(region)

    def add(self, region: str) -> None:
        self.stores[region] = {}
        self.group.join(region, Register(region))

    @property
    def now_ns(self) -> int:
        return int(self.now) * 10**9  # whole seconds: many writes share a time

    def apply(self, region: str, change: Change) -> None:
        if change.item is None:
            self.stores[region].pop(change.key, None)
        else:
            self.stores[region][change.key] = change.item

    def write(self, region: str, key: str, *, delete: bool) -> None:
        if delete and key not in self.stores[region]:
            return
        self.count += 1
        item = None if delete else f"{region}-{self.count}"
        version = self.group.registers[region].stamp(key, self.now_ns, deleted=delete)
        change = Change(key, item, version)
        self.apply(region, change)
        self.written[key].append((version, item))
        self.group.wrote(change, self.now)

    def arrive(self, region: str, change: Change) -> None:
        if self.group.registers[region].accept(change):
            self.apply(region, change)

    def deliver(self) -> None:
        self.group.deliver(self.now, self.now_ns, self.arrive)

    def run(self, step: tuple[Any, ...]) -> None:
        if step[0] in ("put", "delete"):
            self.write(step[1], step[2], delete=step[0] == "delete")
        elif step[0] == "partition":
            self.group.partitioned = step[1]
        elif step[0] == "heal":
            self.group.partitioned = frozenset()
        elif step[0] == "lag" and step[1] != step[2]:
            self.group.links[step[1], step[2]].lag_seconds = step[3]
        elif step[0] == "wait":
            self.now += step[1]
        elif step[0] == "join" and REGIONS[3] not in self.stores:
            self.add(REGIONS[3])
            self.group.backfill(REGIONS[0], REGIONS[3], self.stores[REGIONS[0]], self.apply)
        elif step[0] == "prune":
            self.group.prune(self.now_ns, 0)
        self.deliver()

    def settle(self) -> None:
        self.group.partitioned = frozenset()
        self.now += 100
        self.deliver()


@settings(max_examples=1200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_every_schedule_converges_to_the_last_write(schedule: list[tuple[Any, ...]]) -> None:
    world = World()
    for step in schedule:
        world.run(step)
    world.settle()

    expected = {key: max(writes)[1] for key, writes in world.written.items() if writes and max(writes)[1] is not None}
    for region, store in world.stores.items():
        assert store == expected, region
    assert all(link.backlog == 0 for link in world.group.links.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), regions, st.booleans()), min_size=1, max_size=12), st.randoms())
def test_the_order_of_arrival_does_not_matter(writes: list[tuple[int, str, bool]], random: Any) -> None:
    sources = {region: Register(region) for region in REGIONS}
    changes = [
        Change("a", None if deleted else f"{number}", sources[region].stamp("a", seconds * 10**9, deleted=deleted))
        for number, (seconds, region, deleted) in enumerate(writes)
    ]
    results = []
    for _ in range(3):
        random.shuffle(changes)
        register, held = Register("eu-west-1"), []
        for change in changes:
            if register.accept(change):
                held = [change.item]
        results.append(held)
    assert results[0] == results[1] == results[2]


def test_what_was_received_is_not_sent_on() -> None:
    world = World()
    world.write("us-east-1", "a", delete=False)
    world.settle()
    world.settle()
    assert {pair: link.delivered for pair, link in world.group.links.items()} == {
        (source, target): int(source == "us-east-1")
        for source in REGIONS[:3]
        for target in REGIONS[:3]
        if source != target
    }


def test_a_tombstone_keeps_an_older_write_from_coming_back() -> None:
    world = World()
    world.write("us-east-1", "a", delete=False)
    world.settle()
    world.group.links["us-west-2", "eu-west-1"].lag_seconds = 50
    world.now += 1
    world.write("us-west-2", "a", delete=False)  # arrives late in eu-west-1
    world.now += 2
    world.deliver()
    world.write("us-east-1", "a", delete=True)
    world.deliver()
    world.group.prune(world.now_ns, 0)  # must not forget while the older write is on its way
    world.settle()
    assert [store for store in world.stores.values() if store] == []


def test_tombstones_are_forgotten_when_everybody_knows() -> None:
    world = World()
    world.write("us-east-1", "a", delete=False)
    world.write("us-east-1", "a", delete=True)
    world.settle()
    assert [register.tombstones for register in world.group.registers.values()] == [1, 1, 1]
    world.group.prune(world.now_ns, 0)
    assert [register.tombstones for register in world.group.registers.values()] == [0, 0, 0]


def test_lag_is_measured_from_the_write() -> None:
    world = World()
    for link in world.group.links.values():
        link.lag_seconds = 2
    world.write("us-east-1", "a", delete=False)
    assert world.group.next_due() == 2
    world.now = 2
    world.deliver()
    assert world.group.links["us-east-1", "eu-west-1"].samples.percentile(0.99) == pytest.approx(2, abs=1e-6)
    assert world.group.links["eu-west-1", "us-east-1"].samples.last is None
