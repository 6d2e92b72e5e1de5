"""The function in a process of its own: its spans reach a collector on loopback, in one trace with their caller."""

import asyncio
import json
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from holdfast.topology import Key, Region, Table, Topology
from sandbox.cloud.edge.document import FunctionSpec
from sandbox.cloud.edge.functions import Environment
from services.orders.tracing import Tracing

ROOT = Path(__file__).parents[3]
PATIENT = {"pool": {"request_timeout_seconds": 120}, "timeouts": {"attempt_seconds": 60, "minimum_seconds": 60}}
"""Each write is one request, and one span, though the machine stands still for seconds."""
HOME = "us-east-1"
KEYS = {"aws_access_key_id": "t", "aws_secret_access_key": "t"}
TRACE, PARENT = "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


@pytest.fixture
def collector():
    """An OTLP receiver; what it got."""
    got = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Receiver)) as server:
        server.got = got
        yield server


@pytest.fixture
def topology(tmp_path):
    """A stack of one table in one region, and where its document is."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    name = f"orders-{uuid.uuid4().hex}"  # moto keeps its tables for the whole process
    boto3.client("dynamodb", region_name=HOME, endpoint_url=url, **KEYS).create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "customer_id", "KeyType": "HASH"},
            {"AttributeName": "order_id", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("customer_id", "order_id")],
        BillingMode="PAY_PER_REQUEST",
    )
    orders = Table(name=name, arn="arn:x", partition_key=Key(name="customer_id"), sort_key=Key(name="order_id"))
    region = Region(name=HOME, tables={"orders": orders}, endpoints={"dynamodb": url})
    path = tmp_path / "topology.json"
    path.write_text(Topology(stack="t", home_region=HOME, regions={HOME: region}, runtime=PATIENT).to_json())
    yield path
    server.stop()


def call(topology, events, **environment):
    """The answers of one execution environment to events, one after the other."""
    spec = FunctionSpec(
        name="orders",
        handler="services.orders.function.handle",
        package=str(ROOT),
        environment={
            "AWS_REGION": HOME,
            "AWS_ACCESS_KEY_ID": "t",
            "AWS_SECRET_ACCESS_KEY": "t",
            "HOLDFAST_TOPOLOGY": str(topology),
            "OTEL_SERVICE_NAME": "orders",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0",
            **environment,
        },
        timeout_seconds=120,
    )

    async def run():
        made = await Environment.start(spec, {}, provisioned=False)
        try:
            return [await made.call(event, 120) for event in events]
        finally:
            await made.ended()

    return asyncio.run(run())


def create(**headers):
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"content-type": "application/json", **headers},
        "queryStringParameters": None,
        "requestContext": {"resourcePath": "/orders", "httpMethod": "POST"},
        "body": json.dumps({"customer_id": "c", "items": []}),
        "isBase64Encoded": False,
    }


@pytest.mark.sandbox
def test_a_functions_spans_reach_the_collector(topology, collector):
    """The stack samples nothing of its own here: what its caller sampled is traced, what it did not is not."""
    sampled = create(traceparent=f"00-{TRACE}-{PARENT}-01")
    others = [create(traceparent=f"00-{TRACE}-{PARENT}-00"), create()]
    answers = call(
        topology,
        [sampled, *others],
        OTEL_TRACES_EXPORTER="otlp",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
    )
    assert [answer["statusCode"] for answer in answers] == [201] * 3
    ((path, document),) = collector.got
    assert path == "/v1/traces"
    (resource,) = document["resourceSpans"]
    assert {"key": "service.name", "value": {"stringValue": "orders"}} in resource["resource"]["attributes"]
    spans = {span["name"].partition(" orders-")[0]: span for scope in resource["scopeSpans"] for span in scope["spans"]}
    request, write = spans["POST /orders"], spans["PutItem"]
    assert (request["traceId"], request["parentSpanId"], request["kind"]) == (TRACE, PARENT, 2)
    assert (write["traceId"], write["parentSpanId"], write["kind"]) == (TRACE, request["spanId"], 3)
    assert {"key": "http.response.status_code", "value": {"intValue": "201"}} in request["attributes"]
    assert int(request["startTimeUnixNano"]) <= int(write["startTimeUnixNano"]) <= int(write["endTimeUnixNano"])


@pytest.mark.sandbox
def test_lambdas_own_trace_is_continued(topology, collector):
    call(
        topology,
        [create()],
        OTEL_TRACES_EXPORTER="otlp",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
        _X_AMZN_TRACE_ID=f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={PARENT};Sampled=1",
    )
    ((_, document),) = collector.got
    found = {span["traceId"] for scope in document["resourceSpans"][0]["scopeSpans"] for span in scope["spans"]}
    assert found == {TRACE}


def test_a_collector_that_is_not_there_costs_no_request(caplog):
    tracing = Tracing("http://127.0.0.1:9")
    for _ in range(2):
        with tracing.request(create(traceparent=f"00-{TRACE}-{PARENT}-01")):
            pass
        tracing.flush()
    assert caplog.text.count("1 spans were not sent to http://127.0.0.1:9/v1/traces") == 2


def test_traces_are_made_where_there_is_a_collector_alone():
    assert Tracing.from_environment({"OTEL_TRACES_EXPORTER": "none"}) is None
    assert Tracing.from_environment({}) is None
