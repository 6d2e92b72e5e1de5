"""The orders service as a function of AWS Lambda: `services.orders.function.handle`.

One execution environment keeps one event loop, one application and its connections for all the requests that it gets;
Lambda gives it one request at a time. What is imported here is what a cold start costs.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from services.orders.app import create_app
from services.orders.gateway import answer
from services.orders.settings import ServiceSettings
from services.orders.tracing import Tracing

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from starlette.applications import Starlette

_MARGIN_SECONDS = 0.5
"""What is left of the time limit to say that there was no answer, before Lambda ends the environment."""


class Environment:
    """One execution environment: the application between its start and its end."""

    def __init__(self, settings: ServiceSettings | None = None, **client_options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._tracing = Tracing.from_environment()
        if self._tracing is not None:
            client_options["observers"] = self._tracing.observers
        self._app: Starlette = create_app(settings, **client_options)
        self._lifespan: AbstractAsyncContextManager[Any] = self._app.router.lifespan_context(self._app)
        self._loop.run_until_complete(self._lifespan.__aenter__())
        self._claim = os.environ.get("TOKEN_TENANT_CLAIM", "tenant")

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one event within what is left of its time."""
        if self._tracing is None:
            return self._loop.run_until_complete(self._answer(event, context))
        try:
            with self._tracing.request(event) as span:
                answered = self._loop.run_until_complete(self._answer(event, context))
                span.set_attribute("http.response.status_code", int(answered["statusCode"]))
            return answered
        finally:
            self._tracing.flush()

    async def _answer(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        seconds = None if remaining is None else max(0.1, remaining() / 1000 - _MARGIN_SECONDS)
        try:
            async with asyncio.timeout(seconds):
                return await answer(self._app, event, self._claim)
        except TimeoutError:
            body = (
                '{"error":{"code":"timeout","message":"no answer within the time limit; a write may have been stored: '
                'repeat it with the same Idempotency-Key","retryable":true}}'
            )
            return {"statusCode": 504, "headers": {"content-type": "application/json"}, "body": body}

    def close(self) -> None:
        """End the application. Lambda itself never asks for it."""
        self._loop.run_until_complete(self._lifespan.__aexit__(None, None, None))
        self._loop.close()


_environment: list[Environment] = []


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request of API Gateway; the first one of an environment makes the application."""
    if not _environment:
        _environment.append(Environment())
    return _environment[0].handle(event, context)


def prepare() -> None:
    """Make the application before the first request: with provisioned concurrency nobody waits for it."""
    if not _environment:
        _environment.append(Environment())


if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency":
    prepare()
