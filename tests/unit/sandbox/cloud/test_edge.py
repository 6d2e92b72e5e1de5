"""The parts of the edge's stand-in, each by itself."""

import asyncio
import json
import time
import zipfile
from dataclasses import replace

import dns.message
import dns.rcode
import dns.rdatatype
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from sandbox.cloud.dns.answers import answer, region_of
from sandbox.cloud.dns.document import CheckSpec, DnsDocument, RecordSpec
from sandbox.cloud.dns.health import Health
from sandbox.cloud.dns.server import reply
from sandbox.cloud.edge.api import Api
from sandbox.cloud.edge.checks import Checks
from sandbox.cloud.edge.document import ApiSpec, EdgeDocument, FunctionSpec
from sandbox.cloud.edge.functions import Function, FunctionError, HandlerError, ThrottledError, TimedOutError
from sandbox.cloud.edge.routes import Routes
from sandbox.cloud.edge.throttle import Throttle
from sandbox.cloud.edge.tokens import allows, plausible
from sandbox.cloud.http import Request

ZONE = "orders.example.com"
EAST, WEST = "us-east-1", "us-west-2"


def named(region):
    alias = f"d-abc.execute-api.{region}.amazonaws.com"
    return RecordSpec(name=f"{region}.{ZONE}", type="A", alias=alias)


def routed(name, leads_to, **policy):
    return RecordSpec(
        name=f"{name}.{ZONE}",
        type="CNAME",
        values=(f"{leads_to}.{ZONE}",),
        ttl_seconds=20,
        set_identifier=leads_to,
        health_check=f"check-{leads_to}",
        **policy,
    )


@pytest.fixture
def document():
    records = [named(EAST), named(WEST)]
    for region, role, weight, place in ((EAST, "PRIMARY", 3, "*"), (WEST, "SECONDARY", 1, "AS")):
        records.append(routed("api", region, policy="latency", region=region))
        records.append(routed("failover", region, policy="failover", role=role))
        records.append(routed("weighted", region, policy="weighted", weight=weight))
        records.append(routed("geo", region, policy="geolocation", place=place))
    fronts = {EAST: "127.0.1.11", WEST: "127.0.1.12"}
    return DnsDocument(zones=(ZONE,), records=tuple(records), fronts=fronts, viewer={"region": EAST, "continent": "AS"})


def led(document, name, sick=(), draw=0.0):
    found = answer(
        document, f"{name}.{ZONE}", healthy=lambda check: check.removeprefix("check-") not in sick, draw=lambda: draw
    )
    return found[-1][3] if found else None


@pytest.mark.parametrize(
    ("name", "sick", "draw", "address"),
    [
        ("api", (), 0, "127.0.1.11"),
        ("api", (EAST,), 0, "127.0.1.12"),
        ("api", (EAST, WEST), 0, "127.0.1.11"),
        ("failover", (), 0, "127.0.1.11"),
        ("failover", (EAST,), 0, "127.0.1.12"),
        ("failover", (EAST, WEST), 0, "127.0.1.11"),
        ("failover", (WEST,), 0, "127.0.1.11"),
        ("weighted", (), 0.74, "127.0.1.11"),
        ("weighted", (), 0.76, "127.0.1.12"),
        ("weighted", (EAST,), 0.1, "127.0.1.12"),
        ("geo", (), 0, "127.0.1.12"),
        ("geo", (WEST,), 0, "127.0.1.11"),
        (WEST, (WEST,), 0, "127.0.1.12"),
    ],
)
def test_a_name_leads_where_route_53_would_lead(document, name, sick, draw, address):
    assert led(document, name, sick, draw) == address


def test_names_of_others_are_not_ours(document):
    assert answer(document, "example.com", healthy=lambda _: True) is None
    assert answer(document, f"nothing.{ZONE}", healthy=lambda _: True) == []


def test_the_time_to_live_follows_the_pace(document):
    import dataclasses

    (first, second) = answer(document, f"api.{ZONE}", healthy=lambda _: True)
    assert (first[2], second[2]) == (20, 60)
    fast = dataclasses.replace(document, pace=0.1)
    assert [item[2] for item in answer(fast, f"api.{ZONE}", healthy=lambda _: True)] == [2, 6]
    assert region_of("d-abc.execute-api.eu-west-1.amazonaws.com.") == "eu-west-1"
    assert region_of("name-123.eu-west-1.elb.amazonaws.com") == "eu-west-1"


