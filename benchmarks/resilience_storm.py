"""Retry storm: goodput at ten times overload, against boto3's default retries: `python benchmarks/resilience_storm.py`.

A server of fixed capacity answers so many requests a second and throttles the rest, which costs it a part of a
request each, as throttling costs any server. Calls arrive at ten times the capacity, open loop, in virtual time.
Goodput is calls answered within their five seconds while the storm lasts. boto3's rules run against the same server in
the same way, modelled as botocore 1.44 has them: its default (four attempts, a quota of 500 tokens) and its legacy
mode for DynamoDB (ten attempts, no quota).
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
from typing import Any

from holdfast import errors
from holdfast._attempt import GET_ITEM, Call, Reply, Timeouts
from holdfast.resilience import Core, Policy
from holdfast.resilience.pipeline_async import AsyncPipeline
from holdfast.testing.loop import run
from holdfast.topology import Region

CAPACITY = 200.0
"""Requests a second that the server can answer."""
REFUSAL_COST = 0.05
"""What refusing costs it, in answered requests."""
OVERLOAD = 10
SECONDS = 8.0
QUEUE_SECONDS = 0.5
"""Work that it accepts ahead of time; beyond it, it throttles."""


class Server:
    """One worker with a short queue. Every refusal takes time of the same worker."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.busy_until = 0.0
        self.answered = self.refused = 0

    async def handle(self) -> None:
        now = self.loop.time()
        self.busy_until = max(self.busy_until, now)
        if self.busy_until - now > QUEUE_SECONDS:
            self.busy_until += REFUSAL_COST / CAPACITY
            self.refused += 1
            await asyncio.sleep(0.002)
            raise errors.ThrottledError("rate exceeded", code="ThrottlingException", status=400)
        self.busy_until += 1 / CAPACITY
        wait = self.busy_until - now
        await asyncio.sleep(wait)
        self.answered += 1


class Sender:
    def __init__(self, server: Server) -> None:
        self.server = server

    async def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        started = self.server.loop.time()
        try:
            async with asyncio.timeout(timeouts.attempt):
                await self.server.handle()
        except TimeoutError:
            raise errors.AttemptTimeoutError("no answer in time") from None
        return Reply(b"{}", region.name, None, self.server.loop.time() - started)

    async def close(self) -> None:
        pass


class Boto:
    """boto3's retries: `legacy` without a quota, the default with one of 500 tokens."""

    def __init__(self, server: Server, *, quota: bool) -> None:
        self.server, self.quota, self.tokens = server, quota, 500
        self.random = random.Random(1)  # noqa: S311 - replayable chance is the point

    async def call(self) -> None:
        attempts = 4 if self.quota else 10
        for attempt in range(attempts):
            try:
                await self.server.handle()
            except errors.ThrottledError:
                if attempt == attempts - 1 or (self.quota and self.tokens < 5):
                    raise
                self.tokens -= 5 if self.quota else 0
                await asyncio.sleep(self.random.random() * 0.05 * 2**attempt)
            else:
                self.tokens = min(500, self.tokens + 1)
                return


async def storm(kind: str) -> dict[str, float]:
    server = Server()
    region = Region(name="us-east-1")
    loop = asyncio.get_running_loop()
    core = Core([region], None, Policy(), clock=loop.time, random=random.Random(2).random)  # noqa: S311
    pipeline = AsyncPipeline(Sender(server), core)
    boto = Boto(server, quota=kind == "boto3 default")
    request: dict[str, Any] = {"TableName": "t", "Key": {"pk": {"S": "a"}}}
    done = failed = 0

    async def one() -> None:
        nonlocal done, failed
        try:
            async with asyncio.timeout(5.0):
                if kind == "holdfast":
                    await pipeline.send(Call(GET_ITEM, request, "t"))
                else:
                    await boto.call()
        except (errors.HoldfastError, TimeoutError):
            failed += 1
        else:
            done += 1

    tasks = []
    for _ in range(int(CAPACITY * OVERLOAD * SECONDS)):
        tasks.append(asyncio.create_task(one()))
        await asyncio.sleep(1 / (CAPACITY * OVERLOAD))
    in_time = done
    await asyncio.gather(*tasks)
    return {
        "goodput of capacity": round(in_time / (CAPACITY * SECONDS), 3),
        "requests refused by the server per call": round(server.refused / len(tasks), 2),
        "calls failed": round(failed / len(tasks), 3),
    }


def main() -> int:
    logging.disable(logging.CRITICAL)
    found = {kind: run(storm(kind)) for kind in ("holdfast", "boto3 default", "boto3 legacy")}
    print(json.dumps(found, indent=2))
    return 0 if found["holdfast"]["goodput of capacity"] >= 0.8 else 1


if __name__ == "__main__":
    sys.exit(main())
