"""The orders service as an ASGI application: `services.orders.app:app`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
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
from services.orders.checks import RefusedError, check
from services.orders.handlers import Handlers, NotInStackError
from services.orders.idempotency import KeyRefusedError
from services.orders.openapi import document, in_stack
from services.orders.processing import InsufficientBalanceError, InsufficientInventoryError, UnknownAccountError
from services.orders.responses import answer, refusal
from services.orders.settings import ServiceSettings
from services.orders.store import DuplicateOrderError
from services.orders.tenancy import NoCallerError, NotYoursError

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


async def _checked_out(_: Request, error: Exception) -> Response:
    return refusal(getattr(error, "status", 400), getattr(error, "code", "invalid_request"), str(error))


async def _unrouted(_: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    code = {404: "unknown_route", 405: "unknown_method"}.get(status, "invalid_request")
    return refusal(status, code, str(getattr(error, "detail", "")) or code)


async def _no_caller(_: Request, __: Exception) -> Response:
    return refusal(401, "unauthorized", "the request names no tenant: send a token that does")


async def _not_yours(_: Request, __: Exception) -> Response:
    return refusal(403, "forbidden", "not the caller's to ask for")


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
    RefusedError: _checked_out,
    NoCallerError: _no_caller,
    NotYoursError: _not_yours,
    HTTPException: _unrouted,
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
        client_options: for the client, such as a `sender` in a test; `observers` are told of every call of it.
    """
    settings = settings or ServiceSettings.from_environment()
    handlers = Handlers(settings, client_options)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await handlers.open()
        try:
            yield
        finally:
            await handlers.close()

    table = _table(handlers)

    async def openapi(_: Request) -> Response:
        """This document."""
        return answer(in_stack(_document([*table, ("GET", "/openapi.json", openapi)]), settings.homed()))

    routes = [
        Route(path, _checked(method, path, handler), methods=[method])
        for method, path, handler in [*table, ("GET", "/openapi.json", openapi)]
    ]
    return Starlette(routes=routes, exception_handlers=_ERRORS, lifespan=lifespan)


def _table(handlers: Handlers) -> list[tuple[str, str, Answering]]:
    return [
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
        ("GET", "/regions", handlers.regions),
    ]


def _checked(method: str, path: str, handler: Answering) -> Answering:
    async def answering(request: Request) -> Response:
        await check(request, method, path)
        return await handler(request)

    return answering


def described() -> dict[str, Any]:
    """The OpenAPI document of the service, without running it."""

    async def openapi(_: Request) -> Response:
        """This document."""
        raise NotImplementedError

    return _document([*_table(cast("Handlers", Handlers)), ("GET", "/openapi.json", openapi)])


def _document(table: list[tuple[str, str, Answering]]) -> dict[str, Any]:
    return document([(method, path, handler.__doc__ or "") for method, path, handler in table])


def __getattr__(name: str) -> Any:
    """`services.orders.app:app`, made from the environment when a server asks for it."""
    if name == "app":
        return create_app()
    raise AttributeError(name)
