"""A hedge and its first send that end in the same turn of the loop."""

from __future__ import annotations

import asyncio

from holdfast import AsyncClient, Policy
from holdfast._attempt import Reply
from holdfast.resilience import HedgePolicy


class Together:
    """Every send waits for the same signal, so that both of a race end at once."""

    def __init__(self):
        self.sends = 0
        self.signal = asyncio.Event()
        self.hold = False

    async def send(self, call, region, *, timeouts):
        self.sends += 1
        if self.hold:
            await self.signal.wait()
        return Reply(b"{}", region.name)

    async def close(self):
        pass


async def test_a_hedge_that_ends_with_its_first_send_cancels_nobody():
    sender = Together()
    policy = Policy(hedge=HedgePolicy(budget=1.0, minimum_seconds=0.001, minimum_calls=1))
    async with AsyncClient(region="us-east-1", sender=sender, policy=policy) as client:
        table = client.table("t")
        latency = client.pipeline.core.router.states[0].profile("GetItem")
        for _ in range(200):
            latency.observe(0.001)  # seen, so that no pause of the machine makes the usual answer a slow one
        for _ in range(20):
            sender.hold, sender.signal = True, asyncio.Event()
            asyncio.get_running_loop().call_later(0.01, sender.signal.set)
            assert await table.get({"pk": "a"}) is None
            sender.hold = False
            await asyncio.sleep(0)  # where a late cancellation would strike
            assert asyncio.current_task().cancelling() == 0
    assert sender.sends > 20, "nothing was hedged"
