"""Redis and DAX of a region: real clients talk to them, nodes die, and a cut region takes its caches along."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
import redis
from amazondax import AmazonDaxClient
from redis.backoff import NoBackoff
from redis.retry import Retry

from sandbox.cloud import Sandbox, SandboxError

pytestmark = pytest.mark.sandbox

Clients = Callable[..., Any]
ONCE = Retry(NoBackoff(), 0)
KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}


def eventually(call: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="module")
def cluster(sandbox: Sandbox) -> dict[str, Any]:
    return dict(sandbox.start_redis("us-east-1", shards=3, replicas=1, auth_token="a-token-of-16-characters"))


def connect(cluster: dict[str, Any]) -> redis.RedisCluster:
    return redis.RedisCluster(
        host=cluster["host"],
        port=cluster["port"],
        password="a-token-of-16-characters",
        ssl=True,
        ssl_ca_certs=cluster["ca_file"],
        socket_timeout=30,
        socket_connect_timeout=30,
        retry=ONCE,
    )


def test_redis_serves_over_tls_and_survives_a_primary(sandbox: Sandbox, cluster: dict[str, Any]) -> None:
    client = connect(cluster)
    for number in range(30):
        client.set(f"k{number}", number)
    assert client.get("k7") == b"7"
    assert len(cluster["nodes"]) == 6
    assert sandbox.start_redis("us-east-1", shards=3, replicas=1, auth_token="a-token-of-16-characters") == cluster
    with pytest.raises(SandboxError, match="runs with"):
        sandbox.start_redis("us-east-1", shards=4)

    part = next(part for part in sandbox.status().parts if part.name == "redis/us-east-1/0")
    os.kill(part.pid or 0, signal.SIGKILL)
    second = {**cluster, "port": int(cluster["nodes"][1].rpartition(":")[2])}

    def write_all() -> None:
        after = connect(second)
        for number in range(30):
            after.set(f"k{number}", number)

    eventually(write_all)
    assert "redis/us-east-1/0" in sandbox.status().crashed


def test_redis_asks_for_its_token(cluster: dict[str, Any]) -> None:
    port = int(cluster["nodes"][1].split(":")[1])
    client = redis.Redis(port=port, ssl=True, ssl_ca_certs=cluster["ca_file"], socket_timeout=30, retry=ONCE)
    with pytest.raises(redis.AuthenticationError):
        client.ping()


@pytest.mark.parametrize("kind", ["cut", "blackhole"])
def test_a_region_that_is_gone_takes_its_redis_along(
    sandbox: Sandbox, cluster: dict[str, Any], client: Clients, kind: Any
) -> None:
    del client  # heals afterwards
    port = int(cluster["nodes"][1].split(":")[1])
    node = redis.Redis(
        port=port,
        ssl=True,
        ssl_ca_certs=cluster["ca_file"],
        password="a-token-of-16-characters",
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=ONCE,
    )
    assert eventually(node.ping)
    sandbox.fault("us-east-1", kind)
    with pytest.raises(redis.RedisError):
        node.ping()
    sandbox.heal()
    assert eventually(node.ping)


@pytest.mark.parametrize(("shards", "replicas"), [(2, 1), (3, 6)])
def test_a_redis_that_cannot_be_is_refused(sandbox: Sandbox, shards: int, replicas: int) -> None:
    with pytest.raises(SandboxError, match=r"at least 3 shards|0 to 5 replicas"):
        sandbox.start_redis("us-west-2", shards=shards, replicas=replicas)


@contextlib.contextmanager
def running_dax(sandbox: Sandbox, ttl_seconds: float) -> Iterator[Any]:
    found = sandbox.start_dax("us-east-1", nodes=3, record_ttl_seconds=ttl_seconds, query_ttl_seconds=ttl_seconds)
    session = botocore.session.get_session()
    session.set_credentials("a", "b")
    client = AmazonDaxClient(session, region_name="us-east-1", endpoint_url=found["endpoint"])
    yield client
    client.close()
    sandbox.stop_dax("us-east-1")


@pytest.fixture
def dax(sandbox: Sandbox) -> Iterator[Any]:
    with running_dax(sandbox, 300) as client:
        yield client


def test_dax_serves_every_type_and_expression(dax: Any, client: Clients, global_table: str) -> None:
    item = {
        **KEY,
        "s": {"S": "text"},
        "n": {"N": "-1.25"},
        "b": {"B": b"\x00\x01"},
        "t": {"BOOL": True},
        "z": {"NULL": True},
        "l": {"L": [{"N": "1"}, {"M": {"q": {"SS": ["x"]}}}]},
        "ns": {"NS": ["1", "2"]},
    }
    dax.put_item(TableName=global_table, Item=item)
    assert client("dynamodb").get_item(TableName=global_table, Key=KEY)["Item"] == item
    assert dax.get_item(TableName=global_table, Key=KEY)["Item"] == item
    partial = dax.get_item(TableName=global_table, Key=KEY, ProjectionExpression="s, l[1].q")["Item"]
    assert partial == {"s": {"S": "text"}, "l": {"L": [{"M": {"q": {"SS": ["x"]}}}]}}

    updated = dax.update_item(
        TableName=global_table,
        Key=KEY,
        UpdateExpression="SET s = :new, c = if_not_exists(c, :zero) + :one REMOVE b ADD ns :more",
        ConditionExpression="attribute_exists(pk) AND (n < :zero OR NOT s IN (:new, :zero)) AND size(s) > :one",
        ExpressionAttributeValues={
            ":new": {"S": "other"},
            ":zero": {"N": "0"},
            ":one": {"N": "1"},
            ":more": {"NS": ["3"]},
        },
        ReturnValues="UPDATED_NEW",
    )
    assert updated["Attributes"]["c"] == {"N": "1"}
    assert dax.get_item(TableName=global_table, Key=KEY)["Item"]["s"] == {"S": "other"}
    with pytest.raises(Exception, match="ConditionalCheckFailed"):
        dax.put_item(TableName=global_table, Item=KEY, ConditionExpression="attribute_not_exists(pk)")

    keys = [{"pk": {"S": "many"}, "sk": {"S": f"{number}"}} for number in range(5)]
    dax.batch_write_item(RequestItems={global_table: [{"PutRequest": {"Item": key}} for key in keys]})
    got = dax.batch_get_item(RequestItems={global_table: {"Keys": [*keys[:2], {**KEY, "sk": {"S": "absent"}}]}})
    assert sorted(entry["sk"]["S"] for entry in got["Responses"][global_table]) == ["0", "1"]
    page = dax.query(
        TableName=global_table,
        KeyConditionExpression="pk = :p AND sk BETWEEN :low AND :high",
        ExpressionAttributeValues={":p": {"S": "many"}, ":low": {"S": "1"}, ":high": {"S": "3"}},
        Limit=2,
    )
    assert [entry["sk"]["S"] for entry in page["Items"]] == ["1", "2"]
    assert page["LastEvaluatedKey"] == keys[2]
    assert dax.scan(TableName=global_table)["Count"] == 6
    old = dax.delete_item(TableName=global_table, Key=keys[0], ReturnValues="ALL_OLD")
    assert old["Attributes"] == keys[0]
    with pytest.raises(Exception, match="does not serve TransactGetItems: send it to DynamoDB"):
        dax.transact_get_items(TransactItems=[{"Get": {"TableName": global_table, "Key": KEY}}])


@pytest.mark.usefixtures("dax")
def test_dax_serves_over_tls(sandbox: Sandbox, global_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = sandbox.start_dax("us-east-1", nodes=3, record_ttl_seconds=300, query_ttl_seconds=300)
    session = botocore.session.get_session()
    session.set_credentials("a", "b")
    endpoint = found["endpoint"].replace("dax://", "daxs://")
    monkeypatch.setenv("SSL_CERT_FILE", found["ca_file"])
    trusting = AmazonDaxClient(session, region_name="us-east-1", endpoint_url=endpoint)
    trusting.put_item(TableName=global_table, Item={**KEY, "v": {"N": "1"}})
    assert trusting.get_item(TableName=global_table, Key=KEY)["Item"]["v"] == {"N": "1"}
    trusting.close()
    for refused, request in (("TransactGetItems", "Get"), ("TransactWriteItems", "Delete")):
        plain = AmazonDaxClient(session, region_name="us-east-1", endpoint_url=found["endpoint"])
        call = plain.transact_get_items if request == "Get" else plain.transact_write_items
        with pytest.raises(Exception, match=f"does not serve {refused}: send it to DynamoDB"):
            call(TransactItems=[{request: {"TableName": global_table, "Key": KEY}}])
        plain.close()


def test_dax_caches_and_does_not_see_replicated_writes(
    dax: Any, client: Clients, global_table: str, sandbox: Sandbox
) -> None:
    sandbox.set_lag(0)
    dax.put_item(TableName=global_table, Item={**KEY, "v": {"N": "1"}})
    client("dynamodb", "us-west-2").put_item(TableName=global_table, Item={**KEY, "v": {"N": "2"}})
    home = client("dynamodb")
    eventually(lambda: {"2": True}[home.get_item(TableName=global_table, Key=KEY)["Item"]["v"]["N"]])
    assert dax.get_item(TableName=global_table, Key=KEY)["Item"]["v"] == {"N": "1"}
    assert dax.get_item(TableName=global_table, Key=KEY, ConsistentRead=True)["Item"]["v"] == {"N": "2"}

    absent = {**KEY, "sk": {"S": "later"}}
    assert "Item" not in dax.get_item(TableName=global_table, Key=absent)
    home.put_item(TableName=global_table, Item=absent)
    assert "Item" not in dax.get_item(TableName=global_table, Key=absent)


def test_dax_caches_no_longer_than_its_ttl(sandbox: Sandbox, client: Clients, global_table: str) -> None:
    with running_dax(sandbox, 1) as dax:
        dax.put_item(TableName=global_table, Item={**KEY, "v": {"N": "1"}})
        client("dynamodb").put_item(TableName=global_table, Item={**KEY, "v": {"N": "2"}})  # past the cache
        eventually(lambda: {"2": True}[dax.get_item(TableName=global_table, Key=KEY)["Item"]["v"]["N"]])


def test_dax_survives_a_node(dax: Any, sandbox: Sandbox, global_table: str) -> None:
    dax.put_item(TableName=global_table, Item=KEY)
    sandbox.kill_dax_node("us-east-1", 0)
    assert eventually(lambda: dax.get_item(TableName=global_table, Key=KEY))["Item"] == KEY
    with pytest.raises(SandboxError, match="has no node 0; it has"):
        sandbox.kill_dax_node("us-east-1", 0)
