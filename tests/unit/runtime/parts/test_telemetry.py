"""Metrics and traces of calls."""

import asyncio
import io
import json

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from holdfast import Client, errors, scope
from holdfast.caching import CachePolicy
from holdfast.caching.pipeline import CachedPipeline, layers_of
from holdfast.resilience import Policy
from holdfast.telemetry import BusinessMetrics, CloudWatchMetrics, EmbeddedMetrics, OpenTelemetry, measured
from holdfast.testing import FakeClock, MemoryRegions
from holdfast.testing.cache import MemoryCache
from holdfast.topology import Key, Region, Table, Topology


def client(*observers):
    table = Table(name="people", arn="", partition_key=Key(name="pk"))
    regions = {"us-east-1": Region(name="us-east-1", tables={"people": table})}
    memory = MemoryRegions(regions.values())
    topology = Topology(stack="t", home_region="us-east-1", regions=regions)
    return Client(topology, sender=memory, policy=Policy(observers=observers)), memory


class CloudWatch:
    def __init__(self):
        self.calls, self.down = [], False

    def put_metric_data(self, *, Namespace, MetricData):  # noqa: N803 - CloudWatch's names
        if self.down:
            raise ConnectionError("no CloudWatch")
        self.calls.append((Namespace, MetricData))


def test_calls_become_cloudwatch_metrics_twenty_at_a_time():
    cloudwatch = CloudWatch()
    metrics = CloudWatchMetrics(cloudwatch, flush_seconds=None)
    made, _ = client(metrics)
    table = made.table("people")
    for number in range(15):
        table.put({"pk": str(number)})
    assert metrics.flush() == 30
    assert [len(data) for _, data in cloudwatch.calls] == [20, 10]
    namespace, data = cloudwatch.calls[0]
    assert namespace == "Application/DynamoDB"
    assert {metric["MetricName"] for metric in data} == {"OperationDuration", "SuccessCount"}
    assert data[0]["Dimensions"] == [{"Name": "Operation", "Value": "PutItem"}, {"Name": "Table", "Value": "people"}]


def test_errors_and_capacity_are_counted():
    cloudwatch = CloudWatch()
    metrics = CloudWatchMetrics(cloudwatch, flush_seconds=None)
    made, memory = client(metrics)
    memory.script("us-east-1", errors.AccessDeniedError("no", code="AccessDenied", status=400))
    with pytest.raises(errors.AccessDeniedError):
        made.table("people").get({"pk": "a"})
    metrics.record("GetItem", "people", 0.01, success=True, consumed_capacity=0.5)
    metrics.flush()
    names = [metric["MetricName"] for metric in cloudwatch.calls[0][1]]
    assert names == ["OperationDuration", "ErrorCount", "OperationDuration", "SuccessCount", "ConsumedCapacity"]


def test_what_cannot_be_sent_waits_in_order_and_not_for_ever():
    cloudwatch = CloudWatch()
    cloudwatch.down = True
    metrics = CloudWatchMetrics(cloudwatch, flush_seconds=None)
    for number in range(2_000):
        metrics.put([{"MetricName": str(number)}])
    assert metrics.flush() == 0
    assert len(metrics) == 1_980, "a full buffer takes nothing back"
    assert metrics.dropped == 20
    cloudwatch.down = False
    assert metrics.flush() == 1_980
    assert cloudwatch.calls[0][1][0] == {"MetricName": "20"}


def test_the_embedded_format_is_what_the_logs_agent_reads():
    stream = io.StringIO()
    made, _ = client(EmbeddedMetrics(stream, wall=lambda: 1.5))
    made.table("people").put({"pk": "a"})
    line = json.loads(stream.getvalue())
    directive = line["_aws"]["CloudWatchMetrics"][0]
    assert line["_aws"]["Timestamp"] == 1500
    assert directive["Dimensions"] == [["Operation", "Table"]]
    assert {metric["Name"] for metric in directive["Metrics"]} <= line.keys()
    assert line["SuccessCount"] == 1


def test_the_decorator_measures_functions_and_coroutines():
    cloudwatch = CloudWatch()
    metrics = CloudWatchMetrics(cloudwatch, flush_seconds=None)

    @measured(metrics, "orders")
    def works():
        return 1

    @measured(metrics, "orders")
    async def fails():
        raise ValueError("no")

    assert works() == 1
    with pytest.raises(ValueError, match="no"):
        asyncio.run(fails())
    metrics.flush()
    assert [metric["MetricName"] for metric in cloudwatch.calls[0][1]] == [
        "OperationDuration", "SuccessCount", "OperationDuration", "ErrorCount",
    ]  # fmt: skip


def test_business_metrics():
    clock = FakeClock()
    business = BusinessMetrics(clock)
    made, memory = client(business)
    table = made.table("people")
    for user in ("u1", "u2", "u1"):
        with scope(principal=user):
            table.put({"pk": user})
    for _ in range(30):
        business.order()
    made.transact_write([table.put_action({"pk": "t"})])
    memory.script("us-east-1", errors.TransactionCanceledError("no", code="TransactionCanceledException", status=400))
    with pytest.raises(errors.TransactionCanceledError):
        made.transact_write([table.put_action({"pk": "t"})])
    assert business.values() == {"OrdersPerSecond": 0.5, "ActiveUsers": 2.0, "TransactionSuccessRate": 0.5}
    clock.advance(301)
    assert business.values() == {"OrdersPerSecond": 0.0, "ActiveUsers": 0.0, "TransactionSuccessRate": 1.0}


def test_opentelemetry_counts_what_came_from_a_cache():
    reader = InMemoryMetricReader()
    observer = OpenTelemetry(meter_provider=MeterProvider([reader]), spans=False)
    made, _ = client(observer)
    pipeline = made.pipeline.inner
    layers = layers_of(pipeline.core, CachePolicy(), redis=True, dax=False)
    made.pipeline.inner = CachedPipeline(pipeline, layers, store=MemoryCache())
    observer.watch(made.pipeline.core)
    table = made.table("people")
    table.put({"pk": "a"})
    assert [table.get({"pk": "a"}) for _ in range(3)] == [{"pk": "a"}] * 3
    found = {
        point.attributes["what"]: point.value
        for resource in reader.get_metrics_data().resource_metrics
        for part in resource.scope_metrics
        for metric in part.metrics
        if metric.name == "holdfast.events"
        for point in metric.data.data_points
    }
    assert found["cache table_reads"] == 1
    assert found["cache redis_hits"] == 2
    assert found["attempts"] == 2


def test_opentelemetry_spans_and_metrics():
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    observer = OpenTelemetry(tracers, MeterProvider([reader]))
    made, memory = client(observer)
    observer.watch(made.pipeline.core)
    made.table("people").put({"pk": "secret"})
    memory.script("us-east-1", errors.AccessDeniedError("no", code="AccessDenied", status=400))
    with pytest.raises(errors.AccessDeniedError):
        made.table("people").get({"pk": "secret"})
    first, second = spans.get_finished_spans()
    assert first.name == "PutItem people"
    assert first.attributes["cloud.region"] == "us-east-1"
    assert second.attributes["error.type"] == "AccessDeniedError"
    assert not second.status.is_ok
    assert "secret" not in first.to_json() + second.to_json()
    found = {
        metric.name
        for resource in reader.get_metrics_data().resource_metrics
        for part in resource.scope_metrics
        for metric in part.metrics
    }
    assert {"db.client.operation.duration", "holdfast.errors", "holdfast.breaker.state", "holdfast.events"} <= found
