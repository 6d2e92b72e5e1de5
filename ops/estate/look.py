"""A first look at a region: does it answer, how fast, and which regions are evacuated as it sees it.

It speaks to DynamoDB with a signature and a socket: boto3 takes a third of a second to load, and an operator at three
in the morning wants to see at once which regions answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httptools

from holdfast.resilience.flags import Flag, scope_of
from holdfast.signing import Credentials, RequestSigner
from ops.estate.access import CONNECT_SECONDS, SANDBOX_CREDENTIALS

if TYPE_CHECKING:
    from ops.estate.access import Estate

ANSWER_SECONDS = 1.5
OK = 200
PROBE_SECONDS = 3600
"""After which TTL removes the item that was written."""
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


class RefusedError(Exception):
    """A region answered, and refused."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a region answered at first."""

    region: str
    write_ms: float | None = None
    read_ms: float | None = None
    flags: Mapping[str, Flag] = field(default_factory=dict)
    """Region → its flag, as this region's replica shows it."""
    fault: str = ""
    """Why it does not answer."""


def first_line(look: Look) -> str:
    """Whether a region answers: what is known at once."""
    if look.fault:
        return f"{look.region}: does not answer: {look.fault}"
    return f"{look.region}: answers, write {look.write_ms:.0f} ms, read {look.read_ms:.0f} ms; looking closer"


class Looking(Iterator[Look]):
    """A look at every region at once; the answers come as they arrive."""

    def __init__(self, estate: Estate) -> None:
        ask = _ask_sandbox if estate.sandboxed else _ask_aws
        answers: queue.SimpleQueue[Look] = queue.SimpleQueue()
        self._answers = answers
        self._left = len(estate.regions)
        _ = estate.control_table  # A stack without one is told here, and not by a thread of each region.
        for name in estate.regions:
            threading.Thread(target=lambda region=name: answers.put(_look(estate, region, ask)), daemon=True).start()

    def __next__(self) -> Look:
        if not self._left:
            raise StopIteration
        self._left -= 1
        return self._answers.get()

    def next(self, seconds: float) -> Look | None:
        """The next answer; None where none comes within that time, or none is left."""
        if not self._left:
            return None
        try:
            look = self._answers.get(timeout=seconds)
        except queue.Empty:
            return None
        self._left -= 1
        return look


def _look(estate: Estate, region: str, asking: Callable[[Estate, str], contextlib.AbstractContextManager[Ask]]) -> Look:
    table = estate.control_table
    item = {
        "scope": {"S": f"status#{os.urandom(16).hex()}"},
        "expires_at": {"N": str(int(time.time()) + PROBE_SECONDS)},
    }
    keys = [{"scope": {"S": scope_of(name)}} for name in estate.regions]
    try:
        with asking(estate, region) as ask:
            started = time.monotonic()
            ask("PutItem", {"TableName": table, "Item": item})
            written = time.monotonic()
            reply = ask("BatchGetItem", {"RequestItems": {table: {"Keys": keys, "ConsistentRead": True}}})
            read = time.monotonic()
    except Exception as error:  # noqa: BLE001 (whatever it is, the region does not answer)
        from ops.estate.reach import reason  # noqa: PLC0415 (only who does not answer needs it)

        return Look(region=region, fault=reason(error))
    found = (Flag.from_wire(one) for one in reply["Responses"].get(table, []))
    return Look(
        region=region,
        write_ms=round((written - started) * 1000, 1),
        read_ms=round((read - written) * 1000, 1),
        flags={flag.region: flag for flag in found if flag is not None},
    )


@contextlib.contextmanager
def _ask_aws(estate: Estate, region: str) -> Iterator[Ask]:
    """By boto3, which knows where AWS is and who signs."""
    client = estate.client("dynamodb", region)
    methods = {"PutItem": client.put_item, "BatchGetItem": client.batch_get_item}
    yield lambda operation, document: methods[operation](**document)


@contextlib.contextmanager
def _ask_sandbox(estate: Estate, region: str) -> Iterator[Ask]:
    """By hand, on one connection."""
    endpoints = estate.topology.region(region).endpoints
    address = urlsplit(endpoints["dynamodb"])
    secure = address.scheme == "https"
    host, port = address.hostname or "", address.port or (443 if secure else 80)
    signer = RequestSigner(host=address.netloc, path="/", region=region, user_agent="holdfast-ops")
    credentials = Credentials(SANDBOX_CREDENTIALS["aws_access_key_id"], SANDBOX_CREDENTIALS["aws_secret_access_key"])
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(socket.create_connection((host, port), timeout=CONNECT_SECONDS))
        plain.settimeout(ANSWER_SECONDS)
        connection = _secured(plain, host) if secure else plain

        def ask(operation: str, document: dict[str, Any]) -> dict[str, Any]:
            body = json.dumps(document).encode()
            connection.sendall(signer.request(operation, body, time.time(), lambda: credentials))
            status, answer = _answer(connection)
            content: dict[str, Any] = json.loads(answer)
            if status != OK:
                raise RefusedError(f"{content.get('__type', status)}: {content.get('message', '')}")
            return content

        yield ask


def _secured(plain: socket.socket, host: str) -> socket.socket:
    import ssl  # noqa: PLC0415 (20 ms; the sandbox speaks HTTP)

    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


class _Reader:
    """What the parser tells of one answer."""

    def __init__(self) -> None:
        self.body = b""
        self.complete = False

    def on_body(self, chunk: bytes) -> None:
        self.body += chunk

    def on_message_complete(self) -> None:
        self.complete = True


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and body of one answer."""
    reader = _Reader()
    parser = httptools.HttpResponseParser(reader)
    while not reader.complete:
        data = connection.recv(65_536)
        if not data:
            raise ConnectionResetError("the connection ended before the answer did")
        parser.feed_data(data)
    return parser.get_status_code(), reader.body


def flags_of(looks: Sequence[Look]) -> dict[str, dict[str, Flag] | str]:
    """Region → its replica's flags, or the reason why it did not answer."""
    return {look.region: look.fault or dict(look.flags) for look in looks}
