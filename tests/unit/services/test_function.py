"""The orders service as a function: payloads of API Gateway, tenants, tokens, the document."""

import base64
import json
import time
from types import SimpleNamespace

import boto3
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from moto import mock_aws

from holdfast.testing import MemoryRegions
from holdfast.topology import Key, Region, Table, Topology
from services.orders import authorizer, journey, switch
from services.orders.app import described
from services.orders.function import Environment
from services.orders.gateway import EventRefusedError, request_of
from services.orders.openapi import FILE, ROUTES, text
from services.orders.settings import ServiceSettings
from services.orders.tenancy import Caller

HOME, OTHER = "us-east-1", "us-west-2"


def one(path, *, method="GET", body=None, headers=None, query="", tenant="t", scope=""):
    """An event of a REST API."""
    many = {name: [value] for name, value in (headers or {"content-type": "application/json"}).items()}
    pairs = [part.split("=") for part in query.split("&") if part]
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "multiValueHeaders": many,
        "multiValueQueryStringParameters": {name: [value] for name, value in pairs} or None,
        "requestContext": {"stage": "live", "authorizer": {"tenant": tenant, "scope": scope} if tenant else {}},
        "body": body,
        "isBase64Encoded": False,
    }


def two(path, *, method="GET", body=None, headers=None, query="", tenant="t"):
    """An event of an HTTP API."""
    claims = {"jwt": {"claims": {"tenant": tenant}, "scopes": None}} if tenant else {}
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers or {"content-type": "application/json"},
        "requestContext": {"stage": "$default", "http": {"method": method, "path": path}, "authorizer": claims},
        **({"body": body} if body else {}),
        "isBase64Encoded": False,
    }


@pytest.fixture
def environment():
    def table(name, key, sort=None):
        return Table(
            name=name, arn="arn:x", partition_key=Key(name=key), sort_key=Key(name=sort) if sort else None, indexes=()
        )

    tables = {"orders": table("resilient-orders", "customer_id", "order_id")}
    regions = {name: Region(name=name, tables=tables, control_table="c") for name in (HOME, OTHER)}
    topology = Topology(stack="s", home_region=HOME, regions=regions, failover=True)
    memory = MemoryRegions(regions.values())
    made = Environment(
        ServiceSettings(topology=topology, region=HOME, require_tenant=True), sender=memory.asynchronous()
    )
    yield made
    made.close()


def ask(environment, event):
    answer = environment.handle(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize("make", [one, two])
def test_an_order_is_made_and_read_in_both_formats(environment, make):
    body = json.dumps({"customer_id": "t:c", "items": []})
    status, made = ask(environment, make("/orders", method="POST", body=body))
    assert status == 201
    status, read = ask(environment, make(f"/orders/t:c/{made['order_id']}"))
    assert (status, read["order_id"]) == (200, made["order_id"])
    status, page = ask(environment, make("/orders/t%3Ac" if make is two else "/orders/t:c", query="limit=1"))
    assert (status, len(page["orders"])) == (200, 1)


def test_one_application_serves_every_request_of_an_environment(environment):
    before = environment._app
    for _ in range(3):
        assert ask(environment, one("/health", tenant=""))[0] == 200
    assert environment._app is before


def test_no_answer_within_the_time_limit_is_told(environment, monkeypatch):
    async def slow(*_):
        import asyncio

        await asyncio.sleep(600)

    monkeypatch.setattr("services.orders.function.answer", slow)
    answer = environment.handle(one("/health"), SimpleNamespace(get_remaining_time_in_millis=lambda: 600))
    assert answer["statusCode"] == 504
    assert "Idempotency-Key" in answer["body"]


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        (one("/orders", method="POST", body='{"customer_id": "other:c"}'), 403, "forbidden"),
        (one("/orders/other"), 403, "forbidden"),
        (one("/orders/t-other"), 403, "forbidden"),
        (one("/orders", query="status=pending"), 403, "forbidden"),
        (one("/orders/t", tenant=""), 401, "unauthorized"),
        (one("/orders", method="POST", body='{"customer_id": "t", "items": 1}'), 400, "invalid_request"),
        (
            one("/orders", method="POST", body='{"customer_id": "t", "n": "' + "x" * 70_000 + '"}'),
            413,
            "request_too_large",
        ),
        (one("/orders", method="POST", body="{}", headers={"content-type": "text/xml"}), 415, "not_json"),
        (one("/nowhere"), 404, "unknown_route"),
        (one("/health", method="DELETE"), 405, "unknown_method"),
    ],
)
def test_what_is_not_the_callers_or_no_request_is_refused_clearly(environment, event, status, code):
    answered = ask(environment, event)
    assert (answered[0], answered[1]["error"]["code"]) == (status, code)


