"""The built-in DynamoDB answers as other engines do: random operations, compared with DynamoDB Local and with moto.

Where an engine is known to differ from DynamoDB itself, the comparison leaves that out and says so here:

- moto: error messages are not compared, nor requests that both refuse for different reasons; it does not know
  `ReturnValuesOnConditionCheckFailure` for every operation.
- DynamoDB Local: messages are not compared (its wording is of another version); codes are.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from sandbox.cloud import Sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

TABLE = "differential"
OPERATIONS = 700

Operation = tuple[str, dict[str, Any]]


def number(source: random.Random) -> dict[str, str]:
    return {"N": source.choice(["0", "1", "-1", "1.5", "10", "007", "1e3", "-0.25", "123456789012345678", "99"])}


def text(source: random.Random) -> dict[str, str]:
    return {"S": source.choice(["", "a", "ab", "abc", "b", "é", "Z", "zz"])}


def value(source: random.Random, depth: int = 0) -> dict[str, Any]:
    kinds: list[Callable[[], dict[str, Any]]] = [
        lambda: number(source),
        lambda: text(source),
        lambda: {"BOOL": source.random() < 0.5},
        lambda: {"NULL": True},
        lambda: {"B": source.choice([b"", b"x", b"xyz"])},
        lambda: {"SS": source.sample(["a", "b", "c", "d"], source.randint(1, 3))},
        lambda: {"NS": source.sample(["1", "2", "3.0", "4"], source.randint(1, 3))},
    ]
    if depth < 2:
        kinds += [
            lambda: {"L": [value(source, depth + 1) for _ in range(source.randint(0, 3))]},
            lambda: {"M": {name: value(source, depth + 1) for name in source.sample(["x", "y", "z"], 2)}},
        ]
    return source.choice(kinds)()


def key(source: random.Random) -> dict[str, Any]:
    return {"pk": {"S": source.choice(["p1", "p2", "p3"])}, "sk": {"N": str(source.randint(0, 6))}}


CONDITIONS = (
    "attribute_exists(pk)",
    "attribute_not_exists(pk)",
    "attribute_exists(#m.x)",
    "attribute_type(#a, :type)",
    "#a = :v",
    "#a <> :v",
    "#a < :n",
    "#a >= :n",
    "#a BETWEEN :n AND :n2",
    "#a IN (:v, :n)",
    "contains(#a, :s)",
    "begins_with(#a, :s)",
    "size(#a) > :n",
    "NOT #a = :v",
    "(#a = :v OR #b = :n) AND attribute_exists(#b)",
    "#a.x = :v AND #l[0] = :n",
)
UPDATES = (
    "SET #a = :v",
    "SET #a = :v, #b = :n",
    "SET #n1 = #n1 + :n",
    "SET #n1 = if_not_exists(#n1, :n) - :n2",
    "SET #l = list_append(if_not_exists(#l, :list), :list)",
    "SET #l[1] = :v",
    "SET #m.x = :v",
    "SET #m = :map REMOVE #a",
    "REMOVE #a, #l[0]",
    "ADD #n1 :n",
    "ADD #set :set",
    "DELETE #set :set",
    "SET #a = #b",
    "SET status = :s",
)
FILLERS = {"#a": "a", "#b": "b", "#m": "m", "#l": "l", "#n1": "n1", "#set": "set", "#g": "g"}


def placeholders(source: random.Random, *expressions: str) -> dict[str, Any]:
    joined = " ".join(expressions) + " "
    values = {
        ":v": value(source),
        ":n": number(source),
        ":n2": number(source),
        ":s": {"S": source.choice(["a", "ab", "b"])},
        ":type": {"S": source.choice(["S", "N", "L", "M", "SS"])},
        ":list": {"L": [value(source, 2)]},
        ":map": {"M": {"x": value(source, 2)}},
        ":set": {"SS": source.sample(["a", "b", "c"], 2)},
        ":p": {"S": source.choice(["p1", "p2"])},
        ":k": {"N": str(source.randint(0, 6))},
        ":k2": {"N": str(source.randint(0, 6))},
        ":status": {"S": source.choice(["new", "done"])},
    }
    import re

    words = set(re.findall(r"[:#]\w+", joined))
    result: dict[str, Any] = {}
    names = {word: FILLERS[word] for word in words if word in FILLERS}
    used = {word: values[word] for word in words if word in values}
    if names:
        result["ExpressionAttributeNames"] = names
    if used:
        result["ExpressionAttributeValues"] = used
    return result


def item(source: random.Random) -> dict[str, Any]:
    made = key(source)
    for name, maker in (
        ("a", lambda: value(source)),
        ("b", lambda: number(source)),
        ("n1", lambda: number(source)),
        ("l", lambda: {"L": [value(source, 1), number(source)]}),
        ("m", lambda: {"M": {"x": value(source, 1)}}),
        ("set", lambda: {"SS": ["a", "b"]}),
        ("g", lambda: {"S": source.choice(["new", "done"])}),
    ):
        if source.random() < 0.6:
            made[name] = maker()
    return made


def condition(source: random.Random, share: float = 0.5) -> list[str]:
    return [source.choice(CONDITIONS)] if source.random() < share else []


def operation(source: random.Random) -> Operation:
    name = source.choice(
        ["put"] * 3 + ["update"] * 5 + ["delete", "get", "query", "query", "scan", "index", "batch", "transact"]
    )
    table: dict[str, Any] = {"TableName": TABLE}
    if name == "put":
        guard = condition(source)
        extra = {"ConditionExpression": guard[0]} if guard else {}
        return "put_item", {
            **table,
            "Item": item(source),
            **extra,
            **placeholders(source, *guard),
            "ReturnValues": "ALL_OLD",
        }
    if name == "update":
        change, guard = source.choice(UPDATES), condition(source, 0.3)
        extra = {"ConditionExpression": guard[0]} if guard else {}
        returned = source.choice(["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
        if "[" in change:  # what "updated" means of a list's elements is written nowhere
            returned = "ALL_NEW"
        return "update_item", {
            **table,
            "Key": key(source),
            "UpdateExpression": change,
            **extra,
            **placeholders(source, change, *guard),
            "ReturnValues": returned,
        }
    if name == "delete":
        guard = condition(source)
        extra = {"ConditionExpression": guard[0]} if guard else {}
        return "delete_item", {
            **table,
            "Key": key(source),
            **extra,
            **placeholders(source, *guard),
            "ReturnValues": "ALL_OLD",
        }
    if name == "get":
        return "get_item", {
            **table,
            "Key": key(source),
            "ProjectionExpression": source.choice(["pk, a", "l[0], m.x", "b"]),
        }
    if name == "query":
        part = source.choice(["", " AND sk = :k", " AND sk > :k", " AND sk <= :k", " AND sk BETWEEN :k AND :k2"])
        expression = "pk = :p" + part
        guard = condition(source, 0.3)
        guard = [text for text in guard if "pk" not in text]
        extra = {"FilterExpression": guard[0]} if guard else {}
        return "query", {
            **table,
            "KeyConditionExpression": expression,
            **extra,
            **placeholders(source, expression, *guard),
            "ScanIndexForward": source.random() < 0.5,
            **({"Limit": source.randint(1, 4)} if source.random() < 0.4 else {}),
        }
    if name == "scan":
        guard = condition(source)
        extra = {"FilterExpression": guard[0]} if guard else {}
        return "scan", {**table, **extra, **placeholders(source, *guard)}
    if name == "index":
        expression = "#g = :status AND sk >= :k"
        return "query", {
            **table,
            "IndexName": "by-g",
            "KeyConditionExpression": expression,
            **placeholders(source, expression),
        }
    if name == "batch":
        writes = {str(k): {"PutRequest": {"Item": {**item(source), **k}}} for k in (key(source) for _ in range(4))}
        return "batch_write_item", {"RequestItems": {TABLE: list(writes.values())}}
    guard = condition(source)
    change = source.choice(UPDATES[:4])
    one, two = key(source), {**key(source), "pk": {"S": "p4"}}  # two actions on one item are refused
    extra = {"ConditionExpression": guard[0]} if guard else {}
    return "transact_write_items", {
        "TransactItems": [
            {"Put": {**table, "Item": {**item(source), **one}, **extra, **placeholders(source, *guard)}},
            {"Update": {**table, "Key": two, "UpdateExpression": change, **placeholders(source, change)}},
        ]
    }


def normal(content: Any) -> Any:
    """An answer without what may differ: the order of sets and of scans, capacity and metadata."""
    if isinstance(content, dict):
        # DynamoDB Local gives some numbers back as they were written, DynamoDB in plain notation.
        if set(content) == {"N"}:
            return {"N": Decimal(content["N"]).normalize()}
        if set(content) == {"NS"}:
            return {"NS": sorted(Decimal(member).normalize() for member in content["NS"])}
        if set(content) <= {"SS", "NS", "BS"} and content:
            return {tag: sorted(members) for tag, members in content.items()}
        return {
            name: normal(part)
            for name, part in sorted(content.items())
            if name not in ("ResponseMetadata", "ConsumedCapacity", "ItemCollectionMetrics", "UnprocessedItems")
        }
    if isinstance(content, list):
        return [normal(part) for part in content]
    return content


def run(client: Any, call: Operation) -> Any:
    name, params = call
    try:
        answer = normal(getattr(client, name)(**params))
    except ClientError as error:
        reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
        return {"error": error.response["Error"]["Code"], **({"reasons": reasons} if reasons else {})}
    if name == "scan" or "IndexName" in params:
        answer["Items"] = sorted(answer["Items"], key=str)
    return answer


def create(client: Any) -> None:
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
            {"AttributeName": "g", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def connect(url: str) -> Any:
    return boto3.client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="AKIAHOLDFASTSANDBOX0",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


@pytest.fixture(scope="module")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    sandbox = Sandbox.start(
        tmp_path_factory.mktemp("built-in"), regions=["us-east-1"], account_id="111122223333", dynamodb="sandbox"
    )
    yield sandbox.gateways["us-east-1"]
    sandbox.stop()


@pytest.fixture(scope="module")
def dynamodb_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if shutil.which("java") is None or shutil.which("mvn") is None:
        pytest.skip("DynamoDB Local needs java and mvn on the PATH")
    sandbox = Sandbox.start(
        tmp_path_factory.mktemp("local"), regions=["us-east-1"], account_id="111122223333", dynamodb="local"
    )
    yield sandbox.gateways["us-east-1"]
    sandbox.stop()


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def by_decision(ours: Any, theirs: Any) -> bool:
    """Where DynamoDB Local and the API reference part, the reference is followed.

    An update that fails in a transaction is a ValidationError among its cancellation reasons (TransactWriteItems,
    "Cancellation reasons"); DynamoDB Local refuses the request instead. A page that ends at its Limit has a
    LastEvaluatedKey (Query, "LastEvaluatedKey"); DynamoDB Local drops it when the key condition ends there too.
    """
    if "ValidationError" in ours.get("reasons", ()) and theirs == {"error": "ValidationException"}:
        return True
    return {**ours, "LastEvaluatedKey": None} == {**theirs, "LastEvaluatedKey": None} and "LastEvaluatedKey" in ours


def differences(one: Any, two: Any, seed: int) -> list[str]:
    source = random.Random(seed)  # noqa: S311 - test data
    for client in (one, two):
        create(client)
    found = []
    for _ in range(OPERATIONS):
        call = operation(source)
        ours, theirs = run(one, call), run(two, call)
        if ours != theirs and not by_decision(ours, theirs):
            print(call, ours, theirs, sep="\n")
            found.append(f"{call}\n  ours:   {ours}\n  theirs: {theirs}")
            # Go on from the same items, so that one difference is reported once.
            break
    for client in (one, two):
        client.delete_table(TableName=TABLE)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_as_dynamodb_local(built_in: str, dynamodb_local: str, seed: int) -> None:
    assert differences(connect(built_in), connect(dynamodb_local), seed) == []


def test_reads_as_moto_reads(built_in: str, moto: str) -> None:
    """The same items, put plainly, read alike by queries and scans without filters."""
    one, two = connect(built_in), connect(moto)
    source = random.Random(7)  # noqa: S311 - test data
    for client in (one, two):
        create(client)
    for _ in range(60):
        made = item(source)
        for client in (one, two):
            client.put_item(TableName=TABLE, Item=made)
    compared = 0
    for _ in range(200):
        call = operation(source)
        if call[0] == "query" and "FilterExpression" not in call[1] and "Limit" not in call[1]:
            assert run(one, call) == run(two, call), call
            compared += 1
    assert compared > 20
