"""Every AWS API of a region through one port, and every way in which it can fail."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from sandbox.cloud import Sandbox, SandboxError
from tests.patience import until

pytestmark = pytest.mark.sandbox

Clients = Callable[..., Any]
BROKEN = (
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)


def test_services_share_a_gateway(client: Clients) -> None:
    s3, sts, sqs = client("s3"), client("sts"), client("sqs", "eu-west-1")
    s3.create_bucket(Bucket="pictures")
    s3.put_object(Bucket="pictures", Key="a", Body=b"x" * 300_000)
    assert len(s3.get_object(Bucket="pictures", Key="a")["Body"].read()) == 300_000
    assert s3.head_object(Bucket="pictures", Key="a")["ContentLength"] == 300_000
    assert sts.get_caller_identity()["Account"] == "111122223333"
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"


def test_a_request_signed_for_another_region_is_refused(client: Clients, sandbox: Sandbox) -> None:
    import boto3

    astray = boto3.client(
        "dynamodb",
        region_name="us-west-2",
        endpoint_url=sandbox.gateways["us-east-1"],
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    with pytest.raises(ClientError, match="Credential should be scoped to a valid region, not 'us-west-2'"):
        astray.list_tables()
    assert client("iam", "us-west-2").list_roles()["Roles"] == []


def test_a_cut_region_resets_and_heals(client: Clients, sandbox: Sandbox) -> None:
    dynamodb = client("dynamodb", "us-west-2")
    dynamodb.list_tables()
    sandbox.fault("us-west-2", "cut")
    with pytest.raises(BROKEN):
        dynamodb.list_tables()
    assert client("dynamodb").list_tables()["TableNames"] is not None
    assert sandbox.heal("us-west-2") == 1
    assert "TableNames" in dynamodb.list_tables()


def test_a_black_hole_swallows_open_connections_too(client: Clients, sandbox: Sandbox) -> None:
    dynamodb = client("dynamodb", timeout=5)
    dynamodb.list_tables()  # keeps its connection
    sandbox.fault("us-east-1", "blackhole")
    with pytest.raises(ReadTimeoutError):
        dynamodb.list_tables()
    with pytest.raises(ReadTimeoutError):
        client("dynamodb", timeout=0.5).list_tables()
    sandbox.heal()
    assert "TableNames" in dynamodb.list_tables()


def test_a_black_hole_of_answers_lets_writes_arrive(client: Clients, sandbox: Sandbox, global_table: str) -> None:
    item = {"pk": {"S": "a"}, "sk": {"S": "1"}}
    sandbox.fault("us-east-1", "blackhole", direction="response", service="dynamodb")
    with pytest.raises(ReadTimeoutError):
        client("dynamodb", timeout=0.5).put_item(TableName=global_table, Item=item)
    sandbox.heal()
    until(lambda: client("dynamodb").get_item(TableName=global_table, Key=item).get("Item") == item)


def test_a_fault_of_one_service_leaves_the_others(client: Clients, sandbox: Sandbox) -> None:
    sandbox.fault("us-east-1", "error", service="sqs", status=503)
    with pytest.raises(ClientError) as caught:
        client("sqs").list_queues()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert "Buckets" in client("s3").list_buckets()


@pytest.mark.parametrize(
    ("service", "call", "status", "code"),
    [
        ("dynamodb", lambda c: c.list_tables(), 400, "ProvisionedThroughputExceededException"),
        ("s3", lambda c: c.list_buckets(), 503, "SlowDown"),
        ("sqs", lambda c: c.list_queues(), 403, "RequestThrottled"),
        ("sts", lambda c: c.get_caller_identity(), 400, "Throttling"),
        ("lambda", lambda c: c.list_functions(), 429, "TooManyRequestsException"),
        ("kms", lambda c: c.list_keys(), 400, "ThrottlingException"),
    ],
)
def test_throttling_has_the_shape_of_its_service(
    client: Clients, sandbox: Sandbox, service: str, call: Callable[[Any], Any], status: int, code: str
) -> None:
    sandbox.fault("us-east-1", "throttle", service=service)
    with pytest.raises(ClientError) as caught:
        call(client(service))
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_rate_hits_its_share(client: Clients, sandbox: Sandbox) -> None:
    sandbox.fault("us-east-1", "error", service="dynamodb", rate=0.5)
    dynamodb = client("dynamodb")
    failed = 0
    for _ in range(100):
        try:
            dynamodb.list_tables()
        except ClientError:
            failed += 1
    assert 25 <= failed <= 75


def test_a_delay_is_drawn_from_its_distribution(client: Clients, sandbox: Sandbox) -> None:
    dynamodb = client("dynamodb")
    sandbox.fault("us-east-1", "delay", distribution={"name": "uniform", "low": 0.1, "high": 0.2})
    begun = time.monotonic()
    dynamodb.list_tables()
    assert 0.1 <= time.monotonic() - begun < 60


def test_a_fault_of_one_operation_leaves_the_others(client: Clients, sandbox: Sandbox) -> None:
    sandbox.fault("us-east-1", "error", service="dynamodb", operation="DescribeLimits")
    with pytest.raises(ClientError, match="DescribeLimits"):
        client("dynamodb").describe_limits()
    assert "TableNames" in client("dynamodb").list_tables()


def test_a_lease_ends_by_itself_and_a_schedule_begins(client: Clients, sandbox: Sandbox) -> None:
    dynamodb = client("dynamodb")

    def serves() -> bool:
        try:
            dynamodb.list_tables()
        except ClientError:
            return False
        return True

    sandbox.fault("us-east-1", "error", service="dynamodb", after_seconds=3600)
    assert serves()
    sandbox.heal()
    sandbox.fault("us-east-1", "error", service="dynamodb", after_seconds=0.5)
    until(lambda: not serves())
    sandbox.heal()
    sandbox.fault("us-east-1", "error", service="dynamodb", lease_seconds=3600)
    assert not serves()
    sandbox.heal()
    sandbox.fault("us-east-1", "error", service="dynamodb", lease_seconds=0.5)
    until(lambda: sandbox.status().faults == ())
    assert serves()


def test_a_truncated_answer_ends_before_its_length(sandbox: Sandbox, client: Clients) -> None:
    del client  # heals afterwards
    sandbox.fault("us-east-1", "truncate", service="dynamodb", keep=0.5)
    connection = http.client.HTTPConnection(sandbox.gateways["us-east-1"].removeprefix("http://"), timeout=60)
    scope = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
    headers = {"X-Amz-Target": "DynamoDB_20120810.DescribeLimits", "Authorization": scope}
    connection.request("POST", "/", b"{}", headers)
    response = connection.getresponse()
    length = int(response.headers["Content-Length"])
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    assert len(caught.value.partial) == length // 2


def test_a_reset_answer_is_noticed(client: Clients, sandbox: Sandbox) -> None:
    sandbox.fault("us-east-1", "reset", service="dynamodb")
    with pytest.raises(BROKEN):
        client("dynamodb").describe_limits()
    sandbox.heal()
    assert "TableNames" in client("dynamodb").list_tables()


def test_a_slow_answer_trickles(client: Clients, sandbox: Sandbox) -> None:
    sandbox.fault("us-east-1", "slow", service="dynamodb", bytes_per_second=1000)
    begun = time.monotonic()
    client("dynamodb").describe_limits()
    assert 0.2 <= time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("region", "kind", "options", "message"),
    [
        ("mars-1", "cut", {}, "no region 'mars-1'; it has us-east-1"),
        ("us-east-1", "explode", {}, "fault kind 'explode' is not known; write one of cut, blackhole"),
        ("us-east-1", "cut", {"colour": 1}, "fault 'cut' has no option 'colour'; it has after_seconds"),
        ("us-east-1", "delay", {}, "a delay takes either seconds or a distribution: write seconds=0.2"),
        ("us-east-1", "error", {"rate": 2}, "rate is 2; write a number from 0 to 1"),
        ("us-east-1", "error", {"status": 404}, "status is 404; write a number from 500 to 599"),
        ("us-east-1", "delay", {"distribution": {"name": "cauchy"}}, "write an object with a name of constant"),
    ],
)
def test_a_wrong_fault_is_refused(
    sandbox: Sandbox, region: str, kind: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(SandboxError, match=message):
        sandbox.fault(region, kind, **options)


def test_many_clients_at_once(client: Clients, global_table: str) -> None:
    errors: list[Exception] = []

    def write(number: int) -> None:
        dynamodb = client("dynamodb")
        try:
            for i in range(20):
                dynamodb.put_item(TableName=global_table, Item={"pk": {"S": f"{number}"}, "sk": {"S": f"{i:03d}"}})
        except Exception as error:  # noqa: BLE001 - whatever it is, the test reports it
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert client("dynamodb").scan(TableName=global_table, Select="COUNT")["Count"] == 160
