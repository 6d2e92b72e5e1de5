"""The orders service as a process, over a sandbox: it serves, tells who is wrong, and ends with its parent."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import boto3
import httpx
import pytest

from sandbox.cloud import Sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(180)]
HOME = "us-east-1"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    directory = tmp_path_factory.mktemp("orders")
    cloud = Sandbox.start(directory, regions=[HOME], account_id="111122223333")
    try:
        environment = {**os.environ, **cloud.environment(HOME), "PYTHONPATH": ".:runtime"}
        client = boto3.client(
            "dynamodb", region_name=HOME, endpoint_url=cloud.gateways[HOME],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"], aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip
        keys = [("customer_id", "HASH"), ("order_id", "RANGE")]
        client.create_table(
            TableName="orders-production", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        )  # fmt: skip
        client.create_table(
            TableName="accounts", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "account_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "account_id", "AttributeType": "S"}],
        )  # fmt: skip
        for account, balance in (("x", 10), ("y", 0)):
            client.put_item(TableName="accounts", Item={"account_id": {"S": account}, "balance": {"N": str(balance)}})
        accounts = {"name": "accounts", "arn": "arn:y", "partition_key": {"name": "account_id"}}
        table = {
            "name": "orders-production", "arn": "arn:x",
            "partition_key": {"name": "customer_id"}, "sort_key": {"name": "order_id"},
        }  # fmt: skip
        region = {
            "name": HOME,
            "tables": {"orders": table, "accounts": accounts},
            "endpoints": {"dynamodb": cloud.gateways[HOME]},
        }
        topology = directory / "topology.json"
        topology.write_text(json.dumps({"version": 1, "stack": "t", "home_region": HOME, "regions": {HOME: region}}))
        environment |= {"HOLDFAST_TOPOLOGY": str(topology), "AWS_REGION": HOME}
        yield SimpleNamespace(environment=environment, directory=directory)
    finally:
        cloud.stop()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(url):
    for _ in range(200):
        try:
            return httpx.get(url, timeout=2)
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {url}")


@pytest.fixture(scope="module")
def service(stack):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "services.orders", "--port", str(port), "--exit-with-parent"], env=stack.environment
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) in (0, -signal.SIGTERM)


def test_it_serves_over_the_own_data_path(service):
    made = httpx.post(f"{service}/orders", json={"customer_id": "c", "items": [{"price": 1.5}]})
    assert (made.status_code, made.headers["x-holdfast-region"]) == (201, HOME)
    order = made.json()
    assert httpx.get(f"{service}/orders/c/{order['order_id']}").json() == order
    assert httpx.get(f"{service}/health/deep").json()["status"] == "ok"


@pytest.mark.parametrize(("example", "says"), [("blocking", "confirmed"), ("asynchronous", "cancelled")])
def test_the_examples_run(stack, example, says):
    command = [sys.executable, "-m", f"services.orders.examples.{example}"]
    ended = subprocess.run(command, env=stack.environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert says in ended.stdout


def test_a_transfer_moves_once_however_often_it_is_asked_for(service):
    def move(amount, number):
        body = {"from_account": "x", "to_account": "y", "amount": amount}
        headers = {"Idempotency-Key": f"1795270696910-{number}"}
        return httpx.post(f"{service}/transfers", json=body, headers=headers).status_code

    assert [move(6, 1), move(6, 1), move(6, 2), move(4, 2), move(1, 3)] == [201, 200, 409, 201, 409]


def test_it_sustains_more_than_a_hundred_creates_a_second(service):
    with httpx.Client(base_url=service, limits=httpx.Limits(max_connections=16)) as client:

        def create(number):
            headers = {"Idempotency-Key": f"{time.time_ns() // 1_000_000}-{number}"}
            return client.post("/orders", json={"customer_id": f"c{number}", "items": []}, headers=headers).status_code

        started = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            statuses = set(pool.map(create, range(300)))
        rate = 300 / (time.monotonic() - started)
    assert statuses == {201}
    # The promise is over 100 a second; a host that other tests keep busy gets half of it.
    assert rate > 50, f"{rate:.0f} creates a second"


def test_an_environment_that_cannot_be_used_ends_with_two_and_a_sentence(stack):
    environment = {**stack.environment, "HOLDFAST_TOPOLOGY": "/nowhere.json"}
    ended = subprocess.run(
        [sys.executable, "-m", "services.orders"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "/nowhere.json" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_ends_with_its_parent(stack):
    port = free_port()
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-m', 'services.orders', '--port', '{port}', '--exit-with-parent'])\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], env=stack.environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
    finally:
        parent.kill()
        parent.wait(10)
    for _ in range(100):
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=1)
        except httpx.HTTPError:
            return
        time.sleep(0.1)
    raise AssertionError("the service outlives its parent")