def test_a_question_is_answered_as_dns_has_it(document):
    def lookup(name):
        return answer(document, name, healthy=lambda _: True)

    query = dns.message.make_query(f"API.{ZONE}", dns.rdatatype.A)
    found = dns.message.from_wire(reply(query.to_wire(), lookup))
    assert [part.rdtype for part in found.answer] == [dns.rdatatype.CNAME, dns.rdatatype.A]
    missing = dns.message.make_query(f"nothing.{ZONE}", dns.rdatatype.A)
    assert dns.message.from_wire(reply(missing.to_wire(), lookup)).rcode() == dns.rcode.NXDOMAIN
    other = dns.message.make_query("example.org", dns.rdatatype.A)
    assert dns.message.from_wire(reply(other.to_wire(), lookup)).rcode() == dns.rcode.REFUSED
    assert reply(b"garbage", lookup) is None


async def test_a_check_turns_after_as_many_probes_as_it_asks_for():
    checks = (
        CheckSpec(id="d", name="deep", type="HTTPS", failures=3),
        CheckSpec(id="a", name="alarm", type="CLOUDWATCH_METRIC"),
        CheckSpec(id="j", name="joined", type="CALCULATED", children=("d", "a"), threshold=2),
    )
    health = Health(DnsDocument(checks=checks), aws_port=1)
    for _ in range(2):
        health.judged("d", passed=False, said="503")
    assert health.healthy("j")
    health.judged("d", passed=True, said="200")
    for _ in range(3):
        health.judged("d", passed=False, said="503")
    assert not health.healthy("j")
    for _ in range(3):
        health.judged("d", passed=True, said="200")
    assert health.healthy("j")
    health.judged("a", passed=False, said="ALARM")
    assert not health.healthy("j")
    assert health.healthy("unknown")
    await health.stop()


def test_routes_with_fewer_parameters_win_and_parameters_are_decoded():
    routes = Routes({"/orders/{id}": {"get": {"x": 1}}, "/orders/process": {"post": {}, "get": {"x": 2}}})
    assert routes.find("GET", "/orders/process").operation == {"x": 2}
    assert routes.find("GET", "/orders/a%3Ab").parameters == {"id": "a:b"}
    assert routes.find("DELETE", "/orders/a") is None
    assert routes.find("GET", "/orders/a/b") is None


def test_a_route_lets_its_rate_and_burst_through():
    now = [0.0]
    throttle = Throttle({"*": (1, 2), "POST /x": (10, 1)}, lambda: now[0])
    assert [throttle.admits("GET /y") for _ in range(3)] == [True, True, False]
    assert [throttle.admits("POST /x") for _ in range(2)] == [True, False]
    now[0] = 0.1
    assert [throttle.admits("POST /x"), throttle.admits("GET /y")] == [True, False]


def test_requests_are_checked_as_api_gateway_checks_them():
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "maxItems": 1}}}
    operation = {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/B"}}},
        },
        "parameters": [{"name": "Key", "in": "header", "required": True}],
    }
    body = {"paths": {"/x": {"post": operation}}, "components": {"schemas": {"B": schema}}}
    match = Routes(body["paths"]).find("POST", "/x")
    checks, given = Checks(body), {"key": "k", "content-type": "application/json"}
    assert checks.fault(match, {}, given, b'{"a": []}') is None
    assert checks.fault(match, {}, given, b'{"a": [1, 2]}') is None, "API Gateway ignores maxItems"
    assert checks.fault(match, {}, given, b'{"a": 1}') == "Invalid request body"
    assert checks.fault(match, {}, given, b"{") == "Invalid request body"
    assert checks.fault(match, {}, given, b"") == "Invalid request body"
    assert "Key" in checks.fault(match, {}, {}, b'{"a": []}')
    assert checks.fault(match, {}, {**given, "content-type": "text/plain"}, b"x") is None


def test_a_policy_opens_what_it_names():
    policy = {"policyDocument": {"Statement": [{"Effect": "Allow", "Resource": "arn:x/live/*/*"}]}}
    assert allows(policy, "arn:x/live/GET/orders")
    assert not allows(policy, "arn:y/live/GET/orders")
    denied = {
        "policyDocument": {"Statement": [*policy["policyDocument"]["Statement"], {"Effect": "Deny", "Resource": ["*"]}]}
    }
    assert not allows(denied, "arn:x/live/GET/orders")
    assert plausible("Bearer a.b.c", r"^Bearer \S+$")
    assert not plausible("", None)


