"""The built-in DynamoDB, called without a server: what it answers, and in whose words it refuses."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sandbox.cloud.dynamodb import constraints
from sandbox.cloud.dynamodb.database import Database
from sandbox.cloud.dynamodb.errors import ServiceError
from sandbox.cloud.dynamodb.numbers import normalize
from sandbox.cloud.dynamodb.operations.names import OPERATIONS, STREAM_OPERATIONS
from sandbox.cloud.dynamodb.upkeep import expired

KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}


class Dynamo:
    def __init__(self, region: str = "us-east-1", database: Database | None = None) -> None:
        self.database = database or Database("111122223333")
        self.region = self.database.region(region)

    def __call__(self, operation: str, **params: Any) -> dict[str, Any]:
        if operation in STREAM_OPERATIONS:
            return STREAM_OPERATIONS[operation](self.region, params)
        constraints.check(operation, params)
        return OPERATIONS[operation](self.region, params)

    def refuses(self, operation: str, **params: Any) -> tuple[str, str]:
        with pytest.raises(ServiceError) as caught:
            self(operation, **params)
        return caught.value.code, caught.value.message


@pytest.fixture
def dynamo() -> Dynamo:
    made = Dynamo()
    made(
        "CreateTable",
        TableName="orders",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
            {"AttributeName": "g", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["shown"]},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return made


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1", "1"),
        ("010", "10"),
        ("1.50", "1.5"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("1.23E-5", "0.0000123"),
        ("-12.5e1", "-125"),
        ("9" * 38, "9" * 38),
        (".5", "0.5"),
        ("1E-130", "0." + "0" * 129 + "1"),
    ],
)
def test_numbers_come_back_plain(text: str, plain: str) -> None:
    assert normalize(text) == plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The parameter cannot be converted to a numeric value"),
        ("abc", "The parameter cannot be converted to a numeric value: abc"),
        ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
        ("1" * 39, "Attempting to store more than 38 significant digits in a Number"),
        ("1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"),
        ("1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
    ],
)
def test_numbers_that_cannot_be_are_refused(text: str, message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        normalize(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("attribute_exists(n) AND attribute_not_exists(x)", True),
        ("n > :one AND n BETWEEN :one AND :ten", True),
        ("n IN (:one, :five)", True),
        ("NOT n = :five", False),
        ("n = :one OR n = :five AND l[1].q = :s", False),
        ("l[0] = :five", True),
        ("contains(l, :five) AND contains(#set, :s) AND contains(s, :e)", True),
        ("begins_with(s, :te) AND size(s) = :four", True),
        ("attribute_type(m, :M)", True),
        ("m.deep.x = :five", True),
        ("x <> :one", True),
        ("x < :one", False),
        ("s > :one", False),
    ],
)
def test_conditions(dynamo: Dynamo, expression: str, *, holds: bool) -> None:
    item = {
        **KEY,
        "n": {"N": "5"},
        "s": {"S": "text"},
        "l": {"L": [{"N": "5.0"}, {"M": {"q": {"S": "z"}}}]},
        "m": {"M": {"deep": {"M": {"x": {"N": "5"}}}}},
        "tags": {"SS": ["s", "t"]},
    }
    dynamo("PutItem", TableName="orders", Item=item)
    values = {
        ":one": {"N": "1"},
        ":five": {"N": "5"},
        ":ten": {"N": "10"},
        ":four": {"N": "4"},
        ":s": {"S": "s"},
        ":e": {"S": "ex"},
        ":te": {"S": "te"},
        ":M": {"S": "M"},
    }
    params: dict[str, Any] = {
        "ConditionExpression": expression,
        "ExpressionAttributeValues": {name: value for name, value in values.items() if name in _words(expression)},
    }
    if "#set" in expression:
        params["ExpressionAttributeNames"] = {"#set": "tags"}
    if not params["ExpressionAttributeValues"]:
        del params["ExpressionAttributeValues"]
    if holds:
        dynamo("PutItem", TableName="orders", Item=item, **params)
    else:
        assert (
            dynamo.refuses("PutItem", TableName="orders", Item=item, **params)[0] == "ConditionalCheckFailedException"
        )


def _words(expression: str) -> set[str]:
    import re

    return set(re.findall(r":\w+", expression))


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        ("SET a = :v, m.x = :v", {":v": {"N": "1"}}, {"a": {"N": "1"}, "m": {"M": {"x": {"N": "1"}}}}),
        ("SET n = n + :v", {":v": {"N": "0.1"}}, {"n": {"N": "5.1"}}),
        ("SET n = if_not_exists(zz, :v) - n", {":v": {"N": "1"}}, {"n": {"N": "-4"}}),
        ("SET l = list_append(:v, l)", {":v": {"L": [{"S": "0"}]}}, {"l": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]}}),
        ("SET l[9] = :v", {":v": {"S": "3"}}, {"l": {"L": [{"S": "1"}, {"S": "2"}, {"S": "3"}]}}),
        ("REMOVE l[0], n", {}, {"l": {"L": [{"S": "2"}]}, "n": None}),
        ("ADD n :v, tags :t", {":v": {"N": "2"}, ":t": {"SS": ["b"]}}, {"n": {"N": "7"}, "tags": {"SS": ["a", "b"]}}),
        ("DELETE tags :t", {":t": {"SS": ["a"]}}, {"tags": None}),
        ("SET a = n, n = :v", {":v": {"N": "9"}}, {"a": {"N": "5"}, "n": {"N": "9"}}),
    ],
)
def test_updates(dynamo: Dynamo, expression: str, values: dict[str, Any], expected: dict[str, Any]) -> None:
    item = {
        **KEY,
        "n": {"N": "5"},
        "l": {"L": [{"S": "1"}, {"S": "2"}]},
        "m": {"M": {}},
        "tags": {"SS": ["a"]},
    }
    dynamo("PutItem", TableName="orders", Item=item)
    more = {"ExpressionAttributeValues": values} if values else {}
    dynamo("UpdateItem", TableName="orders", Key=KEY, UpdateExpression=expression, **more)
    found = dynamo("GetItem", TableName="orders", Key=KEY)["Item"]
    assert {name: found.get(name) for name in expected} == expected
    assert {name: value for name, value in found.items() if name not in expected} == {
        name: value for name, value in item.items() if name not in expected
    }


def test_a_failed_update_changes_nothing(dynamo: Dynamo) -> None:
    item = {**KEY, "l": {"L": [{"M": {"x": {"N": "1"}}}]}, "n": {"S": "text"}}
    dynamo("PutItem", TableName="orders", Item=item)
    dynamo.refuses(
        "UpdateItem",
        TableName="orders",
        Key=KEY,
        UpdateExpression="SET l[0].x = :v, n = n + :v",
        ExpressionAttributeValues={":v": {"N": "2"}},
    )
    assert dynamo("GetItem", TableName="orders", Key=KEY)["Item"] == item


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"UpdateExpression": "SET status = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}},
            "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status",
        ),
        (
            {"UpdateExpression": "SET a = :v"},
            (
                "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
                "attribute value: :v"
            ),
        ),
        (
            {"UpdateExpression": "SET a = a.b, a.c = a"},
            (
                "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these "
                "paths; path one: [a], path two: [a, c]"
            ),
        ),
        (
            {"UpdateExpression": "SET sk = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}},
            "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key",
        ),
        (
            {"UpdateExpression": "SET a = absentee"},
            "The provided expression refers to an attribute that does not exist in the item",
        ),
        (
            {"UpdateExpression": "SET g = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}},
            (
                "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N "
                "IndexName: by-g"
            ),
        ),
    ],
)
def test_updates_are_refused_in_dynamodbs_words(dynamo: Dynamo, params: dict[str, Any], message: str) -> None:
    assert dynamo.refuses("UpdateItem", TableName="orders", Key=KEY, **params) == ("ValidationException", message)


def fill(dynamo: Dynamo, count: int) -> None:
    for number in range(count):
        item = {
            "pk": {"S": f"p{number % 3}"},
            "sk": {"N": str(number)},
            "g": {"S": "x"},
            "shown": {"N": "1"},
            "hid": {"N": "2"},
        }
        dynamo("PutItem", TableName="orders", Item=item)


@pytest.mark.parametrize("forward", [True, False])
def test_pages_of_a_query_hold_every_item_once_in_order(dynamo: Dynamo, *, forward: bool) -> None:
    fill(dynamo, 30)
    found: list[str] = []
    start: dict[str, Any] = {}
    while True:
        page = dynamo(
            "Query",
            TableName="orders",
            KeyConditionExpression="pk = :p AND sk >= :low",
            ExpressionAttributeValues={":p": {"S": "p1"}, ":low": {"N": "5"}},
            ScanIndexForward=forward,
            Limit=4,
            **start,
        )
        found += [item["sk"]["N"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    wanted = [str(number) for number in range(30) if number % 3 == 1 and number >= 5]
    assert found == (wanted if forward else wanted[::-1])


def test_segments_and_pages_of_a_scan_hold_every_item_once(dynamo: Dynamo) -> None:
    fill(dynamo, 40)
    found = []
    for segment in range(3):
        start: dict[str, Any] = {}
        while True:
            page = dynamo("Scan", TableName="orders", Segment=segment, TotalSegments=3, Limit=3, **start)
            found += [item["sk"]["N"] for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert sorted(found, key=int) == [str(number) for number in range(40)]


def test_an_index_shows_what_it_projects_and_pages_through_equal_keys(dynamo: Dynamo) -> None:
    fill(dynamo, 9)
    found, start = [], {}
    while True:
        page = dynamo(
            "Query",
            TableName="orders",
            IndexName="by-g",
            KeyConditionExpression="g = :x",
            ExpressionAttributeValues={":x": {"S": "x"}},
            Limit=2,
            **start,
        )
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        assert set(page["LastEvaluatedKey"]) == {"g", "pk", "sk"}
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert len(found) == 9
    assert all(set(item) == {"pk", "sk", "g", "shown"} for item in found)
    dynamo("UpdateItem", TableName="orders", Key={"pk": {"S": "p0"}, "sk": {"N": "0"}}, UpdateExpression="REMOVE g")
    assert dynamo("Scan", TableName="orders", IndexName="by-g")["Count"] == 8


def test_a_page_ends_at_one_megabyte(dynamo: Dynamo) -> None:
    for number in range(5):
        item = {"pk": {"S": "big"}, "sk": {"N": str(number)}, "x": {"S": "x" * 300_000}}
        dynamo("PutItem", TableName="orders", Item=item)
    page = dynamo("Scan", TableName="orders")
    assert page["Count"] == 4
    assert "LastEvaluatedKey" in page
    with pytest.raises(ServiceError, match="Item size has exceeded the maximum allowed size"):
        dynamo("PutItem", TableName="orders", Item={**KEY, "x": {"S": "x" * 410_000}})


def test_a_transaction_is_all_or_nothing_and_repeats_by_its_token(dynamo: Dynamo) -> None:
    dynamo("PutItem", TableName="orders", Item={**KEY, "n": {"N": "1"}})
    put = {"Put": {"TableName": "orders", "Item": {**KEY, "sk": {"N": "2"}}}}
    check = {
        "ConditionCheck": {
            "TableName": "orders",
            "Key": KEY,
            "ConditionExpression": "n = :v",
            "ExpressionAttributeValues": {":v": {"N": "2"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    with pytest.raises(ServiceError) as caught:
        dynamo("TransactWriteItems", TransactItems=[put, check])
    assert caught.value.code == "TransactionCanceledException"
    reasons = caught.value.extra["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == {**KEY, "n": {"N": "1"}}
    assert dynamo("Scan", TableName="orders")["Count"] == 1

    add = {
        "Update": {
            "TableName": "orders",
            "Key": KEY,
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    for _ in range(3):
        dynamo("TransactWriteItems", TransactItems=[put, add], ClientRequestToken="t1")
    assert dynamo("GetItem", TableName="orders", Key=KEY)["Item"]["n"] == {"N": "2"}
    assert dynamo.refuses("TransactWriteItems", TransactItems=[add], ClientRequestToken="t1")[0] == (
        "IdempotentParameterMismatchException"
    )


def test_the_stream_tells_every_change_in_its_order(dynamo: Dynamo) -> None:
    for call in (
        {"Item": {**KEY, "n": {"N": "1"}}},
        {"Item": {**KEY, "n": {"N": "2"}}},
        {"Item": {**KEY, "n": {"N": "2"}}},  # no change, no record
    ):
        dynamo("PutItem", TableName="orders", **call)
    dynamo("DeleteItem", TableName="orders", Key=KEY)
    dynamo("DeleteItem", TableName="orders", Key=KEY)
    arn = dynamo("DescribeTable", TableName="orders")["Table"]["LatestStreamArn"]
    shard = dynamo("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = dynamo("GetShardIterator", StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    first = dynamo("GetRecords", ShardIterator=iterator, Limit=2)
    rest = dynamo("GetRecords", ShardIterator=first["NextShardIterator"])
    records = first["Records"] + rest["Records"]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert records[1]["dynamodb"]["OldImage"]["n"] == {"N": "1"}
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert numbers == sorted(numbers)
    assert dynamo("GetRecords", ShardIterator=rest["NextShardIterator"])["Records"] == []


def test_a_restore_gives_the_table_as_it_was_at_that_moment(dynamo: Dynamo) -> None:
    dynamo("PutItem", TableName="orders", Item={**KEY, "n": {"N": "0"}})
    before = time.time()
    time.sleep(0.01)
    dynamo(
        "UpdateContinuousBackups",
        TableName="orders",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    dynamo("PutItem", TableName="orders", Item={**KEY, "n": {"N": "1"}})
    time.sleep(0.01)
    moment = time.time()
    time.sleep(0.01)
    dynamo("PutItem", TableName="orders", Item={**KEY, "n": {"N": "2"}})
    dynamo("PutItem", TableName="orders", Item={**KEY, "sk": {"N": "2"}})
    dynamo("DeleteItem", TableName="orders", Key=KEY)

    restore = {"SourceTableName": "orders"}
    dynamo("RestoreTableToPointInTime", **restore, TargetTableName="then", RestoreDateTime=moment)
    assert dynamo("Scan", TableName="then")["Items"] == [{**KEY, "n": {"N": "1"}}]
    dynamo("RestoreTableToPointInTime", **restore, TargetTableName="latest", UseLatestRestorableTime=True)
    assert dynamo("Scan", TableName="latest")["Items"] == [{**KEY, "sk": {"N": "2"}}]
    restored = dynamo("DescribeTable", TableName="then")["Table"]
    assert [index["IndexName"] for index in restored["GlobalSecondaryIndexes"]] == ["by-g"]
    assert "StreamSpecification" not in restored  # as in DynamoDB: streams, TTL, tags and PITR are not restored
    refused = dynamo.refuses(
        "RestoreTableToPointInTime", **restore, TargetTableName="early", RestoreDateTime=before - 5
    )
    assert refused[0] == "InvalidRestoreTimeException"
    refused = dynamo.refuses(
        "RestoreTableToPointInTime", **restore, TargetTableName="late", RestoreDateTime=moment + 99
    )
    assert refused[0] == "InvalidRestoreTimeException"


def test_a_backup_outlives_its_table(dynamo: Dynamo) -> None:
    fill(dynamo, 5)
    arn = dynamo("CreateBackup", TableName="orders", BackupName="first")["BackupDetails"]["BackupArn"]
    fill(dynamo, 9)
    dynamo("DeleteTable", TableName="orders")
    dynamo("RestoreTableFromBackup", BackupArn=arn, TargetTableName="again")
    assert dynamo("Scan", TableName="again")["Count"] == 5
    assert dynamo("ListBackups")["BackupSummaries"][0]["BackupArn"] == arn


def test_what_has_expired_is_found_by_its_attribute_alone(dynamo: Dynamo) -> None:
    dynamo(
        "UpdateTimeToLive",
        TableName="orders",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )
    now = 2_000_000_000
    for number, value in enumerate(
        ({"N": str(now - 1)}, {"N": str(now + 1)}, {"S": str(now - 1)}, {"N": str(now - 6 * 365 * 86400)})
    ):
        dynamo("PutItem", TableName="orders", Item={**KEY, "sk": {"N": str(number)}, "expires_at": value})
    assert expired(dynamo.region.tables["orders"], now) == [("a", "0")]


def test_a_protected_table_stays(dynamo: Dynamo) -> None:
    dynamo("UpdateTable", TableName="orders", DeletionProtectionEnabled=True)
    assert "protected against deletion" in dynamo.refuses("DeleteTable", TableName="orders")[1]
    dynamo("UpdateTable", TableName="orders", DeletionProtectionEnabled=False)
    dynamo("DeleteTable", TableName="orders")
    assert dynamo("ListTables") == {"TableNames": []}


def test_a_replicas_key_must_be_of_its_region(dynamo: Dynamo) -> None:
    wrong = "arn:aws:kms:us-east-1:111122223333:key/k"
    update = [{"Create": {"RegionName": "us-west-2", "KMSMasterKeyId": wrong}}]
    assert (
        "is not in the Region of the replica"
        in dynamo.refuses("UpdateTable", TableName="orders", ReplicaUpdates=update)[1]
    )
    right = "arn:aws:kms:us-west-2:111122223333:key/k"
    update = [{"Create": {"RegionName": "us-west-2", "KMSMasterKeyId": right}}]
    dynamo("UpdateTable", TableName="orders", ReplicaUpdates=update)
    replicas = dynamo("DescribeTable", TableName="orders")["Table"]["Replicas"]
    assert {replica["RegionName"]: replica.get("KMSMasterKeyId") for replica in replicas} == {
        "us-east-1": None,
        "us-west-2": right,
    }
    west = Dynamo("us-west-2", dynamo.database)
    described = west("DescribeTable", TableName="orders")["Table"]
    assert described["SSEDescription"]["KMSMasterKeyArn"] == right
    # PITR, deletion protection and tags of a replica are its own, and off unless they are set.
    assert described["DeletionProtectionEnabled"] is False
    recovery = west("DescribeContinuousBackups", TableName="orders")["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_table_whose_key_is_disabled_refuses(dynamo: Dynamo) -> None:
    key = "arn:aws:kms:us-east-1:111122223333:key/k"
    dynamo("UpdateTable", TableName="orders", SSESpecification={"Enabled": True, "KMSMasterKeyId": key})
    dynamo.database.disable_keys(frozenset({key}))
    for operation, params in (("GetItem", {"Key": KEY}), ("PutItem", {"Item": KEY}), ("Scan", {})):
        assert dynamo.refuses(operation, TableName="orders", **params)[0] == "AccessDeniedException"
    described = dynamo("DescribeTable", TableName="orders")["Table"]
    assert described["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    dynamo.database.disable_keys(frozenset())
    dynamo("PutItem", TableName="orders", Item=KEY)


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        (
            "PutItem",
            {"Item": KEY},
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
        ),
        (
            "GetItem",
            {"TableName": "orders"},
            "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must not be null",
        ),
        (
            "Query",
            {"TableName": "orders"},
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ),
        (
            "GetItem",
            {"TableName": "orders", "Key": {"pk": {"S": "a"}}},
            "The provided key element does not match the schema",
        ),
        (
            "PutItem",
            {"TableName": "orders", "Item": {**KEY, "pk": {"S": ""}}},
            (
                "One or more parameter values were invalid: The AttributeValue for a key attribute cannot contain an empty "
                "string value. Key: pk"
            ),
        ),
        (
            "PutItem",
            {"TableName": "orders", "Item": KEY, "ReturnConsumedCapacity": "ALL"},
            (
                "1 validation error detected: Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint: "
                "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
            ),
        ),
    ],
)
def test_requests_are_refused_in_dynamodbs_words(
    dynamo: Dynamo, operation: str, params: dict[str, Any], message: str
) -> None:
    assert dynamo.refuses(operation, **params) == ("ValidationException", message)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("TOTAL", {"TableName": "orders", "CapacityUnits": 4.0}),
        (
            "INDEXES",
            {
                "TableName": "orders",
                "CapacityUnits": 4.0,
                "Table": {"CapacityUnits": 3.0},
                "GlobalSecondaryIndexes": {"by-g": {"CapacityUnits": 1.0}},
            },
        ),
    ],
)
def test_capacity_counts_the_table_and_its_indexes(dynamo: Dynamo, mode: str, expected: dict[str, Any]) -> None:
    item = {**KEY, "g": {"S": "x"}, "hid": {"S": "x" * 2500}}
    answer = dynamo("PutItem", TableName="orders", Item=item, ReturnConsumedCapacity=mode)
    assert answer["ConsumedCapacity"] == expected


@pytest.fixture
def matches() -> Dynamo:
    """A table with a global index of two partition attributes and three sort attributes."""
    made = Dynamo()
    made(
        "CreateTable",
        TableName="matches",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "N" if name == "score" else "S"}
            for name in ("id", "league", "season", "round", "score", "team")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-season",
                "KeySchema": [
                    {"AttributeName": "league", "KeyType": "HASH"},
                    {"AttributeName": "season", "KeyType": "HASH"},
                    {"AttributeName": "round", "KeyType": "RANGE"},
                    {"AttributeName": "score", "KeyType": "RANGE"},
                    {"AttributeName": "team", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number, (season, stage, score, team) in enumerate(
        [("25", "final", 10, "x"), ("25", "final", 9, "y"), ("25", "group", 1, "x"), ("26", "final", 2, "x")]
    ):
        item = {"id": {"S": str(number)}, "league": {"S": "L"}, "season": {"S": season}, "round": {"S": stage}}
        made("PutItem", TableName="matches", Item={**item, "score": {"N": str(score)}, "team": {"S": team}})
    made("PutItem", TableName="matches", Item={"id": {"S": "half"}, "league": {"S": "L"}, "season": {"S": "25"}})
    return made


VALUES = {":l": {"S": "L"}, ":s": {"S": "25"}, ":r": {"S": "final"}, ":n": {"N": "9"}, ":t": {"S": "y"}}


def by_season(dynamo: Dynamo, condition: str, **options: Any) -> list[str]:
    used = {name: value for name, value in VALUES.items() if name in condition}
    answer = dynamo(
        "Query",
        TableName="matches",
        IndexName="by-season",
        KeyConditionExpression=condition.replace("round", "#r"),
        ExpressionAttributeValues=used,
        **({"ExpressionAttributeNames": {"#r": "round"}} if "round" in condition else {}),
        **options,
    )
    return [item["id"]["S"] for item in answer["Items"]]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("league = :l AND season = :s", ["1", "0", "2"]),
        ("season = :s AND round = :r AND league = :l", ["1", "0"]),
        ("league = :l AND season = :s AND round = :r AND score > :n", ["0"]),
        ("league = :l AND season = :s AND round = :r AND score = :n AND begins_with(team, :t)", ["1"]),
        ("league = :l AND season = :s AND round < :r", []),
    ],
)
def test_an_index_key_of_several_attributes(matches, condition, found):
    assert by_season(matches, condition) == found


def test_pages_of_an_index_key_of_several_attributes(matches):
    condition = "league = :l AND season = :s"
    first = matches(
        "Query",
        TableName="matches",
        IndexName="by-season",
        KeyConditionExpression=condition,
        ExpressionAttributeValues={":l": {"S": "L"}, ":s": {"S": "25"}},
        Limit=2,
    )
    last = first["LastEvaluatedKey"]
    assert sorted(last) == ["id", "league", "round", "score", "season", "team"]
    assert by_season(matches, condition, ExclusiveStartKey=last) == ["2"]
    assert by_season(matches, condition, ScanIndexForward=False) == ["2", "0", "1"]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("league = :l", "Query condition missed key schema element: season"),
        (
            "league = :l AND season = :s AND score > :n",
            (
                "RANGE key attributes round must have equality conditions specified in the query because a condition is "
                "present on key attribute score"
            ),
        ),
        (
            "league = :l AND season = :s AND round > :r AND score = :n",
            (
                "RANGE key attributes round must have equality conditions specified in the query because a condition is "
                "present on key attribute score"
            ),
        ),
    ],
)
def test_what_a_key_condition_on_several_attributes_must_not_be(matches, condition, message):
    with pytest.raises(ServiceError) as caught:
        by_season(matches, condition)
    assert caught.value.message == message


def test_statements_read_an_index_key_of_several_attributes(matches):
    statement = "SELECT id FROM matches.\"by-season\" WHERE league = 'L' AND season = '26'"
    assert matches("ExecuteStatement", Statement=statement)["Items"] == [{"id": {"S": "3"}}]


def test_a_table_has_one_partition_key_and_at_most_one_sort_key(dynamo):
    code, message = dynamo.refuses(
        "CreateTable",
        TableName="many",
        KeySchema=[{"AttributeName": name, "KeyType": "HASH"} for name in ("a", "b")],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("a", "b")],
        BillingMode="PAY_PER_REQUEST",
    )
    assert (code, message) == (
        "ValidationException",
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
    )
