"""A DynamoDB of bounded capacity on loopback: `python server.py CAPACITY`; it prints its port and ends with its stdin.

It answers so many requests a second, one after another. What would wait longer than its queue is refused as throttled,
which costs it a part of an answer. `GET /` gives the counts, and sets them to nothing.
"""

from __future__ import annotations

import asyncio
import json
import sys

REFUSAL_COST = 0.05
"""What a refusal costs, in answers."""
QUEUE_SECONDS = 0.5
"""Work that is accepted ahead of time; beyond it, requests are refused."""
OK = b"{}"
THROTTLED = b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Rate exceeded"}'


class Server:
    """One worker with a short queue, shared by all connections."""

    def __init__(self, capacity: float) -> None:
        self.loop = asyncio.get_running_loop()
        self.capacity = capacity
        self.busy_until = 0.0
        self.answered = self.refused = 0

    def take(self) -> tuple[float, int, bytes]:
        """After how many seconds a request is answered, and with what."""
        now = self.loop.time()
        self.busy_until = max(self.busy_until, now)
        if self.busy_until - now > QUEUE_SECONDS:
            self.busy_until += REFUSAL_COST / self.capacity
            self.refused += 1
            return 0.0, 400, THROTTLED
        self.busy_until += 1 / self.capacity
        self.answered += 1
        return self.busy_until - now, 200, OK

    def counts(self) -> bytes:
        found = {"answered": self.answered, "refused": self.refused}
        self.answered = self.refused = 0
        self.busy_until = 0.0
        return json.dumps(found).encode()


class Connection(asyncio.Protocol):
    """HTTP/1.1, one request at a time."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, rest = self.received.partition(b"\r\n\r\n")
        if not end:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(rest) < length:
            return
        self.received = rest[length:]
        if head.startswith(b"GET"):
            self.answer(200, self.server.counts())
        else:
            after, status, body = self.server.take()
            self.server.loop.call_later(after, self.answer, status, body)

    def answer(self, status: int, body: bytes) -> None:
        reason = {200: b"OK", 400: b"Bad Request"}[status]
        self.transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n%s"
            % (status, reason, len(body), body)
        )


async def serve(capacity: float) -> None:
    loop = asyncio.get_running_loop()
    server = Server(capacity)
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=1024)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