def test_documents_survive_their_way_to_the_edge(tmp_path):
    made = EdgeDocument(
        functions=(FunctionSpec(name="f", handler="m.h", package=str(tmp_path), environment={"A": "1"}, reserved=3),),
        apis=(ApiSpec(id="a", kind="rest", hosts=("*.x",), body={"paths": {}}, stage="live", limits={"*": (1.0, 2)}),),
        keys={"keys": []},
    )
    assert EdgeDocument.from_json(json.loads(json.dumps(made.to_json()))) == made


# Functions: real processes.

CODE = """
import os, time
def handle(event, context):
    while event.get("until") and not os.path.exists(event["until"]): time.sleep(0.01)
    if event.get("fail"): raise ValueError("as asked")
    print("said to the log")
    return {"pid": os.getpid(), "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"], "left": context.get_remaining_time_in_millis()}
"""


@pytest.fixture
async def function(tmp_path):
    package = tmp_path / "code.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("shop.py", CODE)
    made = []

    def make(**changes):
        spec = FunctionSpec(
            name="f", package=str(package), **{"handler": "shop.handle", "timeout_seconds": 60, **changes}
        )
        made.append(Function(spec, {"PATH": "/usr/bin:/bin"}, most=2))
        return made[-1]

    yield make
    for item in made:
        await item.end()


@pytest.mark.sandbox
async def test_an_environment_is_kept_and_serves_one_request_at_a_time(function, tmp_path):
    made = function()
    first = await made.call({})
    assert first["name"] == "f"
    assert 0 < first["left"] <= 60_000
    assert (await made.call({}))["pid"] == first["pid"]
    wait = {"until": str(tmp_path / "both run")}
    both = asyncio.gather(made.call(wait), made.call(wait))
    async with asyncio.timeout(60):
        while len(made.cold_starts) < 2:  # noqa: ASYNC110 - nobody is told of a cold start
            await asyncio.sleep(0.01)
    (tmp_path / "both run").touch()
    assert len({item["pid"] for item in await both}) == 2
    assert len(made.cold_starts) == 2


@pytest.mark.sandbox
async def test_limits_and_faults_are_told_as_lambda_tells_them(function, tmp_path):
    made = function(reserved=1)
    with pytest.raises(HandlerError, match="as asked") as caught:
        await made.call({"fail": True})
    assert caught.value.kind == "ValueError"
    busy = asyncio.create_task(made.call({"until": str(tmp_path / "throttled")}))
    await asyncio.sleep(0.1)
    with pytest.raises(ThrottledError):
        await made.call({})
    (tmp_path / "throttled").touch()
    await busy
    made.spec = replace(made.spec, timeout_seconds=0.5)
    with pytest.raises(TimedOutError):
        await made.call({"until": str(tmp_path / "never")})
    made.spec = replace(made.spec, timeout_seconds=60)
    assert (await made.call({}))["name"] == "f", "a new environment after one was ended"
    with pytest.raises(FunctionError, match="ModuleNotFoundError"):
        await function(handler="nowhere.handle").call({})


# Whole APIs over a function that only echoes.


class Echo:
    def __init__(self, answer=None, error=None):
        self.events, self._answer, self._error = [], answer, error

    async def call(self, event):
        self.events.append(event)
        if self._error is not None:
            raise self._error
        return self._answer(event) if self._answer else {"statusCode": 200, "body": "ok", "headers": {"a": "b"}}


URI = "arn:aws:apigateway:r:lambda:path/f/functions/arn:aws:lambda:r:1:function:{}:live/invocations"


def api(kind, scheme, *, functions, keys=None, clock=lambda: 0.0, gateway_responses=None):
    operation = {
        "security": [{"tokens": []}],
        "x-amazon-apigateway-integration": {"uri": URI.format("shop"), "timeoutInMillis": 29_000},
    }
    body = {
        "paths": {"/orders/{id}": {"get": operation, "post": operation}},
        "components": {"securitySchemes": {"tokens": {"x-amazon-apigateway-authorizer": scheme}}},
        "x-amazon-apigateway-gateway-responses": gateway_responses or {},
    }
    spec = ApiSpec(id="abc", kind=kind, hosts=("*.x",), body=body, stage="live")
    return Api(spec, function=functions.get, keys=keys or {}, region="r", account="1", clock=clock)


