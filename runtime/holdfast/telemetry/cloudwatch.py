"""CloudWatch metrics: buffered and put by the API, or printed in the embedded format that the logs agent reads."""

from __future__ import annotations

import functools
import json
import logging
import sys
import threading
import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TextIO, TypeVar

from holdfast.telemetry.observer import CallObserver, CallRecord

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger("holdfast.telemetry")
NAMESPACE = "Application/DynamoDB"
FLUSH_SECONDS = 60.0
PER_CALL = 20
"""Metrics of one PutMetricData (the service takes up to 1,000 now; 20 keeps a failed call small)."""
BUFFERED = 1_000
"""Metrics that may wait; what failed to be sent is put back only below this."""
P = ParamSpec("P")
R = TypeVar("R")


def metrics_of(
    operation: str, table: str, seconds: float, *, success: bool, consumed_capacity: float | None, at: float
) -> list[dict[str, Any]]:
    """The metrics of one operation, as PutMetricData takes them. `at` is in seconds since 1970."""
    dimensions = [{"Name": "Operation", "Value": operation}, {"Name": "Table", "Value": table or "-"}]
    when = datetime.fromtimestamp(at, UTC)

    def metric(name: str, value: float, unit: str) -> dict[str, Any]:
        return {"MetricName": name, "Dimensions": dimensions, "Timestamp": when, "Value": value, "Unit": unit}

    found = [
        metric("OperationDuration", seconds * 1000, "Milliseconds"),
        metric("SuccessCount" if success else "ErrorCount", 1.0, "Count"),
    ]
    if consumed_capacity is not None:
        found.append(metric("ConsumedCapacity", consumed_capacity, "Count"))
    return found


class CloudWatchMetrics(CallObserver):
    """Buffers metrics and puts them every minute from a thread of its own.

    Args:
        client: botocore's CloudWatch client.
        namespace: where they go.
        flush_seconds: between two flushes; None flushes only when `flush` is called.
    """

    def __init__(
        self,
        client: Any,
        *,
        namespace: str = NAMESPACE,
        flush_seconds: float | None = FLUSH_SECONDS,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._wall = wall
        self._buffer: deque[dict[str, Any]] = deque()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.dropped = 0
        """Metrics that were given up because the buffer was full."""
        if flush_seconds is not None:
            thread = threading.Thread(target=self._run, args=(flush_seconds,), name="holdfast-metrics", daemon=True)
            thread.start()

    def __len__(self) -> int:
        return len(self._buffer)

    def call(self, record: CallRecord) -> None:
        """A call has ended."""
        self.record(
            record.operation,
            record.table,
            record.seconds,
            success=record.success,
            consumed_capacity=record.consumed_capacity,
        )

    def record(
        self, operation: str, table: str, seconds: float, *, success: bool, consumed_capacity: float | None = None
    ) -> None:
        """Take one operation."""
        self.put(
            metrics_of(operation, table, seconds, success=success, consumed_capacity=consumed_capacity, at=self._wall())
        )

    def put(self, metrics: list[dict[str, Any]]) -> None:
        """Take metrics of any name."""
        with self._lock:
            if len(self._buffer) + len(metrics) > BUFFERED * 10:
                self.dropped += len(metrics)
            else:
                self._buffer.extend(metrics)

    def flush(self) -> int:
        """Put everything that waits, at most 20 a call. Returns how many were put; a failure is logged, not raised."""
        sent = 0
        while True:
            with self._lock:
                part = [self._buffer.popleft() for _ in range(min(PER_CALL, len(self._buffer)))]
            if not part:
                return sent
            try:
                self._client.put_metric_data(Namespace=self._namespace, MetricData=part)
            except Exception as error:  # noqa: BLE001 - metrics never break what they measure
                LOG.warning("metrics could not be put: %s", error)
                with self._lock:
                    if len(self._buffer) < BUFFERED:
                        self._buffer.extendleft(reversed(part))
                    else:
                        self.dropped += len(part)
                return sent
            sent += len(part)

    def close(self) -> None:
        """Flush, and stop the thread."""
        self._stopped.set()
        self.flush()

    def _run(self, seconds: float) -> None:
        while not self._stopped.wait(seconds):
            self.flush()


class EmbeddedMetrics(CallObserver):
    """Writes a line of CloudWatch's embedded metric format for every call, to be read by the logs agent."""

    def __init__(
        self, stream: TextIO | None = None, *, namespace: str = NAMESPACE, wall: Callable[[], float] = time.time
    ) -> None:
        self._stream = stream
        self._namespace = namespace
        self._wall = wall

    def call(self, record: CallRecord) -> None:
        """A call has ended."""
        values: dict[str, tuple[float, str]] = {
            "OperationDuration": (record.seconds * 1000, "Milliseconds"),
            "SuccessCount" if record.success else "ErrorCount": (1, "Count"),
        }
        if record.consumed_capacity is not None:
            values["ConsumedCapacity"] = (record.consumed_capacity, "Count")
        self.emit(values, {"Operation": record.operation, "Table": record.table or "-"}, region=record.region)

    def emit(self, values: dict[str, tuple[float, str]], dimensions: dict[str, str], **properties: str) -> None:
        """Write metrics: name → (value, unit)."""
        directive = {
            "Namespace": self._namespace,
            "Dimensions": [list(dimensions)],
            "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
        }
        line = {
            "_aws": {"Timestamp": int(self._wall() * 1000), "CloudWatchMetrics": [directive]},
            **dimensions,
            **properties,
            **{name: value for name, (value, _) in values.items()},
        }
        print(json.dumps(line, separators=(",", ":")), file=self._stream or sys.stdout, flush=True)


def measured(metrics: CloudWatchMetrics, table: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: every run of the function is recorded under its name. Works on coroutine functions too."""
    import inspect  # noqa: PLC0415 - slow to load, and only needed here

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__name__

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def waiting(*args: P.args, **kwargs: P.kwargs) -> Any:
                started = time.perf_counter()
                success = False
                try:
                    result = await function(*args, **kwargs)
                    success = True
                    return result
                finally:
                    metrics.record(name, table, time.perf_counter() - started, success=success)

            return waiting  # type: ignore[return-value]

        @functools.wraps(function)
        def running(*args: P.args, **kwargs: P.kwargs) -> R:
            started = time.perf_counter()
            success = False
            try:
                result = function(*args, **kwargs)
                success = True
                return result
            finally:
                metrics.record(name, table, time.perf_counter() - started, success=success)

        return running

    return decorate
