"""A running sandbox for the tests of a module, and clients of its gateways."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.cloud import Sandbox

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
ACCOUNT = "111122223333"

Clients = Callable[..., Any]


def make_client(sandbox: Sandbox, service: str, region: str, **options: Any) -> Any:
    environment = sandbox.environment(region)
    key = options.pop("access_key", environment["AWS_ACCESS_KEY_ID"])
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=sandbox.gateways[region],
        aws_access_key_id=key,
        aws_secret_access_key=options.pop("secret_key", environment["AWS_SECRET_ACCESS_KEY"]),
        aws_session_token=options.pop("session_token", None),
        config=Config(
            retries={"total_max_attempts": 1}, connect_timeout=30, read_timeout=options.pop("timeout", 60), **options
        ),
    )


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A module may say which DynamoDB holds the items; else the variable DYNAMODB does."""
    directory: Path = tmp_path_factory.mktemp("sandbox")
    engine = getattr(request, "param", None)
    if engine == "local" and (shutil.which("java") is None or shutil.which("mvn") is None):
        pytest.skip("DynamoDB Local needs java and mvn on the PATH")
    running = Sandbox.start(directory, regions=REGIONS, account_id=ACCOUNT, dynamodb=engine)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def administrator(sandbox: Sandbox) -> Clients:
    """Makes clients, as `client` does, for fixtures of a module."""
    return lambda service, region: make_client(sandbox, service, region)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Clients]:
    def make(service: str, region: str = "us-east-1", **options: Any) -> Any:
        return make_client(sandbox, service, region, **options)

    yield make
    sandbox.heal()
    sandbox.set_lag(0.02)


@pytest.fixture
def global_table(client: Clients, request: pytest.FixtureRequest) -> str:
    """A new table with replicas in all regions, keys pk and sk."""
    name = "t-" + request.node.name.replace("[", "-").replace("]", "")[:60]
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "status")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for region in REGIONS[1:]:
        dynamodb.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])
    return name
