"""botocore's transport beneath an event loop: each attempt in a thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from holdfast._transport.botocore import BotocoreSender

if TYPE_CHECKING:
    from holdfast._attempt import Call, Reply, Timeouts
    from holdfast._control.plane import ControlPlane
    from holdfast.topology import Region


class ThreadedSender:
    """Attempts through botocore in threads of its own. A cancelled attempt ends unheard."""

    def __init__(self, plane: ControlPlane, *, max_connections: int = 50) -> None:
        self._sender = BotocoreSender(plane, max_connections=max_connections)
        self._threads = ThreadPoolExecutor(max_connections, thread_name_prefix="holdfast-botocore")

    async def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        """As `holdfast._attempt.AsyncSender.send`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self._sender.send(call, region, timeouts=timeouts))

    async def close(self) -> None:
        """Close every connection."""
        self._threads.shutdown(wait=False)
        await asyncio.to_thread(self._sender.close)
