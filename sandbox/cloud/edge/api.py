"""One API: throttle, authorise, check, call, answer, in the order of API Gateway."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.cloud.edge import events, tokens
from sandbox.cloud.edge.checks import Checks
from sandbox.cloud.edge.document import ApiSpec
from sandbox.cloud.edge.functions import Function, FunctionError, HandlerError, ThrottledError, TimedOutError
from sandbox.cloud.edge.routes import RouteMatch, Routes
from sandbox.cloud.edge.throttle import Throttle
from sandbox.cloud.http import Request, Response

_log = logging.getLogger(__name__)
MOST_BODY_BYTES = 10 * 2**20
"""Payload quota of API Gateway (developer guide, "Quotas")."""
_BYPASSED = ("UNAUTHORIZED", 401, "Unauthorized")


class RefusedError(Exception):
    """A request that API Gateway answers itself, by the name of its gateway response."""

    def __init__(self, kind: str, status: int, message: str) -> None:
        super().__init__(message)
        self.kind, self.status = kind, status


class Api:
    """A deployed API of one region."""

    def __init__(
        self,
        spec: ApiSpec,
        *,
        function: Callable[[str], Function | None],
        keys: Mapping[str, Any],
        region: str,
        account: str,
        clock: Callable[[], float],
    ) -> None:
        self.spec = spec
        self._function = function
        self._keys = keys
        self._arn = f"arn:aws:execute-api:{region}:{account}:{spec.id}/{spec.stage}"
        self._routes = Routes(spec.body["paths"])
        self._checks = Checks(spec.body)
        self._throttle = Throttle(spec.limits, clock)
        self._remembered = tokens.Remembered(clock)
        self._schemes = spec.body.get("components", {}).get("securitySchemes", {})
        self.rest = spec.kind == "rest"

    def serves(self, host: str) -> bool:
        """Whether a custom domain of the API takes a host name."""
        parent = host.partition(".")[2]
        return any(host == known or (known.startswith("*.") and parent == known[2:]) for known in self.spec.hosts)

    async def answer(self, request: Request, host: str) -> Response:
        """The answer to a request."""
        try:
            return await self._answer(request, host)
        except RefusedError as refused:
            return self._gateway_response(refused)

    async def _answer(self, request: Request, host: str) -> Response:
        method = request.method.decode("latin-1")
        path = request.target.decode("latin-1").partition("?")[0]
        match = self._routes.find(method, path)
        if match is None:
            if self.rest:
                raise RefusedError("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token")
            raise RefusedError("NOT_FOUND", 404, "Not Found")
        if len(request.body) > MOST_BODY_BYTES:
            raise RefusedError("REQUEST_TOO_LARGE", 413, "Request Entity Too Large")
        context = await self._authorize(request, match)
        if not self._throttle.admits(match.key):
            raise RefusedError("THROTTLED", 429, "Too Many Requests")
        headers = {name: values[-1] for name, values in events.headers_of(request).items()}
        if match.operation.get("x-amazon-apigateway-request-validator"):
            fault = self._checks.fault(match, dict(events.query_of(request)), headers, request.body)
            if fault is not None:
                kind = "BAD_REQUEST_BODY" if fault == "Invalid request body" else "BAD_REQUEST_PARAMETERS"
                raise RefusedError(kind, 400, fault)
        return await self._integrate(request, match, host, context)

    async def _authorize(self, request: Request, match: RouteMatch) -> Mapping[str, Any]:
        for demand in match.operation.get("security", ()):
            for name in demand:
                return await self._scheme(self._schemes[name], request, match)
        return {}

    async def _scheme(self, scheme: Mapping[str, Any], request: Request, match: RouteMatch) -> Mapping[str, Any]:
        authorizer = scheme.get("x-amazon-apigateway-authorizer")
        token = request.header(b"authorization").decode("latin-1")
        if authorizer is None:
            # Signed requests: the gateway of the region has read the signature's scope before it came here.
            if not token.startswith("AWS4-HMAC-SHA256"):
                raise RefusedError("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token")
            return {}
        if authorizer["type"] == "jwt":
            claims = tokens.claims_of(token, authorizer, self._keys)
            if claims is None:
                raise RefusedError(*_BYPASSED)
            return claims
        return await self._ask_function(authorizer, token, match)

    async def _ask_function(self, authorizer: Mapping[str, Any], token: str, match: RouteMatch) -> Mapping[str, Any]:
        if not tokens.plausible(token, authorizer.get("identityValidationExpression")):
            raise RefusedError(*_BYPASSED)
        arn = f"{self._arn}/{match.method}{match.path}"
        answer = self._remembered.find(token)
        if answer is None:
            event = {"type": "TOKEN", "authorizationToken": token, "methodArn": arn}
            try:
                answer = await self._named(authorizer["authorizerUri"]).call(event)
            except HandlerError as error:
                if str(error) == "Unauthorized":
                    raise RefusedError(*_BYPASSED) from None
                raise RefusedError("AUTHORIZER_FAILURE", 500, "Internal server error") from None
            except FunctionError:
                raise RefusedError("AUTHORIZER_FAILURE", 500, "Internal server error") from None
            self._remembered.keep(token, answer, float(authorizer.get("authorizerResultTtlInSeconds", 300)))
        if not tokens.allows(answer, arn):
            raise RefusedError("ACCESS_DENIED", 403, "User is not authorized to access this resource")
        return {**(answer.get("context") or {}), "principalId": answer.get("principalId", "")}

    async def _integrate(self, request: Request, match: RouteMatch, host: str, context: Mapping[str, Any]) -> Response:
        integration = match.operation["x-amazon-apigateway-integration"]
        make = events.version_one if self.rest else events.version_two
        event = make(self.spec, request, match, host, context)
        seconds = integration.get("timeoutInMillis", 29_000) / 1000
        try:
            answer = await asyncio.wait_for(self._named(integration["uri"]).call(event), seconds)
        except TimeoutError:
            raise RefusedError("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out") from None
        except ThrottledError:
            status = 500 if self.rest else 503
            raise RefusedError("DEFAULT_5XX", status, "Internal server error") from None
        except TimedOutError as error:
            _log.warning("%s: %s", match.key, error)
            raise RefusedError("DEFAULT_5XX", 502 if self.rest else 500, "Internal server error") from None
        except FunctionError as error:
            _log.warning("%s: %s", match.key, error)
            raise RefusedError("DEFAULT_5XX", 502 if self.rest else 500, "Internal server error") from None
        response = events.response_of(answer, rest=self.rest)
        if response is None:
            raise RefusedError("DEFAULT_5XX", 502, "Internal server error")
        return response

    def _named(self, uri: str) -> Function:
        """The function of an invocation URI: `…/functions/<ARN>/invocations`."""
        name = uri.split(":function:")[1].split(":", maxsplit=1)[0].split("/", maxsplit=1)[0]
        found = self._function(name)
        if found is None:
            raise RefusedError("API_CONFIGURATION_ERROR", 500, "Internal server error")
        return found

    def _gateway_response(self, refused: RefusedError) -> Response:
        """The API's own gateway response of that kind, else API Gateway's."""
        known = self.spec.body.get("x-amazon-apigateway-gateway-responses", {})
        family = "DEFAULT_5XX" if refused.status >= 500 else "DEFAULT_4XX"
        wanted = known.get(refused.kind) or known.get(family)
        headers = [(b"content-type", b"application/json"), (b"x-amzn-errortype", refused.kind.encode())]
        if wanted is None:
            return Response(refused.status, headers, json.dumps({"message": str(refused)}).encode())
        status = int(wanted.get("statusCode", refused.status))
        template = wanted["responseTemplates"]["application/json"]
        text = template.replace("$context.error.messageString", json.dumps(str(refused)))
        text = text.replace("$context.error.validationErrorString", str(refused).replace('"', "'"))
        for name, value in wanted.get("responseParameters", {}).items():
            headers.append((name.removeprefix("gatewayresponse.header.").lower().encode(), value.strip("'").encode()))
        return Response(status, headers, text.encode())
