"""The limit follows what a region can take; timeouts and hedges follow its latency."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from holdfast._attempt import GET_ITEM, Call, Reply
from holdfast.resilience import AsyncPipeline, Core
from holdfast.resilience.hedging import HedgeBudget
from holdfast.resilience.latency import Latency
from holdfast.resilience.limiter import Limiter
from holdfast.resilience.policy import LimitPolicy, Policy, TimeoutPolicy
from holdfast.resilience.region import Profile
from holdfast.testing.loop import run
from holdfast.topology import Region


class LimiterMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.policy = LimitPolicy(initial=8, minimum=2, maximum=12)
        self.limiter = Limiter(self.policy)
        self.latency = Latency()
        self.now = 0.0
        self.held = 0

    @rule()
    def take(self):
        room = self.held < self.limiter.limit
        assert self.limiter.acquire() == room
        self.held += room

    @precondition(lambda self: self.held)
    @rule(congested=st.booleans(), cancelled=st.booleans())
    def give_back(self, congested, cancelled):
        self.now += 0.02
        if cancelled:
            self.limiter.cancel()
        else:
            self.limiter.release(self.now, self.latency, congested=congested)
        self.held -= 1

    @invariant()
    def within_bounds(self):
        assert self.limiter.in_flight == self.held
        assert 2 <= self.limiter.limit <= 13


TestLimiterMachine = LimiterMachine.TestCase
TestLimiterMachine.settings = settings(max_examples=100, deadline=None)


def test_a_throttle_lowers_the_limit_below_what_was_in_flight():
    limiter = Limiter(LimitPolicy())
    for _ in range(50):
        limiter.acquire()
    limiter.release(1.0, Latency(), congested=True)
    assert limiter.limit == pytest.approx(40)


def test_the_limit_falls_once_per_round_trip_whatever_comes_back_together():
    limiter = Limiter(LimitPolicy())
    for _ in range(50):
        limiter.acquire()
    for _ in range(10):
        limiter.release(1.0, Latency(), congested=True)
    assert limiter.limit == pytest.approx(40)


def test_slower_than_at_its_best_is_congestion_too():
    latency = Latency()
    for _ in range(200):
        latency.observe(0.01)
    for _ in range(2000):
        latency.observe(0.2)
    limiter = Limiter(LimitPolicy())
    for _ in range(100):
        limiter.acquire()
    limiter.release(1.0, latency)
    assert limiter.limit == pytest.approx(80)
    for turn in range(2, 30):
        limiter.release(float(turn), latency)
    assert limiter.limit == 50, "latency alone leaves a pool's worth"


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_quantiles_are_right_within_a_bucket(seed):
    rng = random.Random(seed)  # noqa: S311 - replayable chance is the point
    values = [rng.lognormvariate(-5, 0.7) for _ in range(1000)]
    latency = Latency()
    for value in values:
        latency.observe(value)
    values.sort()
    for found, quantile in ((latency.p50, 0.5), (latency.p95, 0.95), (latency.p99, 0.99)):
        lower, upper = values[int(quantile * 970) - 20], values[min(999, int(quantile * 1000) + 9)]
        assert lower * 0.85 <= found <= upper * 1.15


def test_the_past_fades():
    latency = Latency()
    for _ in range(1000):
        latency.observe(0.5)
    for _ in range(4000):
        latency.observe(0.01)
    assert latency.p99 < 0.02


def test_an_attempt_gets_a_second_at_first_and_less_when_answers_are_fast():
    profile = Profile(Policy(), "GetItem")
    assert profile.timeouts.attempt == 1.0
    for _ in range(100):
        profile.observe(0.004)
    assert profile.timeouts.attempt == 0.4
    for _ in range(2000):
        profile.observe(0.15)
    assert 0.7 < profile.timeouts.attempt <= 1.0, "a region that is slow for good is not left for it"


def test_a_query_may_take_longer_than_a_get():
    assert Profile(Policy(), "Query").timeouts.attempt == TimeoutPolicy().scan_seconds


def test_hedges_stay_within_five_percent_and_a_small_reserve():
    budget = HedgeBudget(0.05)
    sent = 0
    for _ in range(10_000):
        budget.earn()
        sent += budget.spend()
    assert 490 <= sent <= 501


class Host:
    """Answers in virtual time, as slowly as the host is busy."""

    def __init__(self):
        self.seconds = 0.005

    async def send(self, call, region, *, timeouts):
        await asyncio.sleep(min(self.seconds, timeouts.attempt))
        return Reply(b"{}", region.name, None, self.seconds)

    async def close(self):
        pass


def test_ordinary_calls_are_not_rejected_when_the_host_becomes_busy():
    """A pool's worth of callers, and answers that take forty times as long for a while: nothing is refused."""

    async def main():
        loop = asyncio.get_running_loop()
        host = Host()
        core = Core([Region(name="us-east-1")], None, Policy(), clock=loop.time)
        pipeline = AsyncPipeline(host, core)

        async def caller(name):
            for number in range(200):
                call = Call(GET_ITEM, {"TableName": "t", "Key": {"pk": {"S": f"{name}-{number}"}}}, "t")
                await pipeline.send(call)

        async def busy():
            for seconds in (0.02, 0.2, 0.1, 0.005):
                await asyncio.sleep(1.0)
                host.seconds = seconds

        await asyncio.gather(busy(), *(caller(n) for n in range(50)))
        await pipeline.close()
        return core.counts["rejected"], core.router.writer.limiter("t").limit

    rejected, limit = run(main())
    assert rejected == 0
    assert limit >= 50
