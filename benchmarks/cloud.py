"""Measures the sandbox's cloud: `python benchmarks/cloud.py` prints a table and writes benchmarks/cloud.json.

- start and stop of a sandbox of three regions, and its resident memory;
- what the gateway adds to a request: the same GetItem and PutItem on a kept connection, through the gateway and past
  it; and the processor time that the gateway and DynamoDB take for one, which does not depend on what else runs;
- replication at 200 writes a second into one region for ten seconds, and as fast as one client can write.
"""

from __future__ import annotations

import http.client
import json
import os
import platform
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from sandbox.cloud import Sandbox

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
SCOPE = (
    "AWS4-HMAC-SHA256 Credential=AKIAHOLDFASTSANDBOX0/20260101/{}/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
REQUESTS = 2000
RATE = 200
SECONDS = 10


class Client:
    """One kept connection, and no SDK in the way."""

    def __init__(self, port: int, region: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._scope = SCOPE.format(region)

    def __call__(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Authorization": self._scope}
        self._connection.request("POST", "/", json.dumps(params), headers)
        response = self._connection.getresponse()
        document: dict[str, Any] = json.loads(response.read())
        assert response.status == 200, document
        return document


def item(number: int) -> dict[str, Any]:
    return {"pk": {"S": f"customer-{number % 97}"}, "sk": {"S": f"{number:08d}"}, "body": {"S": "x" * 300}}


def milliseconds(client: Client, operation: str, make: Any) -> dict[str, float]:
    samples = []
    for number in range(REQUESTS):
        params = make(number)
        begun = time.perf_counter()
        client(operation, params)
        samples.append((time.perf_counter() - begun) * 1000)
    samples.sort()
    return {"p50": round(statistics.median(samples), 3), "p99": round(samples[int(len(samples) * 0.99)], 3)}


def processor(sandbox: Sandbox) -> dict[str, float]:
    """Processor seconds that the gateways' process and DynamoDB's have taken so far."""
    pids = {part.name: part.pid for part in sandbox.status().parts}
    times = {
        name: psutil.Process(pids[part]).cpu_times()
        for name, part in (("gateway", "supervisor"), ("dynamodb", "dynamodb"))
    }
    return {name: spent.user + spent.system for name, spent in times.items()}


def gateway(sandbox: Sandbox) -> dict[str, Any]:
    through = Client(int(sandbox.gateways["us-east-1"].rpartition(":")[2]), "us-east-1")
    port = json.loads(
        next(
            line.removeprefix("READY ")
            for line in (sandbox.directory / "logs" / "dynamodb.log").read_text().splitlines()
            if line.startswith("READY ")
        )
    )["port"]
    past = Client(port, "us-east-1")
    result: dict[str, Any] = {}
    for operation, make in (
        ("PutItem", lambda number: {"TableName": "bench", "Item": item(number)}),
        ("GetItem", lambda number: {"TableName": "bench", "Key": {k: item(number)[k] for k in ("pk", "sk")}}),
    ):
        ahead = milliseconds(past, operation, make)
        before = processor(sandbox)
        around = milliseconds(through, operation, make)
        spent = {part: round((seconds - before[part]) / REQUESTS * 1e6) for part, seconds in processor(sandbox).items()}
        result[operation] = {
            "past_ms": ahead,
            "through_ms": around,
            "added_p50_ms": round(around["p50"] - ahead["p50"], 3),
            "processor_us": spent,
        }
    return result


def replication(sandbox: Sandbox) -> dict[str, Any]:
    client = Client(int(sandbox.gateways["us-east-1"].rpartition(":")[2]), "us-east-1")
    sandbox.set_lag(0.0)
    time.sleep(1)
    begun = time.perf_counter()
    for number in range(RATE * SECONDS):
        client("PutItem", {"TableName": "bench", "Item": item(number)})
        ahead = begun + (number + 1) / RATE - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
    took = time.perf_counter() - begun
    pairs = [pair for pair in sandbox.replication() if pair.source == "us-east-1"]
    paced = {
        "writes_per_second": round(RATE * SECONDS / took, 1),
        "lag_p50_ms": {pair.target: round((pair.p50_lag_seconds or 0) * 1000, 3) for pair in pairs},
        "lag_p99_ms": {pair.target: round((pair.p99_lag_seconds or 0) * 1000, 3) for pair in pairs},
        "backlog": sum(pair.backlog for pair in pairs),
    }
    begun = time.perf_counter()
    for number in range(REQUESTS):
        client("PutItem", {"TableName": "bench", "Item": item(number)})
    while any(pair.backlog for pair in sandbox.replication()):
        time.sleep(0.001)
    flat = REQUESTS / (time.perf_counter() - begun)
    return {"paced_at": RATE, **paced, "one_client_flat_out_writes_per_second": round(flat)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        sandbox = Sandbox.start(Path(folder), regions=REGIONS, account_id="111122223333", dynamodb="sandbox")
        started = time.perf_counter() - begun
        try:
            client = Client(int(sandbox.gateways["us-east-1"].rpartition(":")[2]), "us-east-1")
            client(
                "CreateTable",
                {
                    "TableName": "bench",
                    "KeySchema": [
                        {"AttributeName": "pk", "KeyType": "HASH"},
                        {"AttributeName": "sk", "KeyType": "RANGE"},
                    ],
                    "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
                    "BillingMode": "PAY_PER_REQUEST",
                    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
                },
            )
            latency = gateway(sandbox)
            for region in REGIONS[1:]:
                client("UpdateTable", {"TableName": "bench", "ReplicaUpdates": [{"Create": {"RegionName": region}}]})
            replicated = replication(sandbox)
            memory = sandbox.status().memory_mb
        finally:
            begun = time.perf_counter()
            sandbox.stop()
            stopped = time.perf_counter() - begun
    report = {
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "load_average": round(os.getloadavg()[0], 1),
        "start_seconds": round(started, 2),
        "stop_seconds": round(stopped, 2),
        "memory_mb": memory,
        "gateway": latency,
        "replication": replicated,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
