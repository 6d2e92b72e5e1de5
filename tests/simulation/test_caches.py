"""Caches for real: DAX by AWS's client against the stand-in, a Redis cluster, both gone; and who may see what."""

import asyncio
import json
import time
import uuid
from dataclasses import replace

import boto3
import pytest

from holdfast import AsyncClient, Client, errors, scope
from holdfast.caching import CachePolicy
from holdfast.caching.dax import AsyncDaxReader, DaxReader
from holdfast.principals import PrincipalClients, PrincipalCredentials
from holdfast.resilience import Policy
from holdfast.results import CallInfo
from tests.patience import PATIENT, until

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(180), pytest.mark.usefixtures("quiet")]
HOME = "us-east-1"
RESET_SECONDS = 1.0
FAILURES = 5
# A machine may be busy: only a cache that is gone is given up in time.
POLICY = Policy(timeout=PATIENT, cache=CachePolicy(timeout_seconds=20, dax_timeout_seconds=20))
GONE_POLICY = Policy(
    timeout=PATIENT,
    cache=CachePolicy(failure_threshold=FAILURES, reset_seconds=RESET_SECONDS, dax_timeout_seconds=20),
)
CACHES = ("elasticache", "dax")


@pytest.fixture(scope="module")
def stack(cloud):
    """The topology with DAX beside Redis in the home region, which no client leaves: its caches alone fail here."""
    dax = cloud.sandbox.start_dax(HOME, nodes=1)["endpoint"]
    regions = dict(cloud.topology.regions)
    regions[HOME] = replace(regions[HOME], dax_endpoint=dax)
    yield replace(cloud.topology, regions=regions, failover=False)
    cloud.sandbox.stop_dax(HOME)


def only(stack, *, redis=False, dax=False):
    home = stack.regions[HOME]
    home = replace(
        home, redis_endpoint=home.redis_endpoint if redis else None, dax_endpoint=home.dax_endpoint if dax else None
    )
    return replace(stack, regions={**stack.regions, HOME: home})


class Waiting:
    """A table whose methods wait."""

    def __init__(self, table, loop):
        self._table, self._loop = table, loop

    def __getattr__(self, name):
        method = getattr(self._table, name)
        return lambda *given, **more: self._loop.run_until_complete(method(*given, **more))


class Async:
    """A sync face of an async client, so that one test tries both."""

    def __init__(self, topology, **options):
        self.loop = asyncio.new_event_loop()
        self.client = AsyncClient(topology, **options)
        self.pipeline = self.client.pipeline

    def table(self, name):
        return Waiting(self.client.table(name), self.loop)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.loop.run_until_complete(self.client.close())
        self.loop.close()


KINDS = pytest.mark.parametrize("kind", [Client, Async], ids=["sync", "async"])


def served(table, key):
    """Who answered a get of that key, and what."""
    info = CallInfo()
    item = table.get({"pk": key}, info=info)
    return info.region, item


def kept(table, items):
    """Write and read items until Redis has them all: what it was not told of in time, it gets with the next write."""

    def written_and_read():
        for key, number in items.items():
            table.put({"pk": key, "n": number})
        return all((served(table, key), served(table, key)[0])[1] == "cache" for key in items)

    until(written_and_read, f"{len(items)} items in Redis")


@KINDS
def test_reads_go_through_dax_until_an_item_is_written(stack, kind):
    key = f"dax-{uuid.uuid4().hex}"
    with kind(only(stack, dax=True), policy=POLICY) as client:
        table = client.table("items")
        assert served(table, key) == ("dax", None), "that there is no such item is an answer of DAX too"
        table.put({"pk": key, "n": 1, "b": b"x", "l": [1, {"k": {"s"}}]})
        written = {"pk": key, "n": 1, "b": b"x", "l": [1, {"k": {"s"}}]}
        assert served(table, key) == (HOME, written), "DAX has not seen a write that went past it"
    with kind(only(stack, dax=True), policy=POLICY) as another:
        region, item = served(another.table("items"), key + "-unread")
        assert (region, item) == ("dax", None)


@KINDS
def test_redis_answers_before_dax_and_dax_before_the_table(stack, kind):
    with Client(only(stack)) as writer, kind(stack, policy=POLICY) as client:
        table = client.table("items")

        def by_layer():
            item = {"pk": f"layers-{uuid.uuid4().hex}", "n": 7}
            writer.table("items").put(item)
            return [served(table, item["pk"]) for _ in range(2)] == [("dax", item), ("cache", item)]

        until(by_layer, "a read through DAX, and the next from Redis")


def test_the_health_of_dax_is_told_with_its_latency(stack):
    endpoint = stack.regions[HOME].dax_endpoint
    reader = DaxReader(endpoint, HOME, timeout_seconds=20)
    health = reader.health("items", ["pk"])
    assert health.healthy, health.why
    assert 0 < health.latency_seconds < 20
    reader.close()
    gone = DaxReader("dax://127.0.0.1:9", HOME, timeout_seconds=0.3)
    health = gone.health("items", ["pk"])
    assert not health.healthy
    assert health.why
    gone.close()

    async def other():
        reader = AsyncDaxReader(endpoint, HOME, timeout_seconds=20)
        health = await reader.health("items", ["pk"])
        await reader.close()
        return health

    assert asyncio.run(other()).healthy


