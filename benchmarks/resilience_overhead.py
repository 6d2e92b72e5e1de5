"""CPU that the wrappers add to a call on the happy path: `python benchmarks/resilience_overhead.py`.

The bare data path is a sender that answers at once; the difference to the whole pipeline over it is what
deadlines, routing, breakers, limits, retries, hedging and sessions cost when nothing is wrong. Rounds are
interleaved and the best of each is taken.
"""
# ruff: noqa: B023 - each round's functions are run before the loop goes on

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from holdfast import scope
from holdfast._attempt import GET_ITEM, PUT_ITEM, Call, Reply, Timeouts
from holdfast.resilience import Policy, build, build_async
from holdfast.telemetry import BusinessMetrics
from holdfast.topology import Key, Region, Table

CALLS = 10_000
ROUNDS = 7
TABLE = Table(name="orders", arn="", partition_key=Key(name="pk"))
REGIONS = [Region(name=name, tables={"orders": TABLE}) for name in ("us-east-1", "us-west-2", "eu-west-1")]
REPLY = Reply(b"{}", "us-east-1", None, 0.002)
REQUESTS: dict[Any, dict[str, Any]] = {
    GET_ITEM: {"TableName": "orders", "Key": {"pk": {"S": "a"}}},
    PUT_ITEM: {"TableName": "orders", "Item": {"pk": {"S": "a"}}},
}


class Bare:
    def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        return REPLY

    def close(self) -> None:
        pass


class AsyncBare:
    async def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        return REPLY

    async def close(self) -> None:
        pass


def best(*ways: Any) -> list[float]:
    """The least CPU microseconds per call of each way, rounds interleaved."""
    found = [float("inf")] * len(ways)
    for _ in range(ROUNDS):
        for place, way in enumerate(ways):
            started = time.process_time()
            way()
            found[place] = min(found[place], (time.process_time() - started) / CALLS * 1e6)
    return found


def main() -> int:
    results: dict[str, float] = {}
    region, timeouts = REGIONS[0], Timeouts()
    for operation, request in REQUESTS.items():
        bare, whole = Bare(), build(Bare(), REGIONS)
        observed = build(Bare(), REGIONS, None, Policy(observers=(BusinessMetrics(),)))

        def run_bare() -> None:
            for _ in range(CALLS):
                bare.send(Call(operation, request, "orders"), region, timeouts=timeouts)

        def run_whole() -> None:
            for _ in range(CALLS):
                whole.send(Call(operation, request, "orders"))

        def run_scoped() -> None:
            with scope(timeout=1_000.0):
                for _ in range(CALLS):
                    whole.send(Call(operation, request, "orders"))

        def run_observed() -> None:
            for _ in range(CALLS):
                observed.send(Call(operation, request, "orders"))

        floor, full, scoped, seen = best(run_bare, run_whole, run_scoped, run_observed)
        results[f"sync {operation.name}"] = round(full - floor, 2)
        results[f"sync {operation.name}, in a scope with a deadline"] = round(scoped - floor, 2)
        results[f"sync {operation.name}, one observer"] = round(seen - floor, 2)

        abare = AsyncBare()

        async def a_bare() -> None:
            for _ in range(CALLS):
                await abare.send(Call(operation, request, "orders"), region, timeouts=timeouts)

        async def a_whole() -> None:
            made = build_async(AsyncBare(), REGIONS)
            for _ in range(CALLS):
                await made.send(Call(operation, request, "orders"))

        floor, full = best(lambda: asyncio.run(a_bare()), lambda: asyncio.run(a_whole()))
        results[f"async {operation.name}"] = round(full - floor, 2)
    print(json.dumps({"microseconds over the bare data path": results}, indent=2))
    return 0 if max(results.values()) < 25 else 1


if __name__ == "__main__":
    sys.exit(main())