def test_an_operator_sees_every_tenant(environment):
    assert ask(environment, one("/orders/other", scope="operator"))[0] == 200


def test_a_tenant_in_a_header_counts_behind_a_load_balancer_alone():
    spoofed = one("/orders/t", headers={"x-holdfast-tenant": "victim"}, tenant="")
    scope, _ = request_of(spoofed)
    assert scope["holdfast.caller"] is None
    assert not any(name == b"x-holdfast-tenant" for name, _ in scope["headers"])
    behind = {**spoofed, "headers": {"x-holdfast-tenant": "t"}, "requestContext": {"elb": {"targetGroupArn": "a"}}}
    assert request_of(behind)[0]["holdfast.caller"] == Caller(tenant="t")


def test_bodies_that_are_no_text_come_in_base64():
    event = {**one("/orders", method="POST", body=base64.b64encode(b"\xff\x00").decode()), "isBase64Encoded": True}
    assert request_of(event)[1] == b"\xff\x00"
    with pytest.raises(EventRefusedError):
        request_of({**event, "body": "not base64!"})
    with pytest.raises(EventRefusedError):
        request_of({"Records": []})


def test_the_file_of_the_document_is_what_the_service_says():
    assert FILE.read_text() == text(described()), "write it anew: python -m services.orders.openapi"


def test_every_route_says_how_consistent_it_is():
    for item in described()["paths"].values():
        for operation in item.values():
            assert len(operation["x-holdfast-consistency"]) > 20
    assert set(ROUTES) == {f"{method.upper()} {path}" for path, item in described()["paths"].items() for method in item}


# Tokens.

ISSUER = "https://login.example.com"
ENVIRONMENT = {"TOKEN_ISSUER": ISSUER, "TOKEN_AUDIENCE": "orders,billing"}
ARN = "arn:aws:execute-api:us-east-1:111122223333:abc/live/POST/orders"


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


def keys_of(key):
    return json.dumps({"keys": [{**json.loads(ECAlgorithm.to_jwk(key.public_key())), "kid": "k1"}]})


def token(key, *, kid="k1", **claims):
    now = int(time.time())
    body = {"iss": ISSUER, "aud": "orders", "sub": "me", "exp": now + 60, "tenant": "t", **claims}
    return jwt.encode({k: v for k, v in body.items() if v is not None}, key, "ES256", headers={"kid": kid})


def judge(key, text):
    made = authorizer.Authorizer({**ENVIRONMENT, "TOKEN_KEYS": keys_of(key)})
    return made.judge({"authorizationToken": f"Bearer {text}", "methodArn": ARN})


def test_a_good_token_opens_the_stage_for_its_tenant(key):
    answer = judge(key, token(key, scope="a operator"))
    assert answer["context"] == {"tenant": "t", "scope": "operator"}
    assert (
        answer["policyDocument"]["Statement"][0]["Resource"]
        == "arn:aws:execute-api:us-east-1:111122223333:abc/live/*/*"
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"iss": "https://evil.example.com"},
        {"aud": "other"},
        {"tenant": None},
        {"tenant": "a b"},
        {"tenant": ["t"]},
        {"nbf": 4_000_000_000},
        {"kid": "unknown"},
    ],
)
def test_a_token_that_cannot_be_trusted_is_refused(key, claims):
    with pytest.raises(authorizer.UnauthorizedError, match=r"^Unauthorized$"):
        judge(key, token(key, **claims))


def test_tokens_of_other_keys_and_weaker_kinds_are_refused(key):
    other = ec.generate_private_key(ec.SECP256R1())
    now = int(time.time())
    body = {"iss": ISSUER, "aud": "orders", "sub": "me", "exp": now + 60, "tenant": "t"}
    for forged in (
        token(other),
        jwt.encode(body, None, "none", headers={"kid": "k1"}),
        jwt.encode(body, "a shared secret of enough bytes!", "HS256", headers={"kid": "k1"}),
        "garbage",
        "a.b.c",
        "",
    ):
        with pytest.raises(authorizer.UnauthorizedError):
            judge(key, forged)


