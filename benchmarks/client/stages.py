"""Where the microseconds of a GetItem go: each stage on its own, and the floor beneath them.

`benchmarks/.venv/bin/python benchmarks/client/stages.py` with `runtime` on the path. The least of many repeats is
shown, which is what a stage takes when nothing else runs.
"""

# ruff: noqa: SLF001 - it looks into the parts that it measures

from __future__ import annotations

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

from holdfast import Client, Timeouts  # noqa: E402
from holdfast._attempt import GET_ITEM, Call, Reply  # noqa: E402
from holdfast._core.encode import encode_body  # noqa: E402
from holdfast._core.response import ResponseReader  # noqa: E402
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
    client = Client(region="us-east-1", endpoint_url=url)
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
    reply = Reply(body, "us-east-1")
    reader = ResponseReader()

    def parse() -> None:
        reader.expect()
        reader.feed(whole)

    def encode() -> None:
        encode_body(table._get_call(adapters.KEY, {}))

    def floor() -> None:
        connection._socket.sendall(data)
        connection._socket.recv(65536)

    parse()
    wire = reply.document["Item"]
    stages = [
        ("build and encode the request", least(encode)),
        ("sign and write the head", least(lambda: channel.request(call))),
        ("the floor: one send and one receive of ready bytes", least(floor)),
        ("parse the answer (httptools)", least(parse)),
        ("checksum, status, request id", least(lambda: reader.reply(call, "us-east-1", 0.0))),
        ("parse the document (orjson)", least(lambda: Reply(body, "us-east-1").document)),
        ("decode into Python values", least(lambda: table._codec.decode(wire))),
        ("or both in one for a typed model (msgspec)", least(lambda: typed._read_item(reply))),
    ]
    pool.release(connection)
    fresh = lambda: Call(GET_ITEM, call.request, adapters.TABLE)  # noqa: E731 - one line of a table
    totals = [
        ("one attempt, without the pipeline", least(lambda: sender.send(fresh(), region, timeouts=timeouts))),
        ("with the pipeline (deadline, routing, breaker, limit, retry)", least(lambda: client.send(fresh()))),
        ("the whole `table.get`", least(lambda: table.get(adapters.KEY))),
        ("the whole `table.get`, typed", least(lambda: typed.get(adapters.KEY))),
    ]
    assert crc32(body)
    client.close()
    server.stdin.close()
    server.wait(10)
    print("| Stage of a GetItem of 14 attributes | µs of CPU |\n|---|---|")
    for name, value in [*stages, *totals]:
        print(f"| {name} | {value:.1f} |")


if __name__ == "__main__":
    main()
