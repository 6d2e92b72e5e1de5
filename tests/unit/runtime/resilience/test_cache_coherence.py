"""Cache coherence as a state machine: steps of readers and writers in every order that hypothesis can think of."""

import asyncio
import itertools
import sys
from dataclasses import replace

import orjson
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from holdfast import AsyncClient, CallInfo, Client, errors
from holdfast._attempt import GET_ITEM, PUT_ITEM, Call, Reply
from holdfast.caching import CachePolicy, Layers
from holdfast.caching.dax import make_client
from holdfast.caching.entry import Entry, cacheable, tag
from holdfast.caching.steps import CacheError, Look, Pass, ReadDax
from holdfast.resilience import Policy, Scope, Session
from holdfast.testing import FakeClock, MemoryRegions
from holdfast.testing.cache import MemoryCache
from holdfast.topology import Key, Table

TABLE = Table(name="items", arn="", partition_key=Key(name="pk"))
REGION = "us-east-1"
THROTTLED = errors.ThrottledError("rate exceeded", code="ThrottlingException", status=400, region="us-west-2")


def get(key="a", **request):
    return Call(GET_ITEM, {"TableName": "items", "Key": {"pk": {"S": key}}, **request}, "items")


def put(version, key="a"):
    item = {"pk": {"S": key}, "version": {"N": str(version)}}
    return Call(PUT_ITEM, {"TableName": "items", "Item": item}, "items")


def layers(clock, nonces=None, *, dax=False, redis=True, **policy):
    numbers = nonces or itertools.count()
    return Layers(
        CachePolicy(version_attribute="version", **policy),
        {"items": TABLE},
        redis=redis,
        dax=dax,
        clock=clock,
        wall=lambda: 1e9 + clock.now,
        random=lambda: 0.0,
        nonce=lambda: str(next(numbers)).encode(),
    )


class Running:
    """A call that is somewhere on its way. A read takes effect at the table in one step, its answer in the next."""

    def __init__(self, machine, call, *, reader, refused=False):
        self.machine = machine
        self.refused = refused
        self.call = call
        self.reader = reader
        self.floor = machine.acknowledged
        self.steps = machine.layers[reader % 2].steps(call, None)
        self.pending = self.steps.send(None)
        self.held = None
        self.result = None

    def advance(self):
        """One step: of the cache, or to the table and, the next time, back."""
        if isinstance(self.pending, Pass):
            if self.refused:
                self._go(error=THROTTLED)
                return
            if self.held is None:
                self.held = self.machine.table(self.pending.call)
                return
            answer, self.held = self.held, None
        else:
            try:
                answer = self.machine.cache.run(self.pending)
            except CacheError as error:
                self._go(error=error)
                return
        self._go(answer)

    def _go(self, answer=None, error=None):
        try:
            self.pending = self.steps.throw(error) if error else self.steps.send(answer)
        except StopIteration as end:
            self.result = end.value
        except errors.ThrottledError as refusal:
            self.result = refusal


class CoherenceMachine(RuleBasedStateMachine):
    """After a write is acknowledged, no read that begins gives an older value: whoever reads, whatever ran beside it."""

    def __init__(self):
        super().__init__()
        self.clock = FakeClock()
        self.cache = MemoryCache(self.clock)
        nonces = itertools.count()
        self.layers = [layers(self.clock, nonces), layers(self.clock, nonces)]
        self.stored = 0
        self.acknowledged = 0
        self.version = 0
        self.running = []

    def table(self, call):
        if call.operation is PUT_ITEM:
            self.stored = max(self.stored, int(call.request["Item"]["version"]["N"]))
            return Reply(b"{}", REGION)
        if not self.stored:
            return Reply(b"{}", REGION)
        item = {"pk": {"S": "a"}, "version": {"N": str(self.stored)}}
        return Reply(orjson.dumps({"Item": item}), REGION)

    @rule(reader=st.integers(0, 1))
    def start_read(self, reader):
        self.running.append(Running(self, get(), reader=reader))

    @precondition(lambda self: not any(run.call.operation is PUT_ITEM for run in self.running))
    @rule(writer=st.integers(0, 1), refused=st.booleans())
    def start_write(self, writer, refused):
        self.version += 1
        self.running.append(Running(self, put(self.version), reader=writer, refused=refused))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), steps=st.integers(1, 4))
    def advance(self, data, steps):
        run = self.running[data.draw(st.integers(0, len(self.running) - 1))]
        for _ in range(steps):
            run.advance()
            if run.result is None:
                continue
            self.running.remove(run)
            if run.refused:
                assert run.result is THROTTLED, "whatever the cache does, the refusal is told"
            elif run.call.operation is PUT_ITEM:
                self.acknowledged = int(run.call.request["Item"]["version"]["N"])
            else:
                item = run.result.document.get("Item")
                seen = int(item["version"]["N"]) if item else 0
                assert seen >= run.floor, f"read {seen} from {run.result.region} after {run.floor} was acknowledged"
            return

    @rule(seconds=st.sampled_from([1.0, 14.0, 40.0, 400.0]))
    def wait(self, seconds):
        # A call lasts no longer than its deadline: what is on its way ends before much time passes.
        if not self.running or seconds <= 1.0:
            self.clock.advance(seconds)

    @rule()
    def lose_the_cache(self):
        self.cache.clear()

    @invariant()
    def what_is_acknowledged_is_stored(self):
        assert self.stored >= self.acknowledged


