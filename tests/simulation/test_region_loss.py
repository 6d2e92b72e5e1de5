"""The loss of a region under load: how soon a client serves again, at what price, and what is lost.

`pytest tests/simulation/test_region_loss.py -s` prints the rows of the table in docs/runtime/resilience-figures.md.
"""

import asyncio
import itertools
import time
from collections import Counter
from types import SimpleNamespace

import pytest

from holdfast import AsyncClient, Client, errors
from holdfast.resilience import BreakerPolicy, Policy, RoutingPolicy
from holdfast.resilience.flags import Flag
from tests.patience import PATIENT, until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(180), pytest.mark.usefixtures("quiet")]
HOME, OTHER, THIRD = "us-east-1", "us-west-2", "eu-west-1"
WRITERS = 8
PAUSE_SECONDS = 0.05
BEFORE_SECONDS, LOST_SECONDS = 1.5, 3.0
LAG_SECONDS = 0.3
"""Of replication, so that there is a tail to speak of."""
BACK_SECONDS = 60.0
BEAT_SECONDS, STALL_SECONDS = 0.01, 0.2
"""A beat that comes later than a stall would fails attempts of a client whose timeouts are short."""
EPOCHS = itertools.count(1)


class Counting:
    """Counts what is sent where: a write of the load, or what the client sends besides."""

    def __init__(self, inner):
        self.inner, self.sent = inner, []

    async def send(self, call, region, *, timeouts):
        self.sent.append((time.monotonic(), region.name, call.table == "items"))
        return await self.inner.send(call, region, timeouts=timeouts)

    async def close(self):
        await self.inner.close()


def flag(cloud, *, evacuated, region=HOME):
    """What `holdfast evacuate` and `readmit` write, in a region that answers."""
    item = Flag(region=region, evacuated=evacuated, epoch=next(EPOCHS), reason="loss", by="test", at=time.time())
    with Client(cloud.topology, region=OTHER, failover=False) as client:
        wire = item.to_wire()
        client.table("holdfast-control").put(
            {"scope": wire["scope"]["S"], "evacuated": evacuated, "epoch": item.epoch, "reason": "loss", "by": "test"}
        )


def held(cloud, region, prefix):
    with Client(cloud.topology) as client:
        items = client.table("items").scan(
            consistent=True, region=region, filter="begins_with(pk, :p)", values={":p": prefix}, projection="pk"
        )
        return {item["pk"] for item in items}


class Pulse:
    """How long this machine stood still, by a task that ought to run every ten milliseconds."""

    def __init__(self):
        self.late = []

    async def beat(self):
        while True:
            due = time.monotonic() + BEAT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)
            self.late.append(time.monotonic() - due)

    @property
    def held_up(self):
        """Seconds in all, for us; what we wait for was held up at other times, and by as much."""
        return 2 * sum(self.late)

    @property
    def stalls(self):
        return sum(late > STALL_SECONDS for late in self.late)


async def load(cloud, prefix, loss, flagged):
    """Conditional puts while the home region is lost; what came of them."""
    client = AsyncClient(cloud.topology, policy=Policy(breaker=BreakerPolicy(reset_seconds=1.0)))
    client.pipeline._sender = counting = Counting(client.pipeline._sender)
    table, acknowledged, failed = client.table("items"), [], []
    stopped = asyncio.Event()

    async def write(worker):
        for number in itertools.count():
            if stopped.is_set():
                return
            pk = f"{prefix}{worker}-{number}"
            try:
                result = await table.put({"pk": pk}, condition="attribute_not_exists(pk)")
                acknowledged.append((time.monotonic(), pk, result.region))
            except errors.HoldfastError as error:
                failed.append((time.monotonic(), error))
            await asyncio.sleep(PAUSE_SECONDS)

    tasks = [asyncio.create_task(write(worker)) for worker in range(WRITERS)]
    await asyncio.sleep(BEFORE_SECONDS)
    if flagged:
        await asyncio.to_thread(flag, cloud, evacuated=True)
    pulse = Pulse()
    beating = asyncio.create_task(pulse.beat())
    lost_at = time.monotonic()
    made = await asyncio.to_thread(cloud.sandbox.fault, HOME, loss, service="dynamodb")
    await asyncio.sleep(LOST_SECONDS)
    while all(region == HOME or at < lost_at for at, _, region in acknowledged):
        assert time.monotonic() < lost_at + BACK_SECONDS, "nothing was served elsewhere"
        await asyncio.sleep(BEAT_SECONDS)
    beating.cancel()
    before = {pk for at, pk, region in acknowledged if region == HOME}
    tail = before - await asyncio.to_thread(held, cloud, OTHER, prefix)
    healed_at = time.monotonic()
    await asyncio.to_thread(cloud.sandbox.heal, fault_id=made)
    if flagged:
        await asyncio.to_thread(flag, cloud, evacuated=False)
    stopped.set()
    await asyncio.gather(*tasks)
    await client.close()
    return SimpleNamespace(
        acknowledged=acknowledged, failed=failed, lost_at=lost_at, healed_at=healed_at, tail=tail, sent=counting.sent,
        held_up=pulse.held_up, stalls=pulse.stalls,
    )  # fmt: skip


