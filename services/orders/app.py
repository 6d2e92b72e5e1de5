"""The orders service as an ASGI application: `services.orders.app:app`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Route

from holdfast import TopologyError
from holdfast.errors import (
    ConfigurationError,
    HoldfastError,
    InvalidArgumentError,
    OutcomeUnknown,
    ResourceNotFoundError,
    ServiceError,
)
from services.orders import orders, pages
from services.orders.handlers import Handlers, NotInStackError
from services.orders.idempotency import KeyRefusedError
from services.orders.openapi import document
from services.orders.processing import InsufficientBalanceError, InsufficientInventoryError, UnknownAccountError
from services.orders.responses import answer, refusal
from services.orders.settings import ServiceSettings
from services.orders.store import DuplicateOrderError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from starlette.requests import Request
    from starlette.responses import Response

    Answering = Callable[[Request], Coroutine[Any, Any, Response]]


async def _refused(_: Request, error: Exception) -> Response:
    return refusal(400, "invalid_request", str(error))


async def _duplicate(_: Request, error: Exception) -> Response:
    return refusal(409, "duplicate_order", f"order {error} exists and was made by another request")


async def _out_of_stock(_: Request, error: Exception) -> Response:
    products = list(getattr(error, "products", ()))
    return refusal(409, "INSUFFICIENT_INVENTORY", f"out of stock: {error}", products=products)


async def _too_poor(_: Request, error: Exception) -> Response:
    return refusal(409, "insufficient_balance", f"account {error} has less than that, or does not exist")


async def _no_account(_: Request, error: Exception) -> Response:
    return refusal(404, "account_not_found", f"there is no account {error}")


async def _not_here(_: Request, error: Exception) -> Response:
    return refusal(501, "not_in_stack", str(error))


async def _unavailable(_: Request, error: Exception) -> Response:
    if isinstance(error, OutcomeUnknown):
        message = f"{error}; it may have been stored: repeat the request with the same Idempotency-Key"
        return refusal(503, "outcome_unknown", message, retryable=True)
    if isinstance(error, HoldfastError) and error.retryable:
        return refusal(503, "unavailable", f"{type(error).__name__}: {error}", retryable=True)
    if isinstance(error, ServiceError) and error.status < 500:
        return refusal(502, error.code or "refused", str(error))
    return refusal(503, "unavailable", f"{type(error).__name__}: {error}")


_ERRORS: dict[Any, Any] = {
    orders.OrderRefusedError: _refused,
    KeyRefusedError: _refused,
    pages.TokenRefusedError: _refused,
    TopologyError: _refused,
    ConfigurationError: _refused,
    InvalidArgumentError: _refused,
    DuplicateOrderError: _duplicate,
    InsufficientInventoryError: _out_of_stock,
    InsufficientBalanceError: _too_poor,
    UnknownAccountError: _no_account,
    NotInStackError: _not_here,
    ResourceNotFoundError: _not_here,
    HoldfastError: _unavailable,
}


def create_app(settings: ServiceSettings | None = None, **client_options: Any) -> Starlette:
    """The application over the given settings, or over those of the environment.

    Args:
        settings: where it runs, and over what.
        client_options: for the client, such as a `sender` in a test.
    """
    handlers = Handlers(settings or ServiceSettings.from_environment(), client_options)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await handlers.open()
        try:
            yield
        finally:
            await handlers.close()

    table: list[tuple[str, str, Answering]] = [
        ("POST", "/orders", handlers.create),
        ("GET", "/orders", handlers.find),
        ("POST", "/orders/process", handlers.process),
        ("GET", "/orders/{customer_id}", handlers.of_customer),
        ("GET", "/orders/{customer_id}/{order_id}", handlers.get),
        ("POST", "/transfers", handlers.transfer),
        ("POST", "/sessions", handlers.start_session),
        ("GET", "/sessions/{session_id}", handlers.get_session),
        ("PATCH", "/sessions/{session_id}", handlers.extend_session),
        ("DELETE", "/sessions/{session_id}", handlers.end_session),
        ("POST", "/metrics/{metric}", handlers.write_metric),
        ("GET", "/metrics/{metric}", handlers.read_metric),
        ("GET", "/leaderboard", handlers.leaderboard),
        ("GET", "/business", handlers.business),
        ("GET", "/health", handlers.health),
        ("GET", "/health/deep", handlers.deep_health),
        ("GET", "/ready", handlers.ready),
    ]

    async def openapi(_: Request) -> Response:
        return answer(document([(method, path, handler.__doc__ or "") for method, path, handler in table]))

    routes = [Route(path, handler, methods=[method]) for method, path, handler in table]
    return Starlette(routes=[*routes, Route("/openapi.json", openapi)], exception_handlers=_ERRORS, lifespan=lifespan)


def __getattr__(name: str) -> Any:
    """`services.orders.app:app`, made from the environment when a server asks for it."""
    if name == "app":
        return create_app()
    raise AttributeError(name)