def counted(client):
    """The requests that a client makes to Redis from now on."""
    store, asked = client.pipeline._store, []
    run = store.run

    def counting(step):
        asked.append(step)
        return run(step)

    store.run = counting
    return asked


@KINDS
@pytest.mark.parametrize("loss", ["cut", "blackhole"])
def test_redis_and_dax_both_gone_cost_latency_and_no_error(cloud, stack, kind, loss):
    items = {f"gone-{uuid.uuid4().hex}": number for number in range(20)}
    with kind(stack, policy=GONE_POLICY) as client:
        table = client.table("items")
        kept(table, items)
        made = [cloud.sandbox.fault(HOME, loss, service=service) for service in CACHES]
        asked, began = counted(client), time.monotonic()
        try:
            for turn in range(4):
                for key, number in items.items():
                    assert served(table, key) == (HOME, {"pk": key, "n": number + 100 * turn}), "the table answers"
                    if number % 5 == 0:
                        table.put({"pk": key, "n": number + 100 * (turn + 1)})
                    else:
                        table.put({"pk": key, "n": number + 100 * (turn + 1)}, condition="attribute_exists(pk)")
        finally:
            for fault in made:
                cloud.sandbox.heal(fault_id=fault)
        probes = 1 + (time.monotonic() - began) / RESET_SECONDS
        assert 0 < len(asked) <= FAILURES + probes, (
            "a cache that is gone is left alone, and costs nothing but its probes"
        )
        last = {key: number + 400 for key, number in items.items()}
        assert {key: served(table, key)[1]["n"] for key in last} == last, "nothing from before the outage is served"
        kept(table, last)
        assert {key: served(table, key)[1]["n"] for key in last} == last


def test_what_one_principal_cached_another_does_not_see(stack):
    key = f"own-{uuid.uuid4().hex}"
    with Client(only(stack, redis=True), policy=POLICY) as client:
        table = client.table("items")

        def of(principal):
            with scope(principal=principal):
                return served(table, key)

        def annas():
            table.put({"pk": key, "n": 1})
            return [of("anna")[0] for _ in range(2)][1] == "cache"

        until(annas, "anna's read from Redis")
        assert of("bert")[0] != "cache", "bert's first read is not served by anna's entry"
        assert served(table, key)[0] != "cache", "nor is a read of nobody in particular"
        table.put({"pk": key, "n": 2})
        assert of("anna")[1] == of("bert")[1] == {"pk": key, "n": 2}, "a write ends the entries of all"


@pytest.fixture
def sts(cloud):
    """Authorization on, with a role that principals assume."""
    iam = boto3.client("iam", region_name=HOME, endpoint_url=cloud.sandbox.gateways[HOME])
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    role = iam.create_role(
        RoleName=f"items-{uuid.uuid4().hex[:8]}",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]
    allowed = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    iam.put_role_policy(
        RoleName=role["RoleName"], PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )  # fmt: skip
    cloud.sandbox.authorize()
    yield boto3.client("sts", region_name=HOME, endpoint_url=cloud.sandbox.gateways[HOME]), role["Arn"]
    cloud.sandbox.authorize(enabled=False)


def test_a_session_that_overreaches_is_denied_and_no_cache_helps_it(stack, sts):
    client, role = sts
    arns = [f"arn:aws:dynamodb:{region}:111122223333:table/items" for region in stack.regions]
    credentials = PrincipalCredentials(client, role, arns, separator="#")
    anna, bert = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("anna", "bert"))
    with Client(only(stack, redis=True), policy=POLICY) as everyone:
        secret = everyone.table("items")
        kept(secret, {f"{bert}#1": 1})
        clients = PrincipalClients(credentials, stack, policy=POLICY)
        table = clients.of(anna).table("items")
        table.put({"pk": f"{anna}#1", "n": 1})
        assert table.get({"pk": f"{anna}#1"}, consistent=True) == {"pk": f"{anna}#1", "n": 1}
        for overreach in (
            lambda: table.get({"pk": f"{bert}#1"}),
            lambda: table.put({"pk": f"{bert}#1", "n": 2}),
            lambda: table.put({"pk": anna + "x", "n": 2}),
            lambda: table.delete({"pk": f"{bert}#1"}),
            lambda: list(table.query("pk = :p", values={":p": f"{bert}#1"})),
            lambda: list(table.scan()),
        ):
            with pytest.raises(errors.AccessDeniedError):
                overreach()
        mine = clients.of(bert).table("items")
        assert mine.get({"pk": f"{bert}#1"}, consistent=True) == {"pk": f"{bert}#1", "n": 1}
        assert clients.of(anna) is not clients.of(bert)
        clients.close()
