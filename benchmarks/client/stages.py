"""Where the microseconds of a GetItem go: each stage on its own, and the floor beneath them.

A stage that runs in a loop of its own finds its code and data in the processor's caches. In a call it follows a wait
for the network, during which other work has taken them: the second column is the stage right behind an exchange.

`benchmarks/.venv/bin/python benchmarks/client/stages.py` with `runtime` on the path. The least of many repeats is
shown, which is what a stage takes when nothing else runs.
"""

# ruff: noqa: SLF001 - it looks into the parts that it measures

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "runtime")]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}

import adapters  # noqa: E402 - after the path is set
import stub  # noqa: E402

from holdfast import AsyncClient, Client, Timeouts  # noqa: E402
from holdfast._attempt import GET_ITEM, Call, Reply  # noqa: E402
from holdfast._core.encode import encode_body  # noqa: E402
from holdfast._core.response import ResponseReader  # noqa: E402
from holdfast.resilience.flight import Flight  # noqa: E402
from holdfast.topology import Region  # noqa: E402


def least(function: Callable[[], object], calls: int = 300, repeats: int = 60) -> float:
    """Microseconds of CPU per call, the least of many repeats."""
    best = float("inf")
    for _ in range(repeats):
        started = time.process_time()
        for _ in range(calls):
            function()
        best = min(best, (time.process_time() - started) / calls)
    return best * 1e6


def main() -> None:
    server = subprocess.Popen(
        [sys.executable, str(HERE / "stub.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    region = Region(name="us-east-1", endpoints={"dynamodb": url})
    client = Client(region="us-east-1", endpoint_url=url, policy=adapters.patient())
    table = client.table(adapters.TABLE)
    typed = client.table(adapters.TABLE, adapters.Order)
    table.get(adapters.KEY)
    sender = client._sender
    channel, pool = sender._lanes["us-east-1"]
    timeouts = Timeouts(5, 5)
    call = table._get_call(adapters.KEY, {})
    data = channel.request(call)
    connection = pool.acquire(1)
    whole = stub.ANSWERS[b"GetItem"]
    body = whole.partition(b"\r\n\r\n")[2]
    reply = Reply(body, "us-east-1", None, 0.001)
    reader = ResponseReader()
    core = client.pipeline.core

    def parse() -> None:
        reader.expect()
        reader.feed(whole)

    def encode() -> None:
        encode_body(table._get_call(adapters.KEY, {}))

    def floor() -> None:
        connection._socket.sendall(data)
        connection._socket.recv(65536)

    def borrow() -> None:
        pool.release(pool.acquire(1))

    def decide() -> None:
        flight = Flight(core, call)
        flight.step()
        flight.succeeded(reply)

    parse()
    connection.exchange(data, 5)
    wire = reply.document["Item"]
    waited = least(floor)
    stages: list[tuple[str, Callable[[], object]]] = [
        ("build and encode the request", encode),
        ("deadline, routing, breaker, limit, latency", decide),
        ("sign and write the head", lambda: channel.request(call)),
        ("take a connection, look at it, give it back", borrow),
        ("parse the answer (httptools)", parse),
        ("checksum, status, request id", lambda: reader.reply(call, "us-east-1", 0.0)),
        ("parse the document (orjson)", lambda: Reply(body, "us-east-1").document),
        ("decode into Python values", lambda: table._codec.decode(wire)),
    ]
    pool._idle.append(pool._connect(5))
    rows = []
    for name, stage in stages:
        alone = least(stage)
        rows.append((name, alone, least(lambda stage=stage: (floor(), stage())) - waited))  # type: ignore[misc]
    pool.release(connection)
    fresh = lambda: Call(GET_ITEM, call.request, adapters.TABLE)  # noqa: E731 - one line of a table
    totals = [
        ("one attempt, without the pipeline", least(lambda: sender.send(fresh(), region, timeouts=timeouts))),
        ("with the pipeline", least(lambda: client.send(fresh()))),
        ("**the whole `table.get`**", least(lambda: table.get(adapters.KEY))),
        ("the whole `table.get`, typed (msgspec reads the document)", least(lambda: typed.get(adapters.KEY))),
    ]
    assert crc32(body)
    client.close()
    totals.append(("**the whole `table.get` on an event loop**", asyncio.run(on_a_loop(url, whole=True))))
    totals.append(
        ("the floor there: begin, one turn of the loop, the answer", asyncio.run(on_a_loop(url, whole=False)))
    )
    server.stdin.close()
    server.wait(10)
    print("| Stage of a GetItem of 14 attributes | alone, µs | behind a wait, µs |\n|---|---|---|")
    print(f"| the floor: one send and one receive of ready bytes | {waited:.1f} | {waited:.1f} |")
    for name, alone, behind in rows:
        print(f"| {name} | {alone:.1f} | {behind:.1f} |")
    print(f"| sum | {waited + sum(row[1] for row in rows):.1f} | {waited + sum(row[2] for row in rows):.1f} |")
    for name, value in totals:
        print(f"| {name} | | {value:.1f} |")


async def on_a_loop(url: str, *, whole: bool) -> float:
    """Microseconds of CPU per GetItem of an `AsyncClient`, or per exchange of ready bytes: the least of 60 repeats."""
    async with AsyncClient(region="us-east-1", endpoint_url=url, policy=adapters.patient()) as client:
        table = client.table(adapters.TABLE)
        await table.get(adapters.KEY)
        lane = client._sender._lanes["us-east-1"]
        data = lane.channel.request(table._get_call(adapters.KEY, {}))
        best = float("inf")
        for _ in range(60):
            started = time.process_time()
            for _ in range(300):
                if whole:
                    await table.get(adapters.KEY)
                else:
                    connection = lane.idle_connection(time.monotonic())
                    connection.begin(data, time.monotonic(), 5)
                    await connection
                    lane.release(connection, time.monotonic())
            best = min(best, (time.process_time() - started) / 300)
    return best * 1e6


if __name__ == "__main__":
    main()
