"""Reads through DAX, with AWS's own client (the extra `holdfast[dax]`).

The client is synchronous and keeps threads of its own; an event loop calls it in a small pool. Whatever goes
wrong (the package absent, the cluster gone, an answer too late) is a `CacheError`, and the read goes to the table.
"""

from __future__ import annotations

import asyncio
import base64
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from holdfast.caching.steps import CacheError

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast._attempt import Call

CONNECTIONS = 10
"""Connections per endpoint, and so reads in flight."""
RETRIES = 2
HEALTH_KEY = "__health_check__"


@dataclass(frozen=True, slots=True)
class DaxHealth:
    """Whether a cluster answers, and how fast."""

    healthy: bool
    latency_seconds: float
    why: str = ""


def make_client(endpoint: str, region: str, timeout_seconds: float) -> Any:
    """AWS's DAX client. Raises `CacheError` when the package is absent or the endpoint cannot be used."""
    try:
        from amazondax import AmazonDaxClient  # noqa: PLC0415 - an extra, loaded by those who use it
        from botocore.config import Config  # noqa: PLC0415 - heavy, and only needed here
    except ImportError as error:
        raise CacheError("amazon-dax-client is not installed; install holdfast[dax]") from error
    config = Config(
        connect_timeout=timeout_seconds,
        read_timeout=timeout_seconds,
        retries={"max_attempts": RETRIES},
        max_pool_connections=CONNECTIONS,
    )
    try:
        return AmazonDaxClient(region_name=region, endpoint_url=endpoint, config=config)
    except Exception as error:
        raise CacheError(f"the DAX client could not be made: {error}") from error


def _wire(value: Any) -> Any:
    """A DAX answer as the table's own answer: binary values as base64 text."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _wire(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_wire(part) for part in value]
    return value


class DaxReader:
    """Reads from one cluster, each within a timeout that holds whatever the client does."""

    def __init__(
        self,
        endpoint: str,
        region: str,
        *,
        timeout_seconds: float = 1.0,
        make: Callable[[str, str, float], Any] = make_client,
    ) -> None:
        self._endpoint = endpoint
        self._region = region
        self._timeout_seconds = timeout_seconds
        self._make = make
        self._client: Any = None
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="holdfast-dax")

    def _get(self, request: dict[str, Any]) -> bytes:
        if self._client is None:
            self._client = self._make(self._endpoint, self._region, self._timeout_seconds)
        answer = self._client.get_item(**request)
        item = answer.get("Item")
        return orjson.dumps({"Item": _wire(item)}) if item else b"{}"

    def _seconds(self, call: Call) -> float:
        left = self._timeout_seconds if call.deadline is None else call.deadline - time.monotonic()
        return max(0.0, min(self._timeout_seconds, left))

    def read(self, call: Call) -> bytes:
        """The document of a GetItem. Raises `CacheError`."""
        future = self._pool.submit(self._get, call.request)
        try:
            return future.result(self._seconds(call))
        except FutureTimeoutError:
            future.cancel()
            raise CacheError(f"no answer within {self._seconds(call):.3f} s") from None
        except Exception as error:
            raise error if isinstance(error, CacheError) else CacheError(str(error)) from error

    def health(self, table: str, key_names: list[str]) -> DaxHealth:
        """Read an item that need not exist, through the cluster."""
        started = time.monotonic()
        request = {"TableName": table, "Key": {name: {"S": HEALTH_KEY} for name in key_names}}
        future = self._pool.submit(self._get, request)
        try:
            future.result(self._timeout_seconds)
        except Exception as error:  # noqa: BLE001 - the answer is that it is not healthy
            return DaxHealth(healthy=False, latency_seconds=time.monotonic() - started, why=str(error) or "no answer")
        return DaxHealth(healthy=True, latency_seconds=time.monotonic() - started)

    def close(self) -> None:
        """Close the client; a read that hangs is left to its own timeout."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._client is not None and hasattr(self._client, "close"):
            self._client.close()


class AsyncDaxReader:
    """The same beside an event loop."""

    def __init__(self, endpoint: str, region: str, *, timeout_seconds: float = 1.0, **options: Any) -> None:
        self._reader = DaxReader(endpoint, region, timeout_seconds=timeout_seconds, **options)

    async def read(self, call: Call) -> bytes:
        """The document of a GetItem. Raises `CacheError`."""
        reader = self._reader
        future = asyncio.wrap_future(reader._pool.submit(reader._get, call.request))  # noqa: SLF001 - one module
        try:
            return await asyncio.wait_for(future, reader._seconds(call))  # noqa: SLF001 - one module
        except TimeoutError:
            raise CacheError("no answer in time") from None
        except asyncio.CancelledError:
            raise
        except Exception as error:
            raise error if isinstance(error, CacheError) else CacheError(str(error)) from error

    async def health(self, table: str, key_names: list[str]) -> DaxHealth:
        """As `DaxReader.health`."""
        return await asyncio.to_thread(self._reader.health, table, key_names)

    async def close(self) -> None:
        """Close the client."""
        self._reader.close()
