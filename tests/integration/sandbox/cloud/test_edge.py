"""An API and its names in a running sandbox, and an ordinary HTTP client that follows them."""

import contextlib
import json
import socket
import ssl
import time
import zipfile

import dns.resolver
import httpx
import pytest

from sandbox.cloud.dns.document import CheckSpec, DnsDocument, RecordSpec
from sandbox.cloud.edge.document import ApiSpec, EdgeDocument, FunctionSpec

ZONE = "shop.example.com"
EAST, WEST = "us-east-1", "us-west-2"
PACE = 0.02
"""Fifty times as fast as Route 53: a check of ten seconds every 0.2 s."""
CODE = """
import json, os
def handle(event, context):
    body = {"region": os.environ["AWS_REGION"], "gateway": os.environ["AWS_ENDPOINT_URL"], "got": event.get("body")}
    return {"statusCode": 201 if event["httpMethod"] == "POST" else 200, "body": json.dumps(body), "headers": {"x-made": "1"}}
"""
SCHEMA = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
pytestmark = pytest.mark.sandbox


def operation(*, body=False):
    made = {
        "security": [],
        "x-amazon-apigateway-request-validator": "whole",
        "x-amazon-apigateway-integration": {
            "uri": "arn:aws:apigateway:r:lambda:path/f/functions/arn:aws:lambda:r:1:function:shop:live/invocations",
            "timeoutInMillis": 29_000,
        },
    }
    if body:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": SCHEMA}}}
    return made


@pytest.fixture(scope="module")
def edge(sandbox, tmp_path_factory):
    package = tmp_path_factory.mktemp("code") / "shop.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("shop.py", CODE)
    paths = {"/hello": {"get": operation()}, "/things": {"post": operation(body=True)}, "/slow": {"get": operation()}}
    for region in (EAST, WEST):
        function = FunctionSpec(name="shop", handler="shop.handle", package=str(package), timeout_seconds=28, ready=1)
        api = ApiSpec(
            id="abc",
            kind="rest",
            hosts=(f"*.{ZONE}",),
            body={"paths": paths},
            stage="live",
            limits={"GET /slow": (0.001, 1)},
        )
        sandbox.start_edge(region, EdgeDocument(functions=(function,), apis=(api,)).to_json())
    records, checks = [], []
    for region in (EAST, WEST):
        alias = f"d-1.execute-api.{region}.amazonaws.com"
        records.append(RecordSpec(name=f"{region}.{ZONE}", type="A", alias=alias))
        records.append(
            RecordSpec(
                name=f"api.{ZONE}",
                type="CNAME",
                values=(f"{region}.{ZONE}",),
                ttl_seconds=20,
                health_check=region,
                policy="latency",
                region=region,
            )
        )
        checks.append(
            CheckSpec(id=region, name=region, type="HTTPS", fqdn=f"{region}.{ZONE}", path="/hello", interval_seconds=10)
        )
    document = DnsDocument(
        zones=(ZONE,), records=tuple(records), checks=tuple(checks), pace=PACE, viewer={"region": EAST}
    )
    return sandbox.start_names(document.to_json())


@pytest.fixture
def resolved(edge):
    """The system's resolver, as an operator would configure it: every library of this process uses it."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [edge["resolver"][0]]
    resolver.port = edge["resolver"][1]
    resolver.cache = dns.resolver.Cache()
    dns.resolver.override_system_resolver(resolver)
    yield f"http://api.{ZONE}:{edge['port']}"
    dns.resolver.restore_system_resolver()


def test_an_ordinary_client_that_trusts_the_sandboxs_authority_gets_tls(resolved, edge):
    trusting = ssl.create_default_context(cafile=edge["ca_file"])
    url = f"https://api.{ZONE}:{edge['tls_port']}/hello"
    assert httpx.get(url, verify=trusting, trust_env=False, timeout=60).json()["region"] in (EAST, WEST)
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(url, trust_env=False, timeout=60)
    with pytest.raises(httpx.ConnectError, match="certificate is not valid for"):
        httpx.get(f"https://{edge['fronts'][EAST]}:{edge['tls_port']}/hello", verify=trusting, timeout=60)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_before_1_2_is_refused(edge):
    def spoken(newest):
        context = ssl.create_default_context(cafile=edge["ca_file"])
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
        with (
            socket.create_connection((edge["fronts"][EAST], edge["tls_port"]), timeout=60) as plain,
            context.wrap_socket(plain, server_hostname=f"api.{ZONE}") as secured,
        ):
            return secured.version()

    assert spoken(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    with pytest.raises(ssl.SSLError, match=r"alert protocol|EOF"):
        spoken(ssl.TLSVersion.TLSv1_1)


def serving(url):
    """The region that serves a new connection; an ordinary client, which knows nothing of regions."""
    with contextlib.suppress(httpx.HTTPError, OSError):
        answer = httpx.get(f"{url}/hello", timeout=0.7, trust_env=False)
        if answer.status_code == 200:
            return answer.json()["region"]
    return None


def until(url, region, seconds=90):
    end = time.monotonic() + seconds
    while (seen := serving(url)) != region:
        assert time.monotonic() < end, f"served by {seen}, not {region}"
        time.sleep(0.05)


def test_an_ordinary_client_fails_over_and_back(sandbox, resolved):
    until(resolved, EAST)
    sandbox.fault(EAST, "blackhole", lease_seconds=250)
    until(resolved, WEST)
    assert sandbox.names()["checks"][EAST]["healthy"] is False
    sandbox.heal(EAST)
    until(resolved, EAST)


def test_requests_are_checked_throttled_and_answered_by_the_function(edge, client):
    address = f"http://{edge['fronts'][EAST]}:{edge['port']}"
    headers = {"host": f"api.{ZONE}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as http:
        made = http.post("/things", json={"a": 1})
        assert (made.status_code, made.headers["x-made"], made.json()["got"]) == (201, "1", '{"a":1}')
        assert made.json()["gateway"].startswith("http://127.0.0.1:"), "the function's AWS is its own region's"
        assert http.post("/things", json={"a": "1"}).status_code == 400
        assert http.post("/things", content=b"{").status_code == 400
        assert http.get("/nothing").status_code == 403
        assert [http.get("/slow").status_code for _ in range(3)].count(429) == 2
        assert http.get("/hello", headers={"host": "other.example.com"}).status_code != 200


def test_the_function_is_called_by_lambdas_own_api_too(client):
    answer = client("lambda", WEST).invoke(FunctionName="shop", Payload=json.dumps({"httpMethod": "GET"}))
    assert json.loads(json.loads(answer["Payload"].read())["body"])["region"] == WEST
    with pytest.raises(Exception, match="Function not found"):
        client("lambda", WEST).invoke(FunctionName="nothing", Payload=b"{}")


def test_a_fault_of_the_api_alone_leaves_the_tables_reachable(sandbox, edge, client):
    sandbox.fault(WEST, "error", service="execute-api")
    address = f"http://{edge['fronts'][WEST]}:{edge['port']}"
    assert (
        httpx.get(f"{address}/hello", headers={"host": f"api.{ZONE}"}, trust_env=False, timeout=60).status_code >= 500
    )
    assert client("dynamodb", WEST).list_tables()["TableNames"] == []


def test_its_processes_are_told_and_end_with_the_sandbox(sandbox, edge):
    names = {part.name for part in sandbox.status().parts}
    assert {f"edge/{EAST}", f"edge/{WEST}", "dns"} <= names
    assert sandbox.edge_figures(EAST)["shop"]["throttles"] == 0
