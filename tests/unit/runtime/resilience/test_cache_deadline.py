"""What a cache takes is part of a call's time."""

from dataclasses import replace

from holdfast._attempt import GET_ITEM, Call, Reply
from holdfast.caching.pipeline import CachedPipeline, layers_of
from holdfast.caching.policy import CachePolicy
from holdfast.resilience.core import Core
from holdfast.resilience.policy import DEFAULT
from holdfast.testing.cache import MemoryCache
from holdfast.topology import Region


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


class SlowCache(MemoryCache):
    def __init__(self, clock):
        super().__init__(clock)
        self.clock = clock

    def run(self, step):
        self.clock.now += 0.1
        return super().run(step)


class Table:
    """The pipeline beneath: it keeps the call that it is given."""

    def __init__(self, core):
        self.core = core

    def send(self, call):
        self.call = call
        return Reply(b"{}", "us-east-1")


def test_the_clients_own_limit_begins_before_the_caches_are_asked():
    clock = Clock()
    policy = replace(DEFAULT, timeout=replace(DEFAULT.timeout, call_seconds=5.0))
    core = Core([Region(name="us-east-1")], None, policy, clock=clock)
    table = Table(core)
    layers = layers_of(core, CachePolicy(), redis=True, dax=False)
    pipeline = CachedPipeline(table, layers, store=SlowCache(clock))
    pipeline.send(Call(GET_ITEM, {"TableName": "people", "Key": {"pk": {"S": "a"}}}, "people"))
    assert clock.now > 100.05, "the cache was slow"
    assert table.call.deadline == 105.0
    pipeline.send(Call(GET_ITEM, {"TableName": "people", "Key": {"pk": {"S": "b"}}}, "people", 101.0))
    assert table.call.deadline == 101.0, "a call's own deadline stays"
