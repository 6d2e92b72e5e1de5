"""A running sandbox with global tables and a Redis cluster, for clients in real time."""

import logging
import os
import time
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config

from holdfast.topology import Key, Region, Table, Topology
from sandbox.cloud import Sandbox

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def _table(client, name, key):
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for region in REGIONS[1:]:
        client.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])
        for _ in range(100):
            replicas = client.describe_table(TableName=name)["Table"].get("Replicas", [])
            if any(r["RegionName"] == region and r["ReplicaStatus"] == "ACTIVE" for r in replicas):
                break
            time.sleep(0.1)


@pytest.fixture
def quiet():
    """Simulated clients fail by the thousand, and each would tell."""
    logger = logging.getLogger("holdfast")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


@pytest.fixture(scope="package")
def cloud(tmp_path_factory):
    running = Sandbox.start(tmp_path_factory.mktemp("cloud"), regions=REGIONS, account_id="111122223333")
    try:
        environment = running.environment(REGIONS[0])
        keys = {name: environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        before = {name: os.environ.get(name) for name in keys}
        os.environ.update(keys)
        client = boto3.client(
            "dynamodb", region_name=REGIONS[0], endpoint_url=running.gateways[REGIONS[0]],
            config=Config(retries={"total_max_attempts": 3}, read_timeout=20),
        )  # fmt: skip
        _table(client, "items", "pk")
        _table(client, "holdfast-control", "scope")
        redis = running.start_redis(REGIONS[0])
        items = Table(name="items", arn="arn:x", partition_key=Key(name="pk"))
        regions = {
            name: Region(
                name=name, tables={"items": items}, control_table="holdfast-control",
                redis_endpoint=f"redis://{redis['host']}:{redis['port']}" if name == REGIONS[0] else None,
                endpoints={"dynamodb": running.gateways[name]},
            )
            for name in REGIONS
        }  # fmt: skip
        topology = Topology(stack="real", home_region=REGIONS[0], regions=regions, failover=True)
        yield SimpleNamespace(sandbox=running, topology=topology, redis=redis, boto=client)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    finally:
        running.stop()
