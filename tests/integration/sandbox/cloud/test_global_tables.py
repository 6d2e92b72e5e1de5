"""Global tables: replicas that the real API makes, lag that can be set, partitions that heal."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.cloud import Sandbox
from tests import patience

ENGINES = [None, pytest.param("local", marks=pytest.mark.slow)]
pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.parametrize("sandbox", ENGINES, ids=["as-set", "dynamodb-local"], indirect=True, scope="module"),
]
until = functools.partial(patience.until, seconds=50)

Clients = Callable[..., Any]
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def item(number: int, **more: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": f"{number:04d}"}, **{name: {"S": value} for name, value in more.items()}}


def contents(client: Clients, table: str, region: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client("dynamodb", region).scan(TableName=table)["Items"]
    return sorted(items, key=str)


def test_replicas_are_described_truly(client: Clients, global_table: str) -> None:
    for region in REGIONS:
        table = client("dynamodb", region).describe_table(TableName=global_table)["Table"]
        assert {replica["RegionName"]: replica["ReplicaStatus"] for replica in table["Replicas"]} == dict.fromkeys(
            REGIONS, "ACTIVE"
        )
        assert table["TableArn"] == f"arn:aws:dynamodb:{region}:111122223333:table/{global_table}"
        assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-status"]


def test_writes_of_every_region_reach_the_others(client: Clients, global_table: str) -> None:
    for number, region in enumerate(REGIONS):
        client("dynamodb", region).put_item(TableName=global_table, Item=item(number, status="new"))
    expected = [item(number, status="new") for number in range(3)]
    until(lambda: all(contents(client, global_table, region) == expected for region in REGIONS))
    client("dynamodb", "us-west-2").delete_item(TableName=global_table, Key=item(0))
    until(lambda: all(contents(client, global_table, region) == expected[1:] for region in REGIONS))
    found = client("dynamodb", "eu-west-1").query(
        TableName=global_table,
        IndexName="by-status",
        KeyConditionExpression="#s = :new",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":new": {"S": "new"}},
    )
    assert found["Count"] == 2


def test_lag_is_set_per_pair_and_measured(client: Clients, sandbox: Sandbox, global_table: str) -> None:
    sandbox.set_lag(0.02)
    sandbox.set_lag(60, source="us-east-1", target="eu-west-1")
    client("dynamodb").put_item(TableName=global_table, Item=item(1))
    west, ireland = client("dynamodb", "us-west-2"), client("dynamodb", "eu-west-1")
    until(lambda: "Item" in west.get_item(TableName=global_table, Key=item(1)))
    assert "Item" not in ireland.get_item(TableName=global_table, Key=item(1))
    sandbox.set_lag(0.6, source="us-east-1", target="eu-west-1")
    until(lambda: "Item" in ireland.get_item(TableName=global_table, Key=item(1)))
    client("dynamodb").put_item(TableName=global_table, Item=item(2))
    until(lambda: "Item" in ireland.get_item(TableName=global_table, Key=item(2)))
    pair = next(p for p in sandbox.replication() if (p.source, p.target) == ("us-east-1", "eu-west-1"))
    assert pair.lag_setting_seconds == 0.6
    assert pair.last_lag_seconds is not None
    assert 0.6 <= pair.last_lag_seconds < 60, "of the setting that was, nothing is left"


@pytest.mark.parametrize("kind", ["cut", "blackhole"])
def test_a_partition_heals_and_loses_nothing(client: Clients, sandbox: Sandbox, global_table: str, kind: Any) -> None:
    home, west = client("dynamodb"), client("dynamodb", "us-west-2")
    for number in range(20):
        home.put_item(TableName=global_table, Item=item(number, by="before"))
    sandbox.fault("us-east-1", kind)
    for number in range(10, 30):
        west.put_item(TableName=global_table, Item=item(number, by="west"))
    west.delete_item(TableName=global_table, Key=item(0))
    blocked = {(pair.source, pair.target): pair for pair in sandbox.replication() if pair.blocked}
    assert ("us-west-2", "us-east-1") in blocked
    assert ("us-west-2", "eu-west-1") not in blocked
    sandbox.heal()
    west_now = contents(client, global_table, "us-west-2")
    until(lambda: all(contents(client, global_table, region) == west_now for region in REGIONS))
    until(lambda: all(pair.backlog == 0 for pair in sandbox.replication()))
    numbers = {entry["sk"]["S"]: entry.get("by", {}).get("S") for entry in contents(client, global_table, "us-east-1")}
    assert len(numbers) == 29
    assert numbers["0005"] == "before"
    assert numbers["0015"] == "west"


def test_a_new_replica_is_filled_and_a_removed_one_goes(client: Clients, global_table: str) -> None:
    home = client("dynamodb")
    home.update_table(TableName=global_table, ReplicaUpdates=[{"Delete": {"RegionName": "eu-west-1"}}])
    with pytest.raises(ClientError, match="not found"):
        client("dynamodb", "eu-west-1").describe_table(TableName=global_table)
    for number in range(5):
        home.put_item(TableName=global_table, Item=item(number))
    home.update_table(TableName=global_table, ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    assert len(contents(client, global_table, "eu-west-1")) == 5
    with pytest.raises(ClientError, match="already existed as tables"):
        home.update_table(TableName=global_table, ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    with pytest.raises(ClientError, match="Only one replica"):
        home.update_table(
            TableName=global_table,
            ReplicaUpdates=[{"Delete": {"RegionName": region}} for region in ("eu-west-1", "us-west-2")],
        )


def test_replicas_need_a_stream(client: Clients) -> None:
    client("dynamodb").create_table(
        TableName="no-stream",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(ClientError, match="streams enabled with StreamViewType NEW_AND_OLD_IMAGES"):
        client("dynamodb").update_table(TableName="no-stream", ReplicaUpdates=[{"Create": {"RegionName": "us-west-2"}}])


def test_expired_items_go_everywhere_and_the_stream_says_who(client: Clients, global_table: str) -> None:
    home = client("dynamodb")
    home.update_time_to_live(
        TableName=global_table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    west = client("dynamodb", "us-west-2").describe_time_to_live(TableName=global_table)
    assert west["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    now = int(time.time())
    home.put_item(TableName=global_table, Item={**item(1), "expires_at": {"N": str(now - 5)}})
    home.put_item(TableName=global_table, Item={**item(2), "expires_at": {"N": str(now + 1000)}})
    home.put_item(TableName=global_table, Item={**item(3), "expires_at": {"S": str(now - 5)}})
    until(
        lambda: all(
            [entry["sk"]["S"] for entry in contents(client, global_table, region)] == ["0002", "0003"]
            for region in REGIONS
        )
    )
    removed = [record for record in records(client, global_table) if record["eventName"] == "REMOVE"]
    assert [record["userIdentity"] for record in removed] == [
        {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    ]


def records(client: Clients, table: str, region: str = "us-east-1") -> list[dict[str, Any]]:
    streams = client("dynamodbstreams", region)
    arn = client("dynamodb", region).describe_table(TableName=table)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    found: list[dict[str, Any]] = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    return found


def test_replicated_writes_appear_in_the_replicas_stream(client: Clients, global_table: str) -> None:
    client("dynamodb").put_item(TableName=global_table, Item=item(1))
    until(lambda: len(records(client, global_table, "eu-west-1")) == 1)
    record = records(client, global_table, "eu-west-1")[0]
    assert (record["eventName"], record["dynamodb"]["NewImage"]) == ("INSERT", item(1))


@pytest.fixture
def built_in(request: pytest.FixtureRequest) -> None:
    if "local" in (request.node.callspec.params["sandbox"], os.environ.get("DYNAMODB")):
        pytest.skip("strong tables are refused where DynamoDB Local holds the items")


def strong_table(client: Clients, name: str) -> None:
    home = client("dynamodb", "us-east-1")
    home.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.usefixtures("built_in")
def test_strong_tables_keep_their_rules(client: Clients) -> None:
    strong_table(client, "strong-rules")
    with pytest.raises(ClientError, match="exactly three Regions of one Region set"):
        client("dynamodb").update_table(
            TableName="strong-rules",
            MultiRegionConsistency="STRONG",
            ReplicaUpdates=[{"Create": {"RegionName": region}} for region in REGIONS[1:]],
        )
    client("dynamodb").put_item(TableName="strong-rules", Item={"pk": {"S": "a"}})
    with pytest.raises(ClientError, match="must be empty"):
        client("dynamodb").update_table(
            TableName="strong-rules",
            MultiRegionConsistency="STRONG",
            ReplicaUpdates=[{"Create": {"RegionName": region}} for region in ("us-east-2", "us-west-2")],
        )


@pytest.mark.usefixtures("built_in")
def test_strong_tables_read_their_writes_everywhere_and_block_without_a_quorum(
    client: Clients, sandbox: Sandbox
) -> None:
    Sandbox.start(sandbox.directory, regions=["us-east-2"], account_id="111122223333")
    sandbox._reload()
    strong_table(client, "strong")
    home = client("dynamodb")
    home.update_table(
        TableName="strong",
        MultiRegionConsistency="STRONG",
        ReplicaUpdates=[{"Create": {"RegionName": region}} for region in ("us-east-2", "us-west-2")],
    )
    ohio, west = client("dynamodb", "us-east-2"), client("dynamodb", "us-west-2")
    home.put_item(TableName="strong", Item={"pk": {"S": "a"}, "n": {"N": "1"}})
    read = west.get_item(TableName="strong", Key={"pk": {"S": "a"}}, ConsistentRead=True)
    assert read["Item"]["n"] == {"N": "1"}
    with pytest.raises(ClientError, match="Transactional operations are not supported"):
        home.transact_write_items(TransactItems=[{"Put": {"TableName": "strong", "Item": {"pk": {"S": "b"}}}}])

    sandbox.set_lag(8)
    slow = threading.Thread(target=lambda: home.put_item(TableName="strong", Item={"pk": {"S": "c"}, "n": {"N": "1"}}))
    slow.start()
    until(lambda: "Item" in home.get_item(TableName="strong", Key={"pk": {"S": "c"}}))
    with pytest.raises(ClientError) as caught:  # another region is writing the same item
        west.put_item(TableName="strong", Item={"pk": {"S": "c"}, "n": {"N": "2"}})
    assert caught.value.response["Error"]["Code"] == "ReplicatedWriteConflictException"
    slow.join()
    sandbox.set_lag(0.02)
    west.put_item(TableName="strong", Item={"pk": {"S": "c"}, "n": {"N": "2"}})

    sandbox.fault("us-east-1", "cut")
    west.put_item(TableName="strong", Item={"pk": {"S": "a"}, "n": {"N": "2"}})
    read = ohio.get_item(TableName="strong", Key={"pk": {"S": "a"}}, ConsistentRead=True)
    assert read["Item"]["n"] == {"N": "2"}
    sandbox.fault("us-east-2", "cut")
    with pytest.raises(ClientError) as caught:
        west.put_item(TableName="strong", Item={"pk": {"S": "a"}, "n": {"N": "3"}})
    assert caught.value.response["Error"]["Code"] == "InternalServerError"
    assert west.get_item(TableName="strong", Key={"pk": {"S": "a"}})["Item"]["n"] == {"N": "2"}

    sandbox.heal()
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):  # a stale write
        home.put_item(
            TableName="strong",
            Item={"pk": {"S": "a"}, "n": {"N": "9"}},
            ConditionExpression="n = :old",
            ExpressionAttributeValues={":old": {"N": "1"}},
        )
    assert home.get_item(TableName="strong", Key={"pk": {"S": "a"}}, ConsistentRead=True)["Item"]["n"] == {"N": "2"}
