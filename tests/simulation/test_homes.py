"""Keys at home in two regions, and clients that begin in either: the same stories of faults, the same rules."""

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import replace

import pytest

from holdfast import AsyncClient, errors
from holdfast.resilience.core import Core
from holdfast.resilience.pipeline_async import AsyncPipeline
from holdfast.testing.loop import run
from holdfast.testing.simulation import simulate, story, world
from holdfast.testing.simulation.__main__ import each
from holdfast.testing.simulation.regions import EPOCH, Network, SimulatedRegions
from holdfast.testing.simulation.story import REGIONS
from holdfast.topology import Homes

HOMES = Homes(spread=REGIONS[:2])
CHUNK = 20

pytestmark = pytest.mark.usefixtures("quiet")


def stack(homes, monkeypatch):
    """The simulated stack with homes, and every other client at work from the second region."""
    plain = world.topology()
    regions = {
        name: replace(region, tables={"items": replace(world.ITEMS, homes=homes)})
        for name, region in plain.regions.items()
    }
    made = []

    def core(order, *arguments, **options):
        made.append(order)
        return Core(order if len(made) % 2 else [order[1], order[0], *order[2:]], *arguments, **options)

    monkeypatch.setattr(world, "topology", lambda: replace(plain, regions=regions))
    monkeypatch.setattr(world, "Core", core)


def broken(seed):
    """Rules that were broken; at the end a key is to be served in its own home, not in that of the stack."""
    return [
        (seed, violation)
        for violation in simulate(story(seed)).report.violations
        if violation.rule != "never-returned" or any(op.region != HOMES.of(op.key) for op in violation.ops)
    ]


@pytest.mark.parametrize("chunk", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 10))])
def test_no_rule_is_broken_when_a_home_is_lost(chunk, monkeypatch):
    stack(HOMES, monkeypatch)
    found = [fault for seed in each(chunk * CHUNK, (chunk + 1) * CHUNK) for fault in broken(seed)]
    assert not found, found[0]


async def count(homes):
    """Two clients in two regions raise the same counters at once, each by what it has read. Acknowledged and stored."""
    regions = {
        name: replace(region, tables={"items": replace(world.ITEMS, homes=homes)}, control_table=None)
        for name, region in world.topology().regions.items()
    }
    stack = replace(world.topology(), regions=regions)
    rng = random.Random(7)  # noqa: S311 - replayable
    simulated = SimulatedRegions(regions.values(), world.CONTROL, rng, Network())
    loop = asyncio.get_running_loop()
    acknowledged = Counter()
    tables = []
    for name in REGIONS[:2]:
        order = [regions[name], *(region for region in regions.values() if region.name != name)]
        core = Core(order, stack, world.POLICY, clock=loop.time, wall=lambda: EPOCH + loop.time(), random=rng.random)
        sender = simulated.seen_from(name, name)
        client = AsyncClient(stack, sender=sender, policy=world.POLICY)
        client.pipeline = AsyncPipeline(sender, core)
        client.send = client.pipeline.send
        tables.append(client.table("items"))

    async def raises(table, key):
        for _ in range(25):
            item = await table.get({"pk": key}, consistent=True) or {"n": 0}
            with contextlib.suppress(errors.ConditionalCheckFailedError):
                await table.put(
                    {"pk": key, "n": item["n"] + 1},
                    condition="attribute_not_exists(pk) OR n = :seen",
                    values={":seen": item["n"]},
                )
                acknowledged[key] += 1

    keys = [f"counter-{number}" for number in range(8)]
    await asyncio.gather(*(raises(table, key) for table in tables for key in keys))
    await asyncio.sleep(30)
    stored = {key: int((await tables[0].get({"pk": key}, consistent=True))["n"]) for key in keys}
    assert {HOMES.of(key) for key in keys} == set(REGIONS[:2])
    return dict(acknowledged), stored


def test_conditional_writes_of_two_regions_do_not_conflict():
    acknowledged, stored = run(count(HOMES))
    assert stored == acknowledged
    assert sum(stored.values()) >= 8 * 25, "both were at work"


def test_without_homes_the_later_of_two_regions_wins():
    """What homes are for: every increment was acknowledged, and about half of them are gone."""
    acknowledged, stored = run(count(None))
    assert sum(stored.values()) < 0.8 * sum(acknowledged.values())
