"""The edge's proof, part by part: what is read from a state, what is measured, what is demanded."""

import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import jwt
import pytest

from ops.edge import documents
from ops.edge.figures import expected_dns_seconds, failures_of, left, returned
from ops.edge.issuer import Issuer
from ops.edge.journeys import Watch
from ops.edge.plan import EdgeDemands
from ops.edge.refusals import cases
from ops.edge.serving import pace
from ops.edge.session import demands_of
from ops.errors import OpsError
from ops.load.history import Attempt, History
from ops.package import archive, contents

HOME, OTHER = "us-east-1", "us-west-2"


def resource(kind, name, resource_id="", /, **inputs):
    return {"type": kind, "urn": f"urn:pulumi:s::p::{kind}::{name}", "id": resource_id, "inputs": inputs}


BODY = {"paths": {"/orders": {"post": {}}}}
STATE = [
    resource("aws:lambda/function:Function", f"{HOME}-orders-function", name="shop-orders", handler="services.orders.function.handle",
             timeout=10, memorySize=1024, reservedConcurrentExecutions=200, environment={"variables": {"A": "own", "B": "own"}}),
    resource("aws:lambda/function:Function", f"{HOME}-auth", name="shop-auth", handler="services.orders.authorizer.handle"),
    resource("aws:lambda/function:Function", f"{HOME}-rotate", name="rotate", handler="handler.handle"),
    resource("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", f"{HOME}-ready",
             functionName="shop-orders", provisionedConcurrentExecutions=2),
    resource("aws:apigateway/restApi:RestApi", f"{HOME}-api", "abc", body=json.dumps(BODY)),
    resource("aws:apigateway/stage:Stage", f"{HOME}-api-stage", stageName="live"),
    resource("aws:apigateway/domainName:DomainName", f"{HOME}-api-domain", domainName="*.orders.example.com"),
    resource("aws:apigateway/methodSettings:MethodSettings", f"{HOME}-limit-0", methodPath="*/*",
             settings={"throttlingRateLimit": 1000, "throttlingBurstLimit": 500}),
    resource("aws:apigateway/methodSettings:MethodSettings", f"{HOME}-limit-1", methodPath="orders~1process/POST",
             settings={"throttlingRateLimit": 200, "throttlingBurstLimit": 100}),
    resource("aws:route53/zone:Zone", "zone", "Z1", name="orders.example.com"),
    resource("aws:route53/record:Record", "api-us-east-1", name="api.orders.example.com", type="CNAME", ttl=20,
             records=["us-east-1.orders.example.com"], setIdentifier=HOME, healthCheckId="hc-1",
             latencyRoutingPolicies=[{"region": HOME}]),
    resource("aws:route53/record:Record", "name-us-east-1", name="us-east-1.orders.example.com", type="A",
             aliases=[{"name": "d-1.execute-api.us-east-1.amazonaws.com", "zoneId": "Z", "evaluateTargetHealth": False}]),
    resource("aws:route53/healthCheck:HealthCheck", "deep-us-east-1", "hc-1", type="HTTPS", fqdn="us-east-1.orders.example.com",
             resourcePath="/health/deep", requestInterval=10, failureThreshold=3),
    resource("aws:cloudwatch/metricAlarm:MetricAlarm", "eu-west-1-alarm-journeys", name="shop-journeys-to-us-east-1"),
]  # fmt: skip


def test_functions_and_apis_are_read_from_the_state_of_their_region():
    made = documents.edge(STATE, HOME, package="p.zip", environment={"B": "sandbox"}, keys={"keys": []})
    orders, authorizer = made.functions
    assert (orders.name, orders.reserved, orders.ready, orders.timeout_seconds) == ("shop-orders", 200, 2, 10)
    assert orders.environment == {"A": "own", "B": "sandbox"}
    assert json.loads(authorizer.environment["TOKEN_KEYS"]) == {"keys": []}
    (api,) = made.apis
    assert (api.id, api.kind, api.hosts, api.body) == ("abc", "rest", ("*.orders.example.com",), BODY)
    assert api.limits == {"*": (1000.0, 500), "POST /orders/process": (200.0, 100)}
    assert documents.edge(STATE, OTHER, package="p.zip", environment={}, keys={}).functions == ()


def test_names_and_checks_are_read_from_the_state():
    made = documents.names(STATE, pace=0.1, home=HOME)
    assert made.zones == ("orders.example.com",)
    named, plain = made.records
    assert (named.policy, named.region, named.health_check, named.ttl_seconds) == ("latency", HOME, "hc-1", 20)
    assert plain.alias.startswith("d-1.execute-api")
    (check,) = made.checks
    assert (check.name, check.interval_seconds, check.failures, check.path) == ("deep-us-east-1", 10, 3, "/health/deep")
    assert made.viewer == {"region": HOME, "continent": "NA"}
    assert documents.journey_alarms(STATE, "eu-west-1") == {HOME: "shop-journeys-to-us-east-1"}


def attempt(done, region, *, good=True, number=0):
    return Attempt(
        order=number, customer="c", sent=done - 0.1, done=done, status=201 if good else None, region=region,
        order_id="o" if good else None, error="" if good else "TimeoutError",
    )  # fmt: skip


def test_leaving_is_the_first_success_elsewhere_and_what_failed_before():
    history = History([attempt(9, HOME), attempt(11, HOME, good=False), attempt(12, OTHER), attempt(13, OTHER)])
    assert left(history, HOME, 10, 20) == {
        "first_success_elsewhere_seconds": 2,
        "requests": 3,
        "failed": 1,
        "errors": {"TimeoutError": 1},
    }
    assert left(history, OTHER, 12.5, 20)["first_success_elsewhere_seconds"] is None