TestCoherenceMachine = CoherenceMachine.TestCase
TestCoherenceMachine.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)


def drive(made, call, cache, table, dax=None, scope=None):
    """Run a call to its end."""
    steps = made.steps(call, scope)
    if steps is None:
        return table(call)
    answer, error = None, None
    while True:
        try:
            step = steps.throw(error) if error else steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = error = None
        try:
            if isinstance(step, Pass):
                answer = table(step.call)
            elif isinstance(step, ReadDax):
                answer = dax(step.call)
            else:
                answer = cache.run(step)
        except Exception as raised:  # noqa: BLE001 - goes back into the steps
            error = raised


class Counting:
    def __init__(self, version=1, region=REGION):
        self.version, self.region, self.calls, self.error = version, region, [], None

    def __call__(self, call):
        self.calls.append(call)
        if self.error:
            raise self.error
        if call.operation is PUT_ITEM or self.version is None:
            return Reply(b"{}", self.region)
        item = {"pk": {"S": "a"}, "version": {"N": str(self.version)}}
        return Reply(orjson.dumps({"Item": item}), self.region)


@pytest.fixture
def clock():
    return FakeClock()


def test_the_second_read_is_a_hit(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    assert drive(made, get(), cache, table).region == REGION
    hit = drive(made, get(), cache, table)
    assert hit.region == "cache"
    assert hit.document["Item"]["version"] == {"N": "1"}
    assert made.counts.redis_hits == 1


@pytest.mark.parametrize(
    ("version", "seconds", "hit"), [(1, 299, True), (1, 301, False), (None, 29, True), (None, 31, False)]
)
def test_values_are_fresh_for_300_seconds_and_absences_for_30(clock, version, seconds, hit):
    made, cache, table = layers(clock), MemoryCache(clock), Counting(version)
    drive(made, get(), cache, table)
    clock.advance(seconds)
    drive(made, get(), cache, table)
    assert (len(table.calls) == 1) is hit


@pytest.mark.parametrize(
    ("call", "scope"),
    [
        (get(ConsistentRead=True), None),
        (get(ProjectionExpression="pk"), None),
        (get(), Scope(cache=False)),
        (get(), Scope(session=Session())),
    ],
)
def test_what_goes_past_the_cache(clock, call, scope):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    for _ in range(2):
        drive(made, call, cache, table, scope=scope)
    assert len(table.calls) == 2


def test_principals_do_not_share_values_and_a_write_ends_all(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    for principal in ("u1", "u2", "u1", "u2"):
        drive(made, get(), cache, table, scope=Scope(principal=principal))
    assert len(table.calls) == 2
    drive(made, put(2), cache, table)
    table.version = 2
    for principal in ("u1", "u2"):
        found = drive(made, get(), cache, table, scope=Scope(principal=principal))
        assert found.document["Item"]["version"] == {"N": "2"}


def test_after_a_write_the_value_is_read_consistently_before_it_is_kept(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    drive(made, put(1), cache, table)
    drive(made, get(), cache, table)
    assert table.calls[-1].request["ConsistentRead"] is True


def test_what_another_region_answers_after_a_write_is_not_kept(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    drive(made, put(1), cache, table)
    table.region = "us-west-2"
    drive(made, get(), cache, table)
    drive(made, get(), cache, table)
    assert len(table.calls) == 3


def refused(made, cache, table, version):
    table.error = THROTTLED
    with pytest.raises(errors.ThrottledError):
        drive(made, put(version), cache, table)
    table.error = None


def test_a_region_that_refused_a_write_need_not_have_the_one_before(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting(version=2)
    drive(made, put(2), cache, table)
    table.region, table.version = "us-west-2", 1
    refused(made, cache, table, 3)
    drive(made, get(), cache, table)
    table.region, table.version = REGION, 2
    assert drive(made, get(), cache, table).document["Item"]["version"] == {"N": "2"}, "nothing older was kept"
    assert drive(made, get(), cache, table).region == "cache", "what the region of the last write says is kept"


def test_a_refused_write_does_not_keep_the_cache_out(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    refused(made, cache, table, 3)
    assert [drive(made, get(), cache, table).region for _ in range(2)] == [REGION, "cache"]


def test_a_refused_write_does_not_end_another_that_has_taken_its_place(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting(version=2)
    slow = made.steps(put(3), None)
    cache.run(slow.send(None))
    slow.send(b"")
    drive(made, put(2), cache, table)
    end = slow.throw(THROTTLED)
    before = cache.run(Look(end.items[0], None, b"c:new", 1.0))
    cache.run(end)
    assert cache.run(Look(end.items[0], None, b"c:new", 1.0)) == before


def test_a_write_of_unknown_outcome_keeps_the_cache_out_until_it_has_surely_ended(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting(version=1)
    drive(made, get(), cache, table)
    table.error = errors.OutcomeUnknown("who knows")
    with pytest.raises(errors.OutcomeUnknown):
        drive(made, put(2), cache, table)
    table.error, table.version = None, 2
    found = drive(made, get(), cache, table)
    assert found.document["Item"]["version"] == {"N": "2"}
    clock.advance(16)
    found = drive(made, get(), cache, table)
    assert found.document["Item"]["version"] == {"N": "2"}, "the entry from before the write has ended with its mark"


def test_no_region_answers_and_an_old_value_is_better_than_none(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    drive(made, get(), cache, table)
    clock.advance(400)
    table.error = errors.RegionsUnavailableError("all gone")
    assert drive(made, get(), cache, table).region == "cache"
    assert made.counts.stale_served == 1
    clock.advance(600)
    with pytest.raises(errors.RegionsUnavailableError):
        drive(made, get(), cache, table)


def test_a_cache_outage_costs_no_error_and_soon_not_even_a_request(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    cache.down = True
    for version in range(10):
        drive(made, put(version), cache, table)
        drive(made, get(), cache, table)
    assert len(table.calls) == 20
    assert not made.redis_breaker.closed


def test_what_the_cache_could_not_be_told_is_read_past_it_and_told_later(clock):
    made, cache, table = layers(clock), MemoryCache(clock), Counting()
    drive(made, get(), cache, table)
    cache.down = True
    drive(made, put(2), cache, table)
    cache.down, table.version = False, 2
    clock.advance(6)
    found = drive(made, get(), cache, table)
    assert found.document["Item"]["version"] == {"N": "2"}
    other = layers(clock, itertools.count(1000))
    found = drive(other, get(), cache, table)
    assert found.document["Item"]["version"] == {"N": "2"}


def dax_of(version):
    item = {"pk": {"S": "a"}, "version": {"N": str(version)}}
    return lambda _: orjson.dumps({"Item": item})


def test_dax_answers_what_was_not_written_lately(clock):
    made, cache, table = layers(clock, dax=True), MemoryCache(clock), Counting()
    assert drive(made, get(), cache, table, dax_of(1)).region == "dax"
    assert not table.calls
    assert drive(made, get(), cache, table, dax_of(1)).region == "cache"


def test_dax_is_not_asked_after_a_write_which_it_may_not_have_seen(clock):
    made, cache, table = layers(clock, dax=True), MemoryCache(clock), Counting(version=2)
    drive(made, put(2), cache, table)
    found = drive(made, get(), cache, table, dax_of(1))
    assert found.document["Item"]["version"] == {"N": "2"}


def test_dax_gone_falls_through(clock):
    def gone(_):
        raise CacheError("not installed")

    made, cache, table = layers(clock, dax=True), MemoryCache(clock), Counting()
    assert drive(made, get(), cache, table, gone).region == REGION


def test_dax_alone_does_not_show_what_this_process_has_overwritten(clock):
    made, table = layers(clock, dax=True, redis=False), Counting(version=2)
    assert drive(made, get(), None, table, dax_of(1)).region == "dax"
    drive(made, put(2), None, table)
    assert drive(made, get(), None, table, dax_of(1)).document["Item"]["version"] == {"N": "2"}


def test_entries_and_keys():
    entry = Entry(b'{"Item":{}}', b"c:1", 5.0, 7)
    assert Entry.unpack(entry.pack()) == entry
    assert Entry.unpack(b"garbage") is None
    assert tag("t", {"a": {"N": "1.0"}}) == tag("t", {"a": {"N": "1"}})
    assert tag("t", {"a": {"S": "1"}}) != tag("u", {"a": {"S": "1"}})
    assert cacheable(get())
    assert not cacheable(put(1))


def with_dax(topology):
    """The topology with a DAX cluster at which nobody listens, and its regions in memory."""
    home = replace(topology.home, dax_endpoint="dax://127.0.0.1:9")
    made = replace(topology, regions={**topology.regions, home.name: home})
    regions = MemoryRegions(made.regions.values())
    table = home.tables["items"].name
    regions.stores[home.name].apply("PutItem", {"TableName": table, "Item": {"pk": {"S": "a"}}})
    return made, regions


def test_without_the_package_for_dax_the_table_answers(topology, monkeypatch):
    monkeypatch.setitem(sys.modules, "amazondax", None)
    with pytest.raises(CacheError, match=r"not installed; install holdfast\[dax\]"):
        make_client("dax://127.0.0.1:9", REGION, 0.1)
    made, regions = with_dax(topology)
    info = CallInfo()
    policy = Policy(cache=CachePolicy())
    with Client(made, sender=regions, policy=policy) as client:
        assert client.table("items").get({"pk": "a"}, info=info) == {"pk": "a"}
        assert info.region == made.home_region
        assert client.pipeline.layers.counts.failures == 1

    async def main():
        async with AsyncClient(made, sender=regions.asynchronous(), policy=policy) as client:
            assert await client.table("items").get({"pk": "a"}, info=info) == {"pk": "a"}
            assert client.pipeline.layers.counts.failures == 1

    asyncio.run(main())
