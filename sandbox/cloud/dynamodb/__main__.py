"""Runs DynamoDB on a free port of loopback and says so: `python -m sandbox.cloud.dynamodb ACCOUNT [PORT]`.

PORT is that of DynamoDB Local, where that holds the items.

Ends when its stdin closes: that is its parent's death. HOLDFAST_INCARNATION opens its control paths.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys

from sandbox.cloud.dynamodb.control import Controls
from sandbox.cloud.dynamodb.database import Database
from sandbox.cloud.dynamodb.local import LocalItems
from sandbox.cloud.dynamodb.server import Server
from sandbox.cloud.dynamodb.upkeep import Upkeep
from sandbox.cloud.http import serve
from sandbox.cloud.http.server import port_of


async def _run(account: str, secret: str, local_port: int) -> None:
    loop = asyncio.get_running_loop()
    database = Database(account, clock=loop.time)
    Upkeep(database)
    controls = Controls(database)
    handler = Server(database, controls.table(), secret)
    if local_port:
        handler.local = LocalItems(database, local_port)
        database.arrive, database.expire = handler.local.arrive, handler.local.expire
    server = await serve(handler)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), lambda: None if os.read(sys.stdin.fileno(), 4096) else ended.set())
    print(f"READY {json.dumps({'port': port_of(server)})}", flush=True)
    # What is loaded now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    await ended.wait()


def main() -> None:
    """Serve until the parent is gone."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    local_port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    asyncio.run(_run(sys.argv[1], os.environ.get("HOLDFAST_INCARNATION", ""), local_port))


if __name__ == "__main__":
    main()
