"""The helper process behind `LocalHost`: hosts provider instances, a port each, until its parent is gone.

It reads one JSON object a line from standard input (`{"package": …, "name": …}`), answers `{"port": …}` or
`{"error": …}` on standard output, and ends when standard input does.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sandbox.provider import serving
from sandbox.provider.cloud import Door
from sandbox.provider.faults import ProviderError


async def _host(directory: Path | None) -> None:
    executor = ThreadPoolExecutor(max_workers=serving.THREADS, thread_name_prefix="provider")
    door = Door(directory)
    servers: list[Any] = []
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            instance = await loop.run_in_executor(None, serving.plugin, request["package"], door)
            server, port = await serving.serve(instance, executor, request.get("engine", ""))
        except (ProviderError, LookupError) as error:
            answer: dict[str, object] = {"error": str(error)}
        else:
            servers.append(server)
            answer = {"port": port}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Serve until standard input closes, then leave at once: no request of a dead engine matters."""
    gc.set_threshold(200_000, 50, 1_000)  # types and rules that are read stay; see sandbox/engine/runner.py
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        asyncio.run(_host(directory))
    finally:
        os._exit(0)  # gRPC's threads would wait for connections that nobody closes


if __name__ == "__main__":
    main()
