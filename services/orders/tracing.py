"""Traces of the function by OpenTelemetry: a span per request, and beneath it one per call of the table.

OTEL_TRACES_EXPORTER=otlp turns them on; service, sampler and endpoint are read from OpenTelemetry's own variables.
The spans of a request leave together, after its answer is made and before Lambda freezes the environment: a
background exporter would be frozen with them. They are sent as OTLP/HTTP in JSON to a collector beside the function
(an extension's layer listens on port 4318); a collector that is not there costs a request nothing but the attempt.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import os
import re
import urllib.parse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan

    from holdfast.telemetry.observer import CallObserver

LOG = logging.getLogger(__name__)
SEND_SECONDS = 0.5
"""The collector is on the same machine."""
_XRAY = re.compile(r"Root=1-([0-9a-f]{8})-([0-9a-f]{24});Parent=([0-9a-f]{16});Sampled=([01])")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Tracing:
    """The tracer of one execution environment."""

    def __init__(self, endpoint: str) -> None:
        # Loaded by those who trace: it is a tenth of a second of a cold start.
        from opentelemetry import trace  # noqa: PLC0415
        from opentelemetry.metrics import NoOpMeterProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

        from holdfast.telemetry import OpenTelemetry  # noqa: PLC0415

        self._trace = trace
        self._endpoint = endpoint.rstrip("/") + "/v1/traces"
        self._provider = TracerProvider(shutdown_on_exit=False)
        self._tracer = self._provider.get_tracer("services.orders")
        self._ended: list[ReadableSpan] = []
        self._provider.add_span_processor(_collecting(self._ended))
        self.observers: tuple[CallObserver, ...] = (OpenTelemetry(self._provider, NoOpMeterProvider()),)
        """For the service's clients: their spans lie beneath the request's."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Tracing | None:
        """None unless OTEL_TRACES_EXPORTER is `otlp`."""
        values = os.environ if environment is None else environment
        if values.get("OTEL_TRACES_EXPORTER") != "otlp":
            return None
        return cls(values.get("OTEL_EXPORTER_OTLP_ENDPOINT") or "http://localhost:4318")

    @contextlib.contextmanager
    def request(self, event: Mapping[str, Any]) -> Iterator[Any]:
        """A request's span, the child of the caller's (`traceparent`) or of Lambda's own (X-Ray)."""
        kind = self._trace.SpanKind.SERVER
        with self._tracer.start_as_current_span(_name(event), context=self._parent(event), kind=kind) as span:
            span.set_attribute("faas.trigger", "http")
            span.set_attribute("cloud.region", os.environ.get("AWS_REGION", ""))
            yield span

    def _parent(self, event: Mapping[str, Any]) -> Context:
        headers = {str(name).lower(): value for name, value in (event.get("headers") or {}).items()}
        found = _TRACEPARENT.fullmatch(str(headers.get("traceparent") or ""))
        if found:
            trace_id, span_id, sampled = found[1], found[2], bool(int(found[3], 16) & 1)
        elif found := _XRAY.search(os.environ.get("_X_AMZN_TRACE_ID", "")):
            trace_id, span_id, sampled = found[1] + found[2], found[3], found[4] == "1"
        else:
            return self._trace.set_span_in_context(self._trace.INVALID_SPAN)
        parent = self._trace.SpanContext(
            int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=self._trace.TraceFlags(sampled)
        )
        return self._trace.set_span_in_context(self._trace.NonRecordingSpan(parent))

    def flush(self) -> None:
        """Send what has ended. A collector that does not answer loses it, and only that."""
        if not self._ended:
            return
        spans, self._ended[:] = list(self._ended), []
        url = urllib.parse.urlsplit(self._endpoint)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname or "localhost", url.port, timeout=SEND_SECONDS)
        try:
            body = json.dumps(document(self._provider.resource.attributes, spans))
            connection.request("POST", url.path, body, {"content-type": "application/json"})
            connection.getresponse().read()
        except OSError as error:
            LOG.warning("%d spans were not sent to %s: %s", len(spans), self._endpoint, error)
        finally:
            connection.close()


def _collecting(ended: list[ReadableSpan]) -> Any:
    from opentelemetry.sdk.trace import SpanProcessor  # noqa: PLC0415

    class Collecting(SpanProcessor):
        """Keeps sampled spans until the request is over."""

        def on_end(self, span: ReadableSpan) -> None:
            if span.context is not None and span.context.trace_flags.sampled:
                ended.append(span)

    return Collecting()


def _name(event: Mapping[str, Any]) -> str:
    """The route, as API Gateway names it in either format of its payload."""
    return str(event.get("routeKey") or f"{event.get('httpMethod', 'request')} {event.get('resource', '')}").strip()


def document(resource: Mapping[str, Any], spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """An ExportTraceServiceRequest as JSON (OTLP 1.x: ids are hexadecimal, 64-bit integers are texts)."""
    scopes: dict[str, list[dict[str, Any]]] = {}
    for span in spans:
        scope = span.instrumentation_scope.name if span.instrumentation_scope else ""
        scopes.setdefault(scope, []).append(_span(span))
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource)},
                "scopeSpans": [{"scope": {"name": name}, "spans": of} for name, of in scopes.items()],
            }
        ]
    }


def _span(span: ReadableSpan) -> dict[str, Any]:
    context = span.get_span_context()
    if context is None:
        raise ValueError("a span that has ended has a context")
    return {
        "traceId": f"{context.trace_id:032x}",
        "spanId": f"{context.span_id:016x}",
        **({"parentSpanId": f"{span.parent.span_id:016x}"} if span.parent else {}),
        "name": span.name,
        "kind": span.kind.value + 1,
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes or {}),
        "status": {"code": span.status.status_code.value},
    }


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list | tuple):
        return {"arrayValue": {"values": [_value(part) for part in value]}}
    return {"stringValue": str(value)}
