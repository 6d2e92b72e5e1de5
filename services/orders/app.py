"""The orders service as an ASGI application: `services.orders.app:app`."""

from __future__ import annotations

import contextlib
import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.routing import Route

from holdfast import TopologyError
from holdfast.errors import ConfigurationError, HoldfastError, OutcomeUnknown, ServiceError
from services.orders import orders, pages
from services.orders.idempotency import IdempotencyKey, KeyRefusedError
from services.orders.responses import REPLAYED_HEADER, answer, refusal
from services.orders.settings import ServiceSettings
from services.orders.store import DuplicateOrderError, OrderStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response

THREADS = 32
"""Calls in flight in one process; beyond it requests wait."""
DEFAULT_LIMIT = 50
"""Orders on a page of a customer's orders."""
MAXIMUM_LIMIT = 1_000

_T = TypeVar("_T")


class Service:
    """The handlers, and the store that they share."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self._store: OrderStore | None = None
        self._threads: anyio.CapacityLimiter | None = None

    @property
    def store(self) -> OrderStore:
        """The store; it exists while the application runs."""
        if self._store is None:
            raise RuntimeError("the application has not been started")
        return self._store

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Open the client when the application starts, close it when it ends."""
        self._threads = anyio.CapacityLimiter(THREADS)
        self._store = OrderStore(self.settings)
        try:
            yield
        finally:
            self._store.close()
            self._store = None

    async def _run(self, call: Callable[[], _T]) -> _T:
        return await anyio.to_thread.run_sync(call, limiter=self._threads)

    async def create(self, request: Request) -> Response:
        """POST /orders."""
        now_ms = time.time_ns() // 1_000_000
        header = request.headers.get("idempotency-key")
        key = IdempotencyKey.parse(header, now_ms=now_ms) if header else None
        item = orders.new_order(orders.parse(await request.body()), now_ms=now_ms, key=key)
        served = await self._run(partial(self.store.create, item))
        order = served.item or item
        if served.replayed:
            return answer(order, 200, region=served.region, **{REPLAYED_HEADER: "true"})
        return answer(order, 201, region=served.region)

    async def get(self, request: Request) -> Response:
        """GET /orders/{customer_id}/{order_id}, `?region=` for one region's own replica."""
        customer, order = request.path_params["customer_id"], request.path_params["order_id"]
        served = await self._run(partial(self.store.get, customer, order, region=self._region(request)))
        if served.item is None:
            return refusal(404, "order_not_found", f"customer {customer} has no order {order}", region=served.region)
        return answer(served.item, region=served.region)

    async def list(self, request: Request) -> Response:
        """GET /orders/{customer_id}, `?limit=`, `?next=`, `?region=`."""
        listed = await self._run(
            partial(
                self.store.list,
                request.path_params["customer_id"],
                limit=_limit(request),
                after=pages.decode(request.query_params.get("next")),
                region=self._region(request),
            )
        )
        document = {"orders": listed.items, "next": pages.encode(listed.last_evaluated_key)}
        return answer(document, region=listed.region)

    def _region(self, request: Request) -> str | None:
        name = request.query_params.get("region")
        return self.settings.region if name == "own" else name

    async def health(self, _: Request) -> Response:
        """GET /health: the process answers."""
        return answer({"status": "ok", "region": self.settings.region})

    async def deep_health(self, _: Request) -> Response:
        """GET /health/deep: this region's replica is written and read, and the region is not evacuated."""
        region = self.settings.region
        try:
            flag = await self._run(self.store.flag)
            if flag.holds():
                return refusal(503, "evacuated", flag.reason or "the region is evacuated", epoch=flag.epoch, by=flag.by)
            seconds = await self._run(self.store.probe)
        except HoldfastError as error:
            return refusal(503, "unhealthy", str(error), retryable=True, region=region)
        return answer({"status": "ok", "region": region, "probe_milliseconds": round(seconds * 1000, 3)})


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not text.isdigit() or not 1 <= int(text) <= MAXIMUM_LIMIT:
        raise orders.OrderRefusedError(f"limit is {text!r}; write a whole number from 1 to {MAXIMUM_LIMIT}")
    return int(text)


async def _refused(_: Request, error: Exception) -> Response:
    return refusal(400, "invalid_request", str(error))


async def _duplicate(_: Request, error: Exception) -> Response:
    return refusal(409, "duplicate_order", f"order {error} exists and was made by another request")


async def _unavailable(_: Request, error: Exception) -> Response:
    if isinstance(error, OutcomeUnknown):
        message = f"{error}; the order may have been stored: repeat the request with the same Idempotency-Key"
        return refusal(503, "outcome_unknown", message, retryable=True)
    if isinstance(error, HoldfastError) and error.retryable:
        return refusal(503, "unavailable", str(error), retryable=True)
    if isinstance(error, ServiceError) and error.status < 500:
        return refusal(502, error.code or "refused", str(error))
    return refusal(503, "unavailable", str(error))


_HANDLERS: dict[Any, Any] = {
    orders.OrderRefusedError: _refused,
    KeyRefusedError: _refused,
    pages.TokenRefusedError: _refused,
    TopologyError: _refused,
    ConfigurationError: _refused,
    DuplicateOrderError: _duplicate,
    HoldfastError: _unavailable,
}


def create_app(settings: ServiceSettings | None = None) -> Starlette:
    """The application over the given settings, or over those of the environment."""
    service = Service(settings or ServiceSettings.from_environment())
    routes = [
        Route("/orders", service.create, methods=["POST"]),
        Route("/orders/{customer_id}", service.list),
        Route("/orders/{customer_id}/{order_id}", service.get),
        Route("/health", service.health),
        Route("/health/deep", service.deep_health),
    ]
    return Starlette(routes=routes, exception_handlers=_HANDLERS, lifespan=service.lifespan)


def __getattr__(name: str) -> Any:
    """`services.orders.app:app`, made from the environment when a server asks for it."""
    if name == "app":
        return create_app()
    raise AttributeError(name)
