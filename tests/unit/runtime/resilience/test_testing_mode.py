"""What users test their own code with: a clock that stands still, jitter that repeats, scripted faults, tables in memory."""

import asyncio
import time

import pytest

from holdfast import AsyncClient, Client, errors, scope
from holdfast.testing import FakeClock, LoseAnswer, MemoryRegions

HOME = "us-east-1"


def throttled():
    return errors.ThrottledError("slow down", code="ThrottlingException", status=400)


def waits_of(topology, seed):
    """The waits of a put that is throttled three times, and of one whose answer is lost."""
    clock = FakeClock()
    regions = MemoryRegions(topology.regions.values(), clock=clock, seed=seed)
    regions.script(HOME, throttled(), throttled(), throttled(), None, LoseAnswer())
    with Client(topology, sender=regions, failover=False) as client:
        table = client.table("items")
        table.put({"pk": "a"})
        table.put({"pk": "b"})
        assert [item["pk"] for item in table.scan()] == ["a", "b"]
    assert [operation for operation, _ in regions.sent].count("PutItem") == 6
    return clock.slept


def test_waits_pass_on_the_fake_clock_and_repeat_by_their_seed(topology):
    started = time.monotonic()
    first = waits_of(topology, 7)
    assert len(first) == 4
    assert all(0 <= wait <= 0.05 * 2**retry for retry, wait in enumerate(first[:3]))
    assert waits_of(topology, 7) == first
    assert waits_of(topology, 8) != first
    assert time.monotonic() - started < 60, "nobody really waited for the hour below"
    clock = FakeClock()
    clock.sleep(3_600)
    assert clock.slept == [3_600]


def test_the_same_for_an_event_loop(topology):
    async def main(seed):
        clock = FakeClock()
        regions = MemoryRegions(topology.regions.values(), clock=clock, seed=seed)
        regions.script(HOME, throttled(), throttled())
        async with AsyncClient(topology, sender=regions.asynchronous(), failover=False) as client:
            await client.table("items").put({"pk": "a"})
        return clock.slept

    first = asyncio.run(main(3))
    assert len(first) == 2
    assert asyncio.run(main(3)) == first != asyncio.run(main(4))


def test_a_deadline_passes_on_the_fake_clock(topology):
    clock = FakeClock()
    regions = MemoryRegions(topology.regions.values(), clock=clock, seed=1)
    with Client(topology, sender=regions, failover=False) as client:
        table = client.table("items")
        with scope(timeout=60):
            table.put({"pk": "a"})
            clock.advance(3_600)
            with pytest.raises(errors.DeadlineExceededError):
                table.get({"pk": "a"})
        assert table.get({"pk": "a"}) == {"pk": "a"}


def test_without_a_clock_time_is_real(topology):
    regions = MemoryRegions(topology.regions.values())
    regions.script(HOME, throttled())
    with Client(topology, sender=regions, failover=False) as client:
        client.table("items").put({"pk": "a"})
    assert regions.sleep is time.sleep
    asyncio.run(regions.asynchronous().sleep(0.0))


class Silent:
    """A region that never answers: each attempt takes the time that it is given."""

    def __init__(self, clock):
        self.clock = clock
        self.core_options = {"clock": clock, "random": lambda: 0.0}
        self.sleep = clock.sleep
        self.given = []

    def send(self, call, region, *, timeouts):
        self.given.append(timeouts.attempt)
        self.clock.advance(timeouts.attempt)
        raise errors.AttemptTimeoutError("no answer", region=region.name)

    def close(self):
        pass


@pytest.mark.parametrize(
    ("seconds", "condition", "given"),
    [
        (1.6, None, [0.8, 0.4, 0.4]),
        (1.0, None, [0.5, 0.4, 0.1]),
        (0.3, None, [0.3]),
        (1.6, "attribute_not_exists(pk)", [1.0]),
        (0.9, "attribute_not_exists(pk)", [0.9]),
    ],
)
def test_the_budget_of_a_call_is_split_over_the_attempts_that_it_may_have(
    monkeypatch, topology, seconds, condition, given
):
    silent = Silent(FakeClock())
    monkeypatch.setattr("time.monotonic", silent.clock)
    options = {"condition": condition} if condition else {}
    with Client(topology, sender=silent, failover=False) as client:
        table = client.table("items")
        with pytest.raises((errors.AttemptTimeoutError, errors.OutcomeUnknown)):
            table.put({"pk": "a"}, timeout=seconds, **options)
    assert silent.given == pytest.approx(given, abs=0.001)
