"""Attempts through botocore: the fallback, and the oracle that the other transports are compared with."""

from __future__ import annotations

import asyncio
import threading
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson

from holdfast import errors
from holdfast._attempt import Call, Reply, Timeouts
from holdfast._core.classify import classify

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from holdfast._control.plane import ControlPlane
    from holdfast.topology import Region


class BotocoreSender:
    """One botocore client per region and timeouts, made when first used. Safe to use from several threads."""

    def __init__(self, plane: ControlPlane, *, max_connections: int = 50) -> None:
        self._plane = plane
        self._max_connections = max_connections
        self._clients: dict[tuple[str, Timeouts], BaseClient] = {}
        self._lock = threading.Lock()

    def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        """As `holdfast._attempt.Sender.send`."""
        import botocore.exceptions as faults  # noqa: PLC0415 - botocore is loaded when it is first needed
        from botocore.parsers import ResponseParserError  # noqa: PLC0415

        client: Any = self._clients.get((region.name, timeouts)) or self._make(region, timeouts)
        where: dict[str, Any] = {"operation": call.operation.name, "table": call.table, "region": region.name}
        started = time.perf_counter()
        try:
            answer = client._make_api_call(call.operation.name, call.request)  # noqa: SLF001 - by DynamoDB's name, not Python's
        except faults.ClientError as error:
            raise _service_error(error.response, where) from None
        except _connect_faults() as error:
            raise errors.ConnectError(f"no connection: {error}", **where) from error
        except faults.ReadTimeoutError as error:
            raise errors.AttemptTimeoutError(f"no answer within {timeouts.attempt:g} s", **where) from error
        except (faults.ConnectionClosedError, faults.HTTPClientError) as error:
            raise errors.ConnectionLostError(f"connection lost: {error}", **where) from error
        except ResponseParserError as error:
            raise errors.InvalidResponseError("the answer is not DynamoDB's", **where) from error
        except (faults.NoCredentialsError, faults.PartialCredentialsError) as error:
            raise errors.ConfigurationError(
                f"{error}: set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role",
                **where,
            ) from error
        except faults.ParamValidationError as error:
            raise errors.InvalidArgumentError(str(error), **where) from error
        except faults.BotoCoreError as error:
            raise errors.ConfigurationError(str(error), **where) from error
        seconds = time.perf_counter() - started
        metadata = answer.pop("ResponseMetadata", {})
        return Reply(body=_body(answer), region=region.name, request_id=metadata.get("RequestId"), seconds=seconds)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _make(self, region: Region, timeouts: Timeouts) -> BaseClient:
        with self._lock:  # making a client is not safe in two threads at once
            client = self._clients.get((region.name, timeouts))
            if client is None:
                client = self._plane.session.create_client(
                    "dynamodb",
                    region_name=region.name,
                    endpoint_url=region.endpoints.get("dynamodb"),
                    config=self._plane.config(
                        connect_timeout=timeouts.connect,
                        read_timeout=timeouts.attempt,
                        retries={"total_max_attempts": 1},
                        max_pool_connections=self._max_connections,
                        tcp_keepalive=True,
                    ),
                )
                self._clients[region.name, timeouts] = client
            return client


def _connect_faults() -> tuple[type[Exception], ...]:
    import botocore.exceptions as faults  # noqa: PLC0415 - botocore is loaded when it is first needed

    return (
        faults.ConnectTimeoutError,
        faults.EndpointConnectionError,
        faults.SSLError,
        faults.ProxyConnectionError,
    )


def _base64(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode("ascii")
    raise TypeError(type(value).__name__)


def _body(answer: dict[str, Any]) -> bytes:
    """The answer as the service wrote it: botocore has already turned base64 into bytes."""
    return orjson.dumps(answer, default=_base64)


def _service_error(response: Any, where: dict[str, Any]) -> errors.ServiceError:
    metadata = response.get("ResponseMetadata", {})
    fault = response.get("Error", {})
    foreign = str(fault.get("Message", "")).lstrip()[:1] == "<"  # botocore takes a proxy's page for the message
    document = orjson.loads(_body({key: response[key] for key in ("Item", "CancellationReasons") if key in response}))
    return classify(
        int(metadata.get("HTTPStatusCode", 0)),
        "" if foreign else str(fault.get("Code", "")),
        "an answer that is not DynamoDB's" if foreign else str(fault.get("Message", "")),
        document,
        metadata.get("RequestId"),
        **where,
    )


class ThreadedSender:
    """Attempts through botocore in threads of its own. A cancelled attempt ends unheard."""

    def __init__(self, plane: ControlPlane, *, max_connections: int = 50) -> None:
        self._sender = BotocoreSender(plane, max_connections=max_connections)
        self._threads = ThreadPoolExecutor(max_connections, thread_name_prefix="holdfast-botocore")

    async def send(self, call: Call, region: Region, *, timeouts: Timeouts) -> Reply:
        """As `holdfast._attempt.AsyncSender.send`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self._sender.send(call, region, timeouts=timeouts))

    async def close(self) -> None:
        """Close every connection."""
        self._threads.shutdown(wait=False)
        await asyncio.to_thread(self._sender.close)
