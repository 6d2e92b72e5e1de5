"""Business metrics on standard output, once a minute: a line that the logs agent of the cluster makes metrics of."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from holdfast.telemetry import EmbeddedMetrics
from holdfast.telemetry.business import COUNTS, NAMESPACE

if TYPE_CHECKING:
    from typing import TextIO

    from holdfast.telemetry import BusinessMetrics

PUBLISHED_SECONDS = 60.0
SERVICE = "orders"


class Publisher:
    """Tells what a process has counted, until it is closed; the rest then."""

    def __init__(
        self, metrics: BusinessMetrics, *, seconds: float = PUBLISHED_SECONDS, stream: TextIO | None = None
    ) -> None:
        self._metrics = metrics
        self._seconds = seconds
        self._lines = EmbeddedMetrics(stream, namespace=NAMESPACE)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="business-metrics")

    async def close(self) -> None:
        """Tell what has not been told yet, and stop."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        self._publish()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            self._publish()

    def _publish(self) -> None:
        counts = self._metrics.counts()
        self._lines.emit({name: (value, COUNTS[name]) for name, value in counts.items()}, {"Service": SERVICE})
