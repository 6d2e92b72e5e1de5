"""Measures one client in a process of its own, on orders of `run.py` (a JSON line each on standard input)."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from adapters import ADAPTERS

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


class Worker:
    """A client, and a loop for those that need one."""

    def __init__(self, name: str, url: str) -> None:
        self._kind = ADAPTERS[name]
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._client = self.make()
        self._threads: dict[int, ThreadPoolExecutor] = {}
        self._failed = 0

    def make(self) -> Any:
        client = self._kind(self._url)
        if hasattr(client, "prepare"):
            self._loop.run_until_complete(client.prepare())
        return client

    def once(self, client: Any, operation: str) -> Any:
        call = getattr(client, operation)()
        return self._loop.run_until_complete(call) if self._kind.asynchronous else call

    def check(self) -> dict[str, Any]:
        """That the client gives what it is measured for."""
        item = self.once(self._client, "get")
        found = self.once(self._client, "query")
        self.once(self._client, "put")
        read = item.get("total") if isinstance(item, dict) else item.total
        return {"items": len(found), "total": type(read).__name__}

    def measure(self, operation: str, calls: int, concurrency: int) -> dict[str, float]:
        """CPU and wall time per call in microseconds, and how many failed: many at once may, on a busy machine."""
        gc.collect()
        self._failed = 0
        run = self._run_async if self._kind.asynchronous else self._run_sync
        wall, cpu = time.perf_counter(), time.process_time()
        run(operation, calls, concurrency)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return {"cpu": cpu / calls * 1e6, "wall": wall / calls * 1e6, "failed": self._failed}

    def memory(self, clients: int) -> dict[str, float]:
        """Bytes that one more client takes, with one connection open."""
        kept = [self.make() for _ in range(2)]
        for client in kept:
            self.once(client, "get")
        gc.collect()
        before = resident()
        for _ in range(clients):
            kept.append(self.make())
            self.once(kept[-1], "get")
        gc.collect()
        taken = (resident() - before) / clients
        for client in kept:
            self.close(client)
        return {"bytes": taken}

    def close(self, client: Any = None) -> None:
        client = client or self._client
        if hasattr(client, "close"):
            self._loop.run_until_complete(client.close())

    def _run_sync(self, operation: str, calls: int, concurrency: int) -> None:
        call = getattr(self._client, operation)
        if concurrency == 1:
            for _ in range(calls):
                call()
            return
        threads = self._threads.setdefault(concurrency, ThreadPoolExecutor(concurrency))

        def several(count: int) -> None:
            for _ in range(count):
                try:
                    call()
                except Exception:  # noqa: BLE001 - counted, and shown in the table
                    self._failed += 1

        list(threads.map(several, [calls // concurrency] * concurrency))

    def _run_async(self, operation: str, calls: int, concurrency: int) -> None:
        call = getattr(self._client, operation)

        async def several(count: int) -> None:
            for _ in range(count):
                try:
                    await call()
                except Exception:
                    if concurrency == 1:
                        raise
                    self._failed += 1

        async def together() -> None:
            await asyncio.gather(*(several(calls // concurrency) for _ in range(concurrency)))

        self._loop.run_until_complete(together())


def main() -> None:
    worker = Worker(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        order = json.loads(line)
        answer = getattr(worker, order.pop("do"))(**order)
        print(json.dumps(answer), flush=True)
    worker.close()


if __name__ == "__main__":
    main()
