"""A table with strong consistency (MRSC) in virtual time: one truth for all regions, no service without a quorum."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from holdfast import errors
from holdfast.async_client import AsyncClient
from holdfast.resilience import AsyncPipeline
from holdfast.resilience.core import Core
from holdfast.testing.loop import VirtualLoop, run
from holdfast.testing.simulation.regions import EPOCH, Network, SimulatedRegions
from holdfast.testing.simulation.registers import Registers, RegisterWorker
from holdfast.testing.simulation.story import Story
from holdfast.testing.simulation.world import CONTROL, ITEMS, POLICY, happen
from holdfast.testing.store import Store
from holdfast.topology import Region, Topology

if TYPE_CHECKING:
    from holdfast._attempt import Call
    from holdfast.topology import Table

REGIONS = ("us-east-1", "us-east-2", "us-west-2")
"""A region set of MRSC."""
LEDGER = replace(ITEMS, name="ledger", consistency="strong")
KEYS = 6


class StrongRegions(SimulatedRegions):
    """Writes and consistent reads of the ledger see one store; other reads see what has arrived in their region."""

    def __init__(self, regions: list[Region], control: Table, rng: random.Random, network: Network) -> None:
        super().__init__(regions, control, rng, network)
        self._truth = Store("all", [LEDGER], clock=lambda: EPOCH + self._loop.time())
        self._writing = ""
        self._truth.written = self._arrived_at_all

    def _arrived_at_all(self, table: str, key: bytes, version: Any) -> None:
        self.stores[self._writing].receive(table, key, version)
        self._replicate(self._writing, table, key, version)

    def _apply(self, region: str, call: Call) -> dict[str, Any]:
        if call.table != LEDGER.name or not (call.operation.access == "write" or call.request.get("ConsistentRead")):
            return super()._apply(region, call)
        if self.cut_off(region):
            raise errors.InternalServerError("no quorum", code="InternalServerError", status=500, region=region)
        self._writing = region
        return self._truth.apply(call.operation.name, call.request)


@dataclass(slots=True)
class StrongResult:
    """What came of a run."""

    story: Story
    registers: Registers

    @property
    def broken(self) -> list[str]:
        """Registers whose history is not linearizable."""
        return self.registers.broken()


def topology() -> Topology:
    """Three regions of a region set with one strong table."""
    regions = {name: Region(name=name, tables={"ledger": LEDGER}, control_table=CONTROL.name) for name in REGIONS}
    return Topology(stack="strong", home_region=REGIONS[0], regions=regions, failover=True)


async def _play(story: Story) -> StrongResult:
    loop = asyncio.get_running_loop()
    stack = topology()
    rng = random.Random(story.seed * 7907 + 3)  # noqa: S311 - replayable chance is the point
    regions = StrongRegions(list(stack.regions.values()), CONTROL, rng, Network())
    found = Registers()
    clients: list[AsyncClient] = []
    workers: list[RegisterWorker] = []
    for number, home in enumerate(REGIONS[: story.clients + 1]):
        core = Core(
            list(stack.regions.values()), stack, POLICY, clock=loop.time, wall=lambda: EPOCH + loop.time(),
            random=random.Random(story.seed * 37 + number).random,  # noqa: S311
        )  # fmt: skip
        sender = regions.seen_from(home, f"c{number}")
        client = AsyncClient(stack, sender=sender, policy=POLICY)
        client.pipeline = AsyncPipeline(sender, core)
        client.send = client.pipeline.send
        clients.append(client)
        workers += [
            RegisterWorker(
                f"c{number}w{worker}", client, table="ledger", keys=[f"r{n}" for n in range(KEYS)], found=found,
                rng=random.Random(story.seed * 103 + number * 13 + worker), clock=loop.time,  # noqa: S311
            )
            for worker in range(story.writers)
        ]  # fmt: skip
    faults = [loop.create_task(happen(regions, fault)) for fault in story.faults]
    await asyncio.gather(*(worker.work(story.seconds) for worker in workers))
    await asyncio.gather(*faults)
    for client in clients:
        await client.close()
    return StrongResult(story, found)


def simulate_strong(story: Story) -> StrongResult:
    """Run a story on a table with strong consistency. Faults of caches and flags say nothing here.

    The regions of the story are taken by their place for those of the region set.
    """
    from holdfast.testing.simulation.story import REGIONS as TOLD  # noqa: PLC0415 - both are called REGIONS

    place = dict(zip(TOLD, REGIONS, strict=True))
    faults = tuple(
        replace(fault, region=place[fault.region], how=place.get(fault.how, fault.how))
        for fault in story.faults
        if fault.kind not in ("cache", "evacuate")
    )
    return run(_play(replace(story, faults=faults)), VirtualLoop())
