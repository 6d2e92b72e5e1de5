"""OpenTelemetry: a span per call, counters and histograms, and gauges of what the client knows of its regions.

Needs the extra `holdfast[otel]`. Names follow OpenTelemetry's conventions for database clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.telemetry.observer import CallObserver, CallRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast._attempt import Call
    from holdfast.resilience.core import Core

SCOPE = "holdfast"
_STATES = {"closed": 0, "half-open": 1, "open": 2}


class OpenTelemetry(CallObserver):
    """Tells OpenTelemetry of every call.

    Args:
        tracer_provider: where spans go; None is the global one.
        meter_provider: where metrics go; None is the global one.
        spans: False records metrics only.
    """

    def __init__(self, tracer_provider: Any = None, meter_provider: Any = None, *, spans: bool = True) -> None:
        from opentelemetry import metrics, trace  # noqa: PLC0415 - an extra

        self._kind = trace.SpanKind.CLIENT
        self._status = trace.Status(trace.StatusCode.ERROR)
        self._tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider) if spans else None
        meter = metrics.get_meter(SCOPE, meter_provider=meter_provider)
        self._meter = meter
        self._duration = meter.create_histogram("db.client.operation.duration", "s", "Duration of calls")
        self._capacity = meter.create_counter("holdfast.consumed_capacity", "{unit}", "Consumed capacity units")
        self._errors = meter.create_counter("holdfast.errors", "{error}", "Calls that failed, by kind")

    def starts(self, call: Call) -> Any:
        """Begin a span."""
        if self._tracer is None:
            return None
        operation = call.operation.name
        span = self._tracer.start_span(f"{operation} {call.table or ''}".strip(), kind=self._kind)
        if span.is_recording():
            span.set_attributes(
                {
                    "db.system.name": "aws.dynamodb",
                    "db.operation.name": operation,
                    "aws.dynamodb.table_names": [call.table] if call.table else [],
                }
            )
        return span

    def ends(self, token: Any, record: CallRecord) -> None:
        """End the span, count the call."""
        attributes = {
            "db.system.name": "aws.dynamodb",
            "db.operation.name": record.operation,
            "db.collection.name": record.table,
            "cloud.region": record.region,
        }
        if record.error is not None:
            attributes["error.type"] = type(record.error).__name__
            self._errors.add(1, attributes)
        self._duration.record(record.seconds, attributes)
        if record.consumed_capacity is not None:
            self._capacity.add(record.consumed_capacity, attributes)
        if token is None:
            return
        if token.is_recording():
            token.set_attribute("cloud.region", record.region)
            if record.error is not None:
                token.set_attribute("error.type", type(record.error).__name__)
                if not record.success:
                    token.set_status(self._status)
        token.end()

    def watch(self, core: Core) -> None:
        """Report a client's inner state when metrics are collected: breakers, limits, quota, attempts, caches, lag."""
        from opentelemetry.metrics import Observation  # noqa: PLC0415 - an extra

        def breakers(_: Any) -> Iterable[Any]:
            for state in core.router.states:
                for access, breaker in (("read", state.read), ("write", state.write)):
                    labels = {"cloud.region": state.name, "access": access}
                    yield Observation(_STATES[breaker.view().state], labels)

        def opened(_: Any) -> Iterable[Any]:
            for state in core.router.states:
                for access, breaker in (("read", state.read), ("write", state.write)):
                    yield Observation(breaker.view().opened, {"cloud.region": state.name, "access": access})

        def quota(_: Any) -> Iterable[Any]:
            for state in core.router.states:
                yield Observation(state.quota.tokens, {"cloud.region": state.name})

        def counts(_: Any) -> Iterable[Any]:
            for name, value in core.counts.items():
                yield Observation(value, {"what": name})
            for name in getattr(core.caches, "__slots__", ()):
                yield Observation(getattr(core.caches, name), {"what": f"cache {name}"})

        def lag(_: Any) -> Iterable[Any]:
            for (origin, target), seconds in core.lag.items():
                yield Observation(seconds, {"from": origin, "to": target})

        self._meter.create_observable_gauge("holdfast.breaker.state", [breakers], "1", "0 closed, 1 half-open, 2 open")
        self._meter.create_observable_counter("holdfast.breaker.opened", [opened], "1", "Times a circuit opened")
        self._meter.create_observable_gauge("holdfast.retry.quota", [quota], "1", "Tokens left for retries")
        self._meter.create_observable_counter(
            "holdfast.events", [counts], "1", "Attempts, retries, throttles, hedges, cache hits"
        )
        self._meter.create_observable_gauge("holdfast.replication.lag", [lag], "s", "Replication lag as last measured")
