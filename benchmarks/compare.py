"""What `holdfast data compare` costs: memory over a million items, and time beside scanning alone.

    python -m benchmarks.compare [--items 1000000] [--scanned 100000]

Two measures, each in a process of its own, written to `benchmarks/compare.json`:

- `million`: 100 differences in a million generated items, answered in the process; the most memory it took.
- `beside_scanning`: boto3 reads tables of generated items from a stub over HTTP, once only scanning both regions and
  once comparing them, in turn, three times; processor seconds of the reader, because the machine may be busy.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import multiprocessing
import os
import platform
import resource
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from ops.data.compare import Comparer
from ops.data.scan import each_segment, segment_pages
from ops.estate.access import SANDBOX_CREDENTIALS

EVERY = 10_000
"""Of a million items every ten thousandth differs."""
ROUNDS = 3
SEGMENTS = 4


def item(number: int, *, altered: bool = False) -> dict[str, Any]:
    """A generated order of about 300 bytes, as DynamoDB sends it."""
    return {
        "customer_id": {"S": f"customer-{number % 1000}"},
        "order_id": {"S": f"ORD_{number:012}"},
        "number": {"N": str(number)},
        "status": {"S": "lost" if altered else "pending"},
        "total": {"N": f"{number % 977}.25"},
        "items": {"L": [{"M": {"sku": {"S": f"sku-{number % 97}"}, "quantity": {"N": "2"}}}]},
        "order_date": {"S": "2026-11-21"},
        "expires_at": {"N": "1826323200"},
    }


class Table:
    """A table that makes its items as they are asked for."""

    def __init__(self, count: int, *, altered: bool) -> None:
        self.count, self.altered = count, altered

    def scan(self, **request: Any) -> dict[str, Any]:
        """A page of a segment."""
        segment, total, limit = request["Segment"], request["TotalSegments"], request["Limit"]
        start = int(request["ExclusiveStartKey"]["number"]["N"]) if "ExclusiveStartKey" in request else segment
        numbers = range(start, self.count, total)[:limit]
        answer: dict[str, Any] = {"Items": [self._item(number) for number in numbers]}
        following = start + limit * total
        if following < self.count:
            answer["LastEvaluatedKey"] = {"number": {"N": str(following)}}
        return answer

    def get_item(self, **request: Any) -> dict[str, Any]:
        """One item."""
        return {"Item": self._item(int(request["Key"]["order_id"]["S"].removeprefix("ORD_")))}

    def _item(self, number: int) -> dict[str, Any]:
        return item(number, altered=self.altered and number % EVERY == 0)


def _in_process(count: int, results: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tables = Table(count, altered=False), Table(count, altered=True)
    started = time.perf_counter()
    comparer = Comparer(tables, table="t", key_names=["customer_id", "order_id"], segments=SEGMENTS)
    found = comparer.run("us-east-1", "us-west-2")
    results.put(
        {
            "items": found.items,
            "differences": len(found.differences),
            "wanted": -(-count // EVERY),
            "seconds": round(time.perf_counter() - started, 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            "of_which_before_mb": round(before, 1),
            "most_waiting": comparer.most_waiting,
        }
    )


def _serve(count: int, ports: Any) -> None:
    """Two regions over HTTP, one table each; the second's items differ as the first measure's do."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, table: Table) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.partition("content-length:")[2].split("\r\n")[0])
                request = json.loads(await reader.readexactly(length))
                operation = table.get_item if "dynamodb_20120810.getitem" in head else table.scan
                body = json.dumps(operation(**request)).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\n"
                    b"content-length: %d\r\n\r\n%b" % (len(body), body)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        servers = []
        for altered in (False, True):
            table = Table(count, altered=altered)
            server = await asyncio.start_server(functools.partial(answer, table=table), "127.0.0.1", 0)
            servers.append(server)
            ports.put(server.sockets[0].getsockname()[1])
        await asyncio.gather(*(server.serve_forever() for server in servers))

    asyncio.run(serve())


def _beside_scanning(ports: list[int], results: Any) -> None:
    config = Config(max_pool_connections=8, parameter_validation=True)
    make: Any = boto3.client
    clients = tuple(
        make(
            "dynamodb", region_name="us-east-1", endpoint_url=f"http://127.0.0.1:{port}", config=config,
            **SANDBOX_CREDENTIALS,
        )
        for port in ports
    )  # fmt: skip

    def scan_alone(segment: int) -> int:
        pages = [segment_pages(client, "t", segment, SEGMENTS) for client in clients]
        return sum(len(items) for one in pages for items, _ in one)

    def compare() -> int:
        comparer = Comparer(clients, table="t", key_names=["customer_id", "order_id"], segments=SEGMENTS)
        return len(comparer.run("us-east-1", "us-west-2").differences)

    rounds: dict[str, list[float]] = {"scanning": [], "comparing": []}
    found = 0
    for _ in range(ROUNDS):
        started = time.process_time()
        each_segment(SEGMENTS, scan_alone)
        rounds["scanning"].append(round(time.process_time() - started, 2))
        started = time.process_time()
        found = compare()
        rounds["comparing"].append(round(time.process_time() - started, 2))
    ratio = statistics.median(rounds["comparing"]) / statistics.median(rounds["scanning"])
    results.put({"processor_seconds": rounds, "ratio": round(ratio, 3), "differences": found})


def _run(target: Any, *arguments: Any) -> Any:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=target, args=(*arguments, results))
    process.start()
    found = results.get(timeout=3600)
    process.join()
    return found


def main() -> None:
    """Measure, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--scanned", type=int, default=100_000)
    arguments = parser.parse_args()
    document: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": f"python -m benchmarks.compare --items {arguments.items} --scanned {arguments.scanned}",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "load_before": round(os.getloadavg()[0], 1),
    }
    document["million"] = _run(_in_process, arguments.items)
    context = multiprocessing.get_context("spawn")
    ports = context.Queue()
    server = context.Process(target=_serve, args=(arguments.scanned, ports), daemon=True)
    server.start()
    found = _run(_beside_scanning, [ports.get(timeout=60), ports.get(timeout=60)])
    server.terminate()
    document["beside_scanning"] = {"items_a_region": arguments.scanned, **found}
    document["load_after"] = round(os.getloadavg()[0], 1)
    Path(__file__).with_suffix(".json").write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