def request(method=b"GET", target=b"/orders/a%3Ab?x=1&x=2", body=b"", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(method, target, [(b"host", b"api.x"), *pairs], body)


@pytest.fixture(scope="module")
def signer():
    key = ec.generate_private_key(ec.SECP256R1())
    public = {**json.loads(ECAlgorithm.to_jwk(key.public_key())), "kid": "k"}

    def sign(**claims):
        body = {"iss": "https://i", "aud": "orders", "sub": "s", "exp": int(time.time()) + 60, "tenant": "t", **claims}
        return jwt.encode(body, key, "ES256", headers={"kid": "k"})

    return sign, {"keys": [public]}


async def test_an_http_api_checks_tokens_itself_and_sends_format_2(signer):
    sign, keys = signer
    shop = Echo()
    scheme = {"type": "jwt", "jwtConfiguration": {"issuer": "https://i", "audience": ["orders"]}}
    made = api("http", scheme, functions={"shop": shop}, keys=keys)
    answer = await made.answer(request(authorization=f"Bearer {sign()}", cookie="a=1; b=2"), "api.x")
    assert (answer.status, answer.body) == (200, b"ok")
    event = shop.events[0]
    assert (event["version"], event["routeKey"], event["rawQueryString"]) == ("2.0", "GET /orders/{id}", "x=1&x=2")
    assert event["pathParameters"] == {"id": "a:b"}
    assert event["queryStringParameters"] == {"x": "1,2"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["requestContext"]["authorizer"]["jwt"]["claims"]["tenant"] == "t"
    for token in ("", "Bearer x.y.z", f"Bearer {sign(exp=1)}", f"Bearer {sign(aud='other')}"):
        assert (await made.answer(request(authorization=token), "api.x")).status == 401
    assert len(shop.events) == 1


async def test_a_rest_api_asks_a_function_about_a_token_once_a_while():
    now = [0.0]
    allow = {"Statement": [{"Effect": "Allow", "Resource": "arn:aws:execute-api:r:1:abc/live/GET/*"}]}
    judge = Echo(lambda event: {"principalId": "p", "policyDocument": allow, "context": {"tenant": "t"}})
    shop = Echo()
    scheme = {"type": "token", "authorizerUri": URI.format("judge"), "authorizerResultTtlInSeconds": 60}
    scheme["identityValidationExpression"] = "^Bearer .+$"
    made = api("rest", scheme, functions={"shop": shop, "judge": judge}, clock=lambda: now[0])
    for _ in range(3):
        assert (await made.answer(request(authorization="Bearer x"), "api.x")).status == 200
    assert len(judge.events) == 1
    assert shop.events[0]["requestContext"]["authorizer"] == {"tenant": "t", "principalId": "p"}
    assert shop.events[0]["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    now[0] = 61
    await made.answer(request(authorization="Bearer x"), "api.x")
    assert len(judge.events) == 2
    assert (await made.answer(request(b"POST", authorization="Bearer x"), "api.x")).status == 403
    assert (await made.answer(request(authorization="nothing"), "api.x")).status == 401
    assert len(judge.events) == 2, "what cannot be a token costs no call"


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (ThrottledError("x"), "rest", 500),
        (ThrottledError("x"), "http", 503),
        (TimedOutError("x"), "rest", 502),
        (HandlerError("E", "x"), "http", 500),
        (None, "rest", 502),
    ],
)
async def test_a_function_that_fails_is_no_secret_of_the_api(error, kind, status):
    scheme = {"type": "token", "authorizerUri": URI.format("judge")}
    everything = {"Statement": [{"Effect": "Allow", "Resource": "*"}]}
    judge = Echo(lambda event: {"principalId": "p", "policyDocument": everything})
    shop = Echo(answer=lambda event: "no response", error=error)
    responses = {"DEFAULT_5XX": {"responseTemplates": {"application/json": '{"said": $context.error.messageString}'}}}
    made = api(kind, scheme, functions={"shop": shop, "judge": judge}, gateway_responses=responses)
    answer = await made.answer(request(authorization="Bearer x"), "api.x")
    assert answer.status == status
    assert json.loads(answer.body)["said"] == "Internal server error"
