"""Metrics and traces. A client without observers pays nothing for them."""

from holdfast.telemetry.business import BusinessMetrics
from holdfast.telemetry.cloudwatch import CloudWatchMetrics, EmbeddedMetrics, measured
from holdfast.telemetry.observer import AsyncObservedPipeline, CallObserver, CallRecord, ObservedPipeline
from holdfast.telemetry.otel import OpenTelemetry

__all__ = [
    "AsyncObservedPipeline",
    "BusinessMetrics",
    "CallObserver",
    "CallRecord",
    "CloudWatchMetrics",
    "EmbeddedMetrics",
    "ObservedPipeline",
    "OpenTelemetry",
    "measured",
]
