"""Two regions are asked to make the same order at once, under the same key; on a stack with an edge that is up.

    python benchmarks/homes.py --stack resilient-api [--orders 100]

With home regions one of them makes it and the other finds it; without, both do, since replication is slower than that.
"""

import argparse
import asyncio
import contextlib
import json
import secrets
import time
from collections import Counter
from typing import Any

from ops.deployment import cloud
from ops.deployment.inputs import read_inputs
from ops.edge.serving import start
from ops.load.http import Http
from ops.workspace import open_workspace

AT_ONCE = 4
SECONDS = 15


async def measure(stack: str, orders: int) -> dict[str, Any]:
    workspace = open_workspace(stack)
    inputs = read_inputs(workspace)
    assert inputs.settings.edge is not None, "the stack has no edge"
    target = start(inputs, inputs.settings.edge, cloud.running(workspace))
    run = secrets.token_hex(3)
    statuses: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    async with contextlib.AsyncExitStack() as stack_of:
        doors = [
            await stack_of.enter_async_context(
                Http(f"http://{target.fronts[region]}:{target.port}", timeout=SECONDS, name=f"{region}.{target.zone}")
            )
            for region in target.regions
        ]

        async def one(number: int) -> None:
            headers = {
                "idempotency-key": f"{time.time_ns() // 1_000_000}-{run}-{number}",
                "authorization": f"Bearer {target.issuer.token('homes')}",
                "content-type": "application/json",
            }
            order = {"customer_id": f"homes:{run}-{number}", "items": [{"sku": "a", "quantity": 1}]}
            answers = await asyncio.gather(*(door.post("/orders", order, headers) for door in doors))
            statuses[" ".join(str(status) for status in sorted(answer.status for answer in answers))] += 1
            regions[" ".join(answer.headers.get("x-holdfast-region", "-") for answer in answers)] += 1

        for first in range(0, orders, AT_ONCE):
            await asyncio.gather(*(one(number) for number in range(first, min(orders, first + AT_ONCE))))
    return {"asked in": list(target.regions), "statuses": dict(statuses), "served in": dict(regions)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", default="resilient-api")
    parser.add_argument("--orders", type=int, default=100)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.stack, options.orders)), indent=2))


if __name__ == "__main__":
    main()