def test_forged_tokens_do_not_make_the_issuer_busy(key):
    asked = []
    clock = [0.0]

    def fetch(url):
        asked.append(url)
        return keys_of(key)

    keys = authorizer.Keys(ISSUER, None, fetch=fetch, clock=lambda: clock[0])
    assert keys.find("k1") is not None
    for _ in range(5):
        assert keys.find("forged") is None
    assert asked == [f"{ISSUER}/.well-known/jwks.json"]
    clock[0] = 61
    assert keys.find("forged") is None
    assert len(asked) == 2


def test_a_known_key_stays_good_while_the_issuer_is_away(key):
    answers = iter([keys_of(key)])

    def fetch(_):
        try:
            return next(answers)
        except StopIteration:
            raise OSError("away") from None

    keys = authorizer.Keys(ISSUER, None, fetch=fetch, clock=iter([0.0, 0.0, 100.0, 100.0]).__next__)
    assert keys.find("k1")
    assert keys.find("other") is None
    assert keys.find("k1")


# The journey and the switch.


def test_a_journey_tells_the_step_that_a_customer_would_not_get_through():
    def send(method, url, headers, body):
        if url.endswith("/orders") and method == "POST":
            return journey.Answer(503, {"error": {"code": "unavailable"}})
        raise AssertionError(url)

    with pytest.raises(journey.JourneyError, match="create: 503 unavailable"):
        journey.travel("http://a", "http://b", customer="c", ask=send)


def test_a_journey_does_not_blame_a_region_for_the_other_one(monkeypatch):
    monkeypatch.setattr(journey, "REPLICATION_SECONDS", 0.05)
    seen = []

    def send(method, url, headers, body):
        if url.startswith("http://b"):
            raise OSError
        seen.append((method, url))
        if method == "POST" and url.endswith("/orders"):
            again = sum(item == (method, url) for item in seen) > 1
            return journey.Answer(200 if again else 201, {"order_id": "o"})
        return journey.Answer(200, {"orders": [{"order_id": "o"}]})

    report = journey.travel("http://a", "http://b", customer="c", ask=send, pause=lambda _: None)
    assert report.steps["elsewhere"] == journey.UNKNOWN
    assert "process" in report.steps


def test_a_switch_takes_its_own_region_into_service_before_it_flags_the_others(monkeypatch):
    monkeypatch.setenv("AWS_REGION", OTHER)
    monkeypatch.setenv("CONTROL_TABLE", "c")
    monkeypatch.setenv("OTHER_REGIONS", HOME)
    written = []

    class ClashError(Exception):
        pass

    class Client:
        exceptions = SimpleNamespace(ConditionalCheckFailedException=ClashError)
        clashes = 1

        def get_item(self, **_):
            return {"Item": {"epoch": {"N": "4"}}}

        def put_item(self, Item, **_):  # noqa: N803 - DynamoDB's
            if Client.clashes:
                Client.clashes -= 1
                raise ClashError
            written.append((Item["scope"]["S"], Item["evacuated"]["BOOL"], Item["epoch"]["N"]))

    assert switch.handle({}, None, client=Client()) == {"epochs": {OTHER: 5, HOME: 5}}
    assert written == [(f"region#{OTHER}", False, "5"), (f"region#{HOME}", True, "5")]


@pytest.fixture
def flags(monkeypatch):
    """The control table of a region, as a switch's function reaches it."""
    with mock_aws():
        monkeypatch.setenv("AWS_REGION", OTHER)
        monkeypatch.setenv("CONTROL_TABLE", "c")
        monkeypatch.setenv("OTHER_REGIONS", HOME)
        client = boto3.client("dynamodb", region_name=OTHER)
        client.create_table(
            TableName="c",
            KeySchema=[{"AttributeName": "scope", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "scope", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


def test_the_dry_run_of_a_switch_tells_what_it_would_write_and_writes_nothing(flags):
    told = switch.handle({"dry_run": True}, None, client=flags)
    assert told == {
        "dry_run": {
            OTHER: {"evacuated_now": False, "evacuated_then": False},
            HOME: {"evacuated_now": False, "evacuated_then": True},
        }
    }
    assert flags.scan(TableName="c")["Items"] == []
    switch.handle({}, None, client=flags)
    before = flags.scan(TableName="c")["Items"]
    assert switch.handle({"dry_run": True}, None, client=flags)["dry_run"][HOME]["evacuated_now"] is True
    assert flags.scan(TableName="c")["Items"] == before


def test_a_dry_run_fails_as_the_switch_would(flags):
    flags.delete_table(TableName="c")
    with pytest.raises(flags.exceptions.ResourceNotFoundException):
        switch.handle({"dry_run": True}, None, client=flags)
