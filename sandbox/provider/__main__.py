"""A plugin executable: `python -m sandbox.provider aws [engine-address]` prints its port and serves.

`bin/pulumi-resource-*` call it for the real engine. It finds the sandbox by HOLDFAST_SANDBOX and ends with the engine
that started it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from sandbox.provider import serving
from sandbox.provider.cloud import Door
from sandbox.provider.faults import ProviderError

PARENT_SECONDS = 1.0


async def _serve(package: str, engine_address: str) -> None:
    instance = serving.plugin(package, Door(serving.sandbox_directory()))
    executor = ThreadPoolExecutor(max_workers=serving.THREADS, thread_name_prefix="provider")
    _server, port = await serving.serve(instance, executor, engine_address)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110  nothing announces a parent's death
        await asyncio.sleep(PARENT_SECONDS)


def main(arguments: list[str]) -> int:
    """Serve one provider; 2 when the package has no stand-in."""
    words = [word for word in arguments if not word.startswith("-")]
    if not words:
        print("usage: python -m sandbox.provider aws|eks|kubernetes [engine-address]", file=sys.stderr)
        return 2
    try:
        asyncio.run(_serve(words[0], words[1] if len(words) > 1 else ""))
    except (ProviderError, LookupError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    os._exit(0)  # gRPC's threads would wait for connections that nobody closes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
