"""A first look at a region: does it answer, how fast, and which regions are evacuated as it sees it.

It speaks to DynamoDB with a signature and a socket: boto3 takes a third of a second to load, and an operator at three
in the morning wants to see at once which regions answer.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from holdfast._core.sigv4 import Credentials, RequestSigner
from holdfast.resilience.flags import Flag, scope_of
from ops.estate.access import CONNECT_SECONDS, SANDBOX_CREDENTIALS
from ops.estate.reach import reason

if TYPE_CHECKING:
    from ops.estate.access import Estate

ANSWER_SECONDS = 1.5
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


def look_around(estate: Estate) -> Iterator[Look]:
    """Look at every region at once; the answers come as they arrive."""
    ask = _ask_sandbox if estate.sandboxed else _ask_aws
    with ThreadPoolExecutor(max_workers=len(estate.regions)) as pool:
        futures = [pool.submit(_look, estate, name, ask) for name in estate.regions]
        for future in as_completed(futures):
            yield future.result()


def _look(estate: Estate, region: str, asking: Callable[[Estate, str], contextlib.AbstractContextManager[Ask]]) -> Look:
    table = estate.control_table
    item = {
        "scope": {"S": f"status#{uuid.uuid4().hex}"},
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
        connection = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain

        def ask(operation: str, document: dict[str, Any]) -> dict[str, Any]:
            body = json.dumps(document).encode()
            connection.sendall(signer.request(operation, body, time.time(), lambda: credentials))
            with contextlib.closing(http.client.HTTPResponse(connection)) as answer:
                answer.begin()
                content: dict[str, Any] = json.loads(answer.read())
            if answer.status != http.client.OK:
                raise RefusedError(f"{content.get('__type', answer.status)}: {content.get('message', '')}")
            return content

        yield ask


def flags_of(looks: Sequence[Look]) -> dict[str, dict[str, Flag] | str]:
    """Region → its replica's flags, or the reason why it did not answer."""
    return {look.region: look.fault or dict(look.flags) for look in looks}