def at_rest(cloud):
    until(lambda: not any(pair.backlog for pair in cloud.sandbox.replication()), "an empty backlog", seconds=30)
    time.sleep(LAG_SECONDS + 0.3)


@pytest.mark.parametrize("flagged", [False, True], ids=["breaker", "flag"])
@pytest.mark.parametrize("loss", ["cut", "reset", "blackhole"])
def test_a_client_under_load_serves_again_in_seconds(cloud, loss, flagged):
    prefix = f"loss-{loss}-{flagged}-"
    cloud.sandbox.set_lag(LAG_SECONDS)
    try:
        found = asyncio.run(load(cloud, prefix, loss, flagged))
        at_rest(cloud)
    finally:
        cloud.sandbox.set_lag(0)
    elsewhere = [at for at, _, region in found.acknowledged if region != HOME and at > found.lost_at]
    again = min(elsewhere) - found.lost_at
    asked = [(at, region, load) for at, region, load in found.sent if found.lost_at + again < at < found.healed_at]
    sends = Counter((region == HOME, load) for _, region, load in asked)
    served = sum(found.lost_at + again < at < found.healed_at for at in elsewhere)
    extra = (sends[False, True] + sends[False, False]) / max(1, served) - 1
    everything = {pk for _, pk, _ in found.acknowledged}
    missing = {region: everything - held(cloud, region, prefix) for region in cloud.topology.regions}
    total = len(found.failed) + len(found.acknowledged)
    print(
        f"| {loss} | {'flag' if flagged else 'breaker'} | {again:.2f} s | {len(found.failed)} of {total} "
        f"| +{100 * extra:.0f} % ({sends[False, True] / max(1, served):.2f} sends a write) "
        f"| {sends[True, True] + sends[True, False]} | {len(found.tail)} | {max(map(len, missing.values()))} |"
    )
    assert again < (1.0 if flagged else 5.0) + found.held_up, f"this machine stood still for {found.held_up:.1f} s"
    assert not any(missing.values()), f"acknowledged writes are missing at rest: {missing}"
    flights = WRITERS * (1 + found.stalls)
    assert sends[False, True] <= 1.2 * served + flights, "the survivors see hardly more sends than writes"
    assert sends[True, True] == 0, "no caller's write goes to the lost region once it has been left"
    assert len(found.failed) <= 3 * flights, "only what was in flight fails"


def test_writes_that_moved_twice_return_when_both_regions_writes_have_arrived(cloud):
    """The way from the region before the last to home is slow; that from the last is not."""
    routing = RoutingPolicy(failback_seconds=0.0, drain_seconds=0.1, lag_probe_seconds=None)
    numbers = itertools.count()
    written = {}

    with Client(cloud.topology, policy=Policy(routing=routing, timeout=PATIENT)) as client:
        table = client.table("items")

        def write():
            number = next(numbers)
            key = f"twice-{number % 8}"
            result = table.put({"pk": key, "n": number})
            written[key] = number
            return result.region

        def evacuate(*regions):
            for region in (OTHER, THIRD, HOME):
                flag(cloud, evacuated=region in regions, region=region)

        try:
            until(lambda: write() == HOME, "a write at home")
            cloud.sandbox.set_lag(600, source=THIRD, target=HOME)
            evacuate(HOME, OTHER)
            until(lambda: write() == THIRD, "a write in the third region")
            evacuate(HOME)
            until(lambda: write() == OTHER, "a write in the second region")
            evacuate()
            until(lambda: not client.pipeline.core.router.flags.active, "an end of the flags")
            ends = time.monotonic() + 2.0
            while time.monotonic() < ends:
                assert write() == OTHER, "what the third region took has not arrived at home"
            cloud.sandbox.set_lag(0)
            until(lambda: write() == HOME, "a write at home again")
            found = {key: table.get({"pk": key}, consistent=True)["n"] for key in written}
        finally:
            evacuate()
            cloud.sandbox.set_lag(0)
    assert found == written
