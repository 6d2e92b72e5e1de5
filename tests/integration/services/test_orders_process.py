"""The orders service as a process, over a sandbox: it serves, tells who is wrong, and ends with its parent."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import boto3
import httpx
import psutil
import pytest

from sandbox.cloud import Sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
HOME = "us-east-1"
PATIENT = {"pool": {"request_timeout_seconds": 120}, "timeouts": {"attempt_seconds": 60, "minimum_seconds": 60}}
"""How the clients of the services wait here: a machine that stands still for seconds is no lost region."""
CPU_MS_PER_ORDER = 10
"""The promise is over 100 orders a second of one process, which thus has so long for each."""


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
        document = {"version": 1, "stack": "t", "home_region": HOME, "regions": {HOME: region}, "runtime": PATIENT}
        topology.write_text(json.dumps(document))
        environment |= {"HOLDFAST_TOPOLOGY": str(topology), "AWS_REGION": HOME}
        yield SimpleNamespace(environment=environment, directory=directory)
    finally:
        cloud.stop()


def free_port():
    """A port that nobody is given who asks for any: it is still free when the service binds it."""
    for port in random.sample(range(20_000, 32_000), 1_000):  # below Linux's range of ports for everybody
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def wait_for(url):
    for _ in range(1_000):
        try:
            return httpx.get(url, timeout=30)
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {url}")


@pytest.fixture(scope="module")
def running(stack):
    """The process of a service, and its address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "services.orders", "--port", str(port), "--exit-with-parent"], env=stack.environment
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)


@pytest.fixture(scope="module")
def service(running):
    return running[1]


def test_it_serves_over_the_own_data_path(service):
    made = httpx.post(f"{service}/orders", json={"customer_id": "c", "items": [{"price": 1.5}]}, timeout=60)
    assert (made.status_code, made.headers["x-holdfast-region"]) == (201, HOME)
    order = made.json()
    assert httpx.get(f"{service}/orders/c/{order['order_id']}", timeout=60).json() == order
    assert httpx.get(f"{service}/health/deep", timeout=60).json()["status"] == "ok"


@pytest.mark.parametrize(("example", "says"), [("blocking", "confirmed"), ("asynchronous", "cancelled")])
def test_the_examples_run(stack, example, says):
    command = [sys.executable, "-m", f"services.orders.examples.{example}"]
    ended = subprocess.run(command, env=stack.environment, capture_output=True, text=True, timeout=200, check=False)
    assert ended.returncode == 0, ended.stderr
    assert says in ended.stdout


def test_a_transfer_moves_once_however_often_it_is_asked_for(service):
    def move(amount, number):
        body = {"from_account": "x", "to_account": "y", "amount": amount}
        headers = {"Idempotency-Key": f"1795270696910-{number}"}
        return httpx.post(f"{service}/transfers", json=body, headers=headers, timeout=60).status_code

    assert [move(6, 1), move(6, 1), move(6, 2), move(4, 2), move(1, 3)] == [201, 200, 409, 201, 409]


def test_a_process_has_the_time_for_more_than_a_hundred_creates_a_second(running):
    """Judged by the processor time that they take: how long they last is the machine's business."""
    process, service = running
    with httpx.Client(base_url=service, limits=httpx.Limits(max_connections=16), timeout=60) as client:

        def create(number):
            headers = {"Idempotency-Key": f"{time.time_ns() // 1_000_000}-{number}"}
            return client.post("/orders", json={"customer_id": f"c{number}", "items": []}, headers=headers).status_code

        before = sum(psutil.Process(process.pid).cpu_times()[:2])
        with ThreadPoolExecutor(8) as pool:
            statuses = set(pool.map(create, range(300)))
        taken = sum(psutil.Process(process.pid).cpu_times()[:2]) - before
    assert statuses == {201}
    assert 0 < taken / 300 * 1000 < CPU_MS_PER_ORDER


def test_an_environment_that_cannot_be_used_ends_with_two_and_a_sentence(stack):
    environment = {**stack.environment, "HOLDFAST_TOPOLOGY": "/nowhere.json"}
    ended = subprocess.run(
        [sys.executable, "-m", "services.orders"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
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
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], env=stack.environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
    finally:
        parent.kill()
        parent.wait(60)
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=30)
        except httpx.HTTPError:
            return
        time.sleep(0.1)
    raise AssertionError("the service outlives its parent")
