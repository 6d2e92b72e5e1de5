"""The proxy of one region."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from sandbox.cloud.gateway import errors
from sandbox.cloud.gateway.faults import Fault, FaultBook
from sandbox.cloud.gateway.once import OnceBook
from sandbox.cloud.gateway.route import GLOBAL_SERVICES, Route, route_of
from sandbox.cloud.http import Connection, Request, Response, Upstream, serve
from sandbox.cloud.http.server import port_of

_log = logging.getLogger(__name__)
_SLOW_STEP_SECONDS = 0.05
EXECUTE = "execute-api"
"""Service of requests to an API, as faults name it."""
INVOKE = "lambda-invoke"
"""Service of calls of functions, as faults name it."""


class Screen(Protocol):
    """Judges requests before they are let through (authorization)."""

    async def refusal(self, request: Request, route: Route, region: str) -> Response | None:
        """The answer that refuses a request, or None when it may pass."""


class Server(Protocol):
    """What answers the requests of a service."""

    def send(self, request: Request, done: Callable[[Response | None], None]) -> None:
        """Answer a request; `done` is called once, in the event loop, with None where nothing answers."""


class Gateway:
    """A region's front door. Forwards to the part that serves the request's service, unless a fault says otherwise."""

    def __init__(
        self,
        region: str,
        *,
        faults: FaultBook,
        upstreams: Mapping[str, Server],
        default: Upstream,
        once: OnceBook,
        observe: Callable[[Request, Response, Route], None] | None = None,
    ) -> None:
        """Make a gateway; `listen` opens it.

        Args:
            region: the region's name.
            faults: the book of all regions' faults.
            upstreams: SigV4 service name → the part that serves it.
            default: the part that serves every other service.
            once: the book of all regions' answers to makers.
            observe: is told of every answered request of a control service (not DynamoDB).
        """
        self.region = region
        self.requests = 0
        self.screen: Screen | None = None
        self._api: Upstream | None = None
        self._api_hosts: frozenset[str] = frozenset()
        self._faults = faults
        self._upstreams = upstreams
        self._default = default
        self._once = once
        self._observe = observe
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._held: set[Connection] = set()
        self._judging: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    async def listen(self, port: int = 0) -> int:
        """Open the door on loopback; says the port.

        Raises:
            OSError: the port is taken.
        """
        self._server = await serve(self, port=port)
        return port_of(self._server)

    def serve_api(self, upstream: Upstream, hosts: Collection[str]) -> None:
        """Hand requests for these host names, and calls of functions, to the region's edge.

        Args:
            upstream: the edge.
            hosts: custom domains; `*.zone` takes every name one level below.
        """
        self._api, self._api_hosts = upstream, frozenset(hosts)

    def _edge_route(self, request: Request, route: Route) -> Route:
        """The route of a request for an API or a function, which is served here and not by the default part."""
        if self._api is None:
            return route
        host = request.header(b"host").decode("latin-1").partition(":")[0].lower()
        if host in self._api_hosts or f"*.{host.partition('.')[2]}" in self._api_hosts:
            return Route(EXECUTE, self.region, route.access_key)
        if route.service == "lambda" and request.target.endswith(b"/invocations"):
            return Route(INVOKE, route.region, route.access_key)
        return route

    def close(self) -> None:
        """Close the door and what stands in it."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.abort()

    def faults_changed(self) -> None:
        """Faults began or ended: cut what is open, let go of what was held."""
        active = self._faults.of(self.region)
        if any(fault.kind == "cut" and fault.service is None and fault.rate >= 1 for fault in active):
            for connection in list(self._connections):
                connection.abort()
        if not any(fault.kind == "blackhole" for fault in active):
            # Their requests are lost: a client that still waits learns it by a reset.
            for connection in list(self._held):
                connection.abort()
            self._held.clear()

    # The handler's part.

    def opened(self, connection: Connection) -> None:
        """A client connected; a region that is cut resets it."""
        self._connections.add(connection)
        for fault in self._faults.of(self.region):
            if fault.kind == "cut" and fault.service is None and fault.rate >= 1:
                fault.hits += 1
                connection.abort()
                return

    def closed(self, connection: Connection) -> None:
        """A client went away."""
        self._connections.discard(connection)
        self._held.discard(connection)

    def handle(self, request: Request, connection: Connection) -> None:
        """Forward one request, through the faults that hit it."""
        self.requests += 1
        route = self._edge_route(request, route_of(request))
        faults = self._faults.of(self.region)
        if not faults:
            self._forward(request, route, connection)
            return
        operation = operation_of(request)
        hitting = [fault for fault in faults if self._faults.hits(fault, route.service, operation)]
        if not hitting:
            self._forward(request, route, connection)
            return
        self._fail(request, route, connection, hitting)

    def _fail(self, request: Request, route: Route, connection: Connection, hitting: list[Fault]) -> None:
        kinds: dict[str, Fault] = {fault.kind: fault for fault in hitting}
        if "cut" in kinds:
            connection.abort()
        elif "blackhole" in kinds and kinds["blackhole"].direction == "both":
            self._held.add(connection)
        elif "throttle" in kinds:
            self._later(hitting, lambda: connection.reply(errors.throttle(request, route.service)))
        elif "error" in kinds:
            answer = errors.failure(request, route.service, kinds["error"].status)
            self._later(hitting, lambda: connection.reply(answer))
        else:
            self._later(hitting, lambda: self._forward(request, route, connection, kinds))

    def _later(self, hitting: list[Fault], step: Callable[[], None]) -> None:
        seconds = sum(self._faults.draw(fault) for fault in hitting if fault.kind == "delay")
        if seconds > 0:
            self._loop.call_later(seconds, step)
        else:
            step()

    def _forward(
        self, request: Request, route: Route, connection: Connection, broken: Mapping[str, Fault] | None = None
    ) -> None:
        astray = self._astray(request, route)
        if astray is not None:
            connection.reply(astray)
        elif self.screen is None:
            self._send(request, route, connection, broken)
        else:
            task = self._loop.create_task(self._judge(self.screen, request, route, connection, broken))
            self._judging.add(task)
            task.add_done_callback(self._judging.discard)

    async def _judge(
        self,
        screen: Screen,
        request: Request,
        route: Route,
        connection: Connection,
        broken: Mapping[str, Fault] | None,
    ) -> None:
        try:
            refusal = await screen.refusal(request, route, self.region)
        except Exception:  # noqa: BLE001 - a policy that could not be judged is no pass
            _log.exception("authorization failed")
            refusal = errors.failure(request, route.service, 500)
        if refusal is not None:
            connection.reply(refusal)
        else:
            self._send(request, route, connection, broken)

    def _send(self, request: Request, route: Route, connection: Connection, broken: Mapping[str, Fault] | None) -> None:
        upstream = self._upstreams.get(route.service, self._default)
        if self._api is not None and route.service in (EXECUTE, INVOKE):
            upstream = self._api
        before = self._once.answer(request)
        if before is not None:
            connection.reply(before)
            return

        def answer(response: Response | None) -> None:
            if response is None:
                response = errors.failure(request, route.service, 503)
            self._once.keep(request, response)
            if self._observe is not None and upstream is self._default:
                self._observe(request, response, route)
            if broken is None and not self._lost(route.service):
                connection.reply(response)
            else:
                self._answer_badly(request, response, route, connection, broken or {})

        upstream.send(request, answer)

    def _astray(self, request: Request, route: Route) -> Response | None:
        """The answer to a request that is signed for another region, or None."""
        if route.region and route.region != self.region and route.service not in GLOBAL_SERVICES:
            return errors.error(
                request,
                route.service,
                400,
                "InvalidSignatureException",
                f"Credential should be scoped to a valid region, not '{route.region}': this is {self.region}",
            )
        return None

    def _lost(self, service: str) -> bool:
        """Whether the region went dark while the request was on its way: its answer is lost."""
        return any(
            fault.kind in ("cut", "blackhole") and fault.rate >= 1 and fault.service in (None, service)
            for fault in self._faults.of(self.region)
        )

    def _answer_badly(
        self, request: Request, response: Response, route: Route, connection: Connection, broken: Mapping[str, Fault]
    ) -> None:
        if "blackhole" in broken or self._lost(route.service):
            self._held.add(connection)
            return
        data = response.encode(head_only=request.method == b"HEAD")
        body_start = len(data) - len(response.body)
        if "reset" in broken:
            connection.send(data[: body_start + len(response.body) // 2])
            # The half must leave before the reset: linger zero throws away what is unsent.
            self._loop.call_later(0.005, connection.abort)
        elif "truncate" in broken:
            connection.send(data[: body_start + int(len(response.body) * broken["truncate"].keep)])
            connection.finish(close=True)
        elif "slow" in broken:
            step = max(1, int(broken["slow"].bytes_per_second * _SLOW_STEP_SECONDS))
            self._trickle(connection, data, 0, step)
        else:
            connection.send(data)
            connection.finish()

    def _trickle(self, connection: Connection, data: bytes, start: int, step: int) -> None:
        if connection.transport is None:
            return
        connection.send(data[start : start + step])
        if start + step >= len(data):
            connection.finish()
        else:
            self._loop.call_later(_SLOW_STEP_SECONDS, self._trickle, connection, data, start + step, step)


def operation_of(request: Request) -> str:
    """The operation that a JSON or query request names, or an empty string."""
    target = request.header(b"x-amz-target")
    if target:
        return target.rpartition(b".")[2].decode("latin-1")
    if request.header(b"content-type").startswith(b"application/x-www-form-urlencoded"):
        for pair in request.body[:2048].split(b"&"):
            if pair.startswith(b"Action="):
                return pair[7:].decode("latin-1")
    return ""