def test_coming_back_is_measured_with_its_errors():
    history = History([attempt(11, OTHER), attempt(12, HOME, good=False), attempt(14, HOME), attempt(15, HOME)])
    found = returned(history, HOME, 10, 20)
    assert (found["first_success_at_home_seconds"], found["failed_percent"]) == (4, 25.0)


def test_dns_alone_takes_detection_and_time_to_live():
    assert expected_dns_seconds(10, 3, 20, 1) == 50
    assert expected_dns_seconds(10, 3, 20, 0.1) == 5
    assert expected_dns_seconds(10, 3, 20, 0.01) == pytest.approx(1.3), "an answer is kept for a second at least"


def evidence(**changes):
    way = {"first_success_elsewhere_seconds": 2.0, "requests": 9, "failed": 1, "errors": {}}
    home = {"first_success_at_home_seconds": 3.0, "failed_percent": 0.0}
    ways = ("dns", "flag", "own")
    return {
        "expected_dns_seconds": 5,
        "flagged_after_seconds": 2,
        "cut": dict.fromkeys(ways, way),
        "healed": dict.fromkeys(ways, home),
        "evacuated": {name: {**way, "failed": 0} for name in ways},
        "readmitted": dict.fromkeys(ways, home),
        "lost": 0,
        "refused": {"x": {"ok": True}},
        "journeys": {HOME: {"ok": True}},
        **changes,
    }


def test_a_proof_that_meets_every_demand_has_no_failures():
    assert failures_of(evidence(), EdgeDemands()) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"lost": 2}, "2 acknowledged orders cannot be read"),
        ({"refused": {"old key": {"ok": False, "said": "201"}}}, "bad request 'old key': 201"),
        ({"journeys": {HOME: {"ok": False, "said": "create: 503"}}}, "the journey through us-east-1 failed"),
        ({"expected_dns_seconds": -10}, "leave by dns were served elsewhere after 2.0 s"),
        ({"cut": {way: {"first_success_elsewhere_seconds": None} for way in ("dns", "flag", "own")}}, "never served"),
        ({"healed": {"dns": {"first_success_at_home_seconds": None, "failed_percent": 9.0}}}, "did not come back"),
        ({"evacuated": {"dns": {"first_success_elsewhere_seconds": 1, "failed": 3}}}, "a flag fails none"),
    ],
)
def test_what_is_not_met_is_told(changes, says):
    assert any(says in failure for failure in failures_of(evidence(**changes), EdgeDemands()))


def test_an_alarm_rings_after_three_bad_journeys_and_ends_with_a_good_one():
    watch = Watch("us-east-1")
    seen = []
    for passed in (True, False, False, True, False, False, False, False, True):
        watch.judged(passed=passed, said="")
        seen.append(watch.alarm)
    assert seen == [False] * 6 + [True, True, False]
    assert len(watch.alarms) == 1


@pytest.fixture
def issuer(tmp_path):
    return Issuer.open(tmp_path / "s", issuer="https://login.example.com", audience="orders", tenant_claim="tenant")


def test_the_issuers_key_is_made_once_and_kept_from_others(issuer, tmp_path):
    again = Issuer.open(tmp_path / "s", issuer="https://login.example.com", audience="orders", tenant_claim="tenant")
    assert again.keys == issuer.keys
    assert ((tmp_path / "s" / "issuer.pem").stat().st_mode & 0o777) == 0o600
    claims = jwt.decode(issuer.token("t"), jwt.PyJWK(issuer.keys["keys"][0]), algorithms=["ES256"], audience="orders")
    assert (claims["tenant"], claims["iss"]) == ("t", "https://login.example.com")


def test_bad_requests_cover_what_they_should_and_are_told_apart(issuer):
    found = list(cases(issuer, replayed="1-x"))
    names = [bad.name for bad in found]
    assert len(names) == len(set(names)) >= 40
    for word in ("oversize", "expired", "forged", "another tenant", "replayed", "unsigned", "expression"):
        assert any(word in name for name in names), word
    assert all(400 <= status < 500 for bad in found for status in bad.status)


def test_the_pace_is_a_number_that_makes_sense(monkeypatch):
    monkeypatch.setenv("HOLDFAST_DNS_PACE", "1")
    assert pace() == 1
    for text in ("0", "2", "fast"):
        monkeypatch.setenv("HOLDFAST_DNS_PACE", text)
        with pytest.raises(OpsError, match="HOLDFAST_DNS_PACE"):
            pace()


def test_the_same_files_make_the_same_archive_wherever_they_were(tmp_path, request):
    project = request.config.rootpath
    files = contents.function(project)
    first = archive.write(tmp_path / "a.zip", files, compress=False)
    assert archive.write(tmp_path / "b.zip", dict(reversed(files.items())), compress=False) == first
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: archive.write(tmp_path / "c.zip", files, compress=False), range(4)))
    assert set(made) == {first}, "two commands may build at the same moment"
    assert sorted(path.name for path in tmp_path.glob("*")) == ["a.zip", "b.zip", "c.zip"]
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert {"services/orders/function.py", "holdfast/client.py", "services/orders/openapi.json"} <= files.keys()
    assert not any("simulation" in name or "__pycache__" in name for name in files)


@pytest.mark.parametrize(("homed", "seconds"), [(False, 8), (True, 16)])
def test_where_keys_have_homes_customers_who_route_by_themselves_get_longer(homed, seconds):
    assert demands_of(SimpleNamespace(homed=homed)).own_seconds == seconds
