"""What each route does: from a request to an answer."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdfast import AsyncClient, Client
from holdfast.errors import HoldfastError
from holdfast.resilience import Policy
from holdfast.telemetry import BusinessMetrics
from services.orders import orders, pages
from services.orders.circuits import circuits
from services.orders.idempotency import IdempotencyKey
from services.orders.leaderboard import CustomerBoard, connector
from services.orders.processing import Processing
from services.orders.publishing import Publisher
from services.orders.responses import REPLAYED_HEADER, answer, refusal
from services.orders.series import Series
from services.orders.sessions import LIFETIME_SECONDS, Sessions
from services.orders.store import OrderStore, Served, milliseconds
from services.orders.tenancy import must_operate, must_own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from holdfast.telemetry.observer import CallObserver
    from services.orders.settings import ServiceSettings

DEFAULT_LIMIT = 50
"""Orders on a page of a customer's orders."""
INDEX_LIMIT = 100
"""Orders on a page by date or status."""
MAXIMUM_LIMIT = 1_000


class NotInStackError(Exception):
    """The stack that this service runs on has no such table."""


class Handlers:
    """The handlers, and what they share while the application runs."""

    def __init__(self, settings: ServiceSettings, client_options: Mapping[str, Any]) -> None:
        self._settings = settings
        self._options = dict(client_options)
        self._observers: tuple[CallObserver, ...] = self._options.pop("observers", ())
        self.metrics = BusinessMetrics()
        self._client: AsyncClient | None = None
        self._ledger: AsyncClient | None = None
        """Inventory and accounts are changed in one region at a time, whichever is asked: conditions see every
        change before them, and a repeat sees its first."""
        self._blocking: Client | None = None
        self._publisher = Publisher(self.metrics)

    async def open(self) -> None:
        """Make the clients."""
        settings = self._settings
        options = dict(self._options)
        if settings.breaker_reset_seconds is not None:
            options.setdefault("breaker_reset_seconds", settings.breaker_reset_seconds)
        options.setdefault("policy", Policy(observers=(self.metrics, *self._observers)))
        self._client = client = AsyncClient(settings.topology, region=settings.region, **options)
        self.store = OrderStore(settings, client)
        home = settings.topology.home_region
        if (settings.region != home and settings.topology.failover) or "orders" in settings.homed():
            self._ledger = AsyncClient(settings.ledger_topology(), region=home, **options)
        self.processing = Processing(
            self._ledger or client,
            orders_table=settings.orders_table,
            inventory_table=settings.inventory_table,
            accounts_table=settings.accounts_table,
            accounts_homes=settings.homes(settings.accounts_table),
        )
        self.sessions = Sessions(client, settings.sessions_table)
        self.series = Series(client, settings.metrics_table)
        # The board is added up page by page in a thread, where a blocking client is at home.
        blocking = {name: value for name, value in options.items() if name not in ("sender", "policy")}
        self._blocking = Client(settings.topology, region=settings.region, **blocking)
        redis = settings.topology.region(settings.region).redis_endpoint
        self.board = CustomerBoard(self._blocking, settings.orders_table, connector(redis))
        if settings.publish_metrics:
            self._publisher.start()

    async def close(self) -> None:
        """Close the clients."""
        await self._publisher.close()
        if self._client is not None:
            await self.board.close()
            await self._client.close()
        if self._ledger is not None:
            await self._ledger.close()
        if self._blocking is not None:
            self._blocking.close()

    def _need(self, table: str) -> None:
        if not self._settings.has(table):
            stack = self._settings.topology.stack
            raise NotInStackError(f"the stack {stack!r} has no table {table!r}; add it under holdfast:data.tables")

    # Orders.

    async def create(self, request: Request) -> Response:
        """Create an order. An Idempotency-Key makes a repeat give the same order."""
        item = await self._new_order(request)
        served = await self.store.create(item)
        return await self._made(served, item)

    async def process(self, request: Request) -> Response:
        """Take an order's products from the inventory and store it as confirmed, both or neither."""
        self._need(self._settings.inventory_table)
        item = await self._new_order(request)
        served = await self.processing.process(item)
        return await self._made(served, item)

    async def _new_order(self, request: Request) -> orders.Item:
        now_ms = time.time_ns() // 1_000_000
        header = request.headers.get("idempotency-key")
        key = IdempotencyKey.parse(header, now_ms=now_ms) if header else None
        order = orders.parse(await request.body())
        self._own(request, order["customer_id"])
        return orders.new_order(order, now_ms=now_ms, key=key)

    def _own(self, request: Request, customer: str) -> None:
        must_own(request, customer, required=self._settings.require_tenant)

    def _operate(self, request: Request) -> None:
        must_operate(request, required=self._settings.require_tenant)

    async def _made(self, served: Served, item: orders.Item) -> Response:
        order = served.item or item
        if served.replayed:
            return answer(order, 200, region=served.region, **{REPLAYED_HEADER: "true"})
        self.metrics.order()
        self.metrics.user(item["customer_id"])
        await self.board.ordered(item["customer_id"])
        return answer(order, 201, region=served.region)

    async def get(self, request: Request) -> Response:
        """One order. `region` reads that region's own replica (`own`: this process's)."""
        customer, order = request.path_params["customer_id"], request.path_params["order_id"]
        self._own(request, customer)
        served = await self.store.get(customer, order, region=self._region(request))
        if served.item is None:
            return refusal(404, "order_not_found", f"customer {customer} has no order {order}", region=served.region)
        return answer(served.item, region=served.region)

    async def of_customer(self, request: Request) -> Response:
        """A customer's orders, newest first. Query: limit, next, start and end (times), region."""
        self._own(request, request.path_params["customer_id"])
        query = request.query_params
        between = None
        if "start" in query or "end" in query:
            last = milliseconds(query["end"], name="end") if "end" in query else time.time_ns() // 1_000_000
            between = (milliseconds(query.get("start", "1970-01-01"), name="start"), last)
        page = await self.store.of_customer(
            request.path_params["customer_id"],
            limit=_number(request, "limit", DEFAULT_LIMIT, MAXIMUM_LIMIT),
            after=pages.decode(query.get("next")),
            between=between,
            region=self._region(request),
        )
        return _page(page)

    async def find(self, request: Request) -> Response:
        """Orders by `date` (YYYY-MM-DD), or by `status` with an optional `start` day. Query: limit, next."""
        self._operate(request)
        query = request.query_params
        limit = _number(request, "limit", INDEX_LIMIT, MAXIMUM_LIMIT)
        after = pages.decode(query.get("next"))
        if "date" in query:
            return _page(await self.store.of_date(query["date"], limit=limit, after=after))
        if "status" in query:
            found = await self.store.of_status(query["status"], since=query.get("start"), limit=limit, after=after)
            return _page(found)
        raise orders.OrderRefusedError("name a date (?date=2026-11-21) or a status (?status=pending)")

    def _region(self, request: Request) -> str | None:
        name = request.query_params.get("region")
        return self._settings.region if name == "own" else name

    # Accounts, sessions, series.

    async def transfer(self, request: Request) -> Response:
        """Move credits: {"from_account", "to_account", "amount"} and an Idempotency-Key."""
        self._need(self._settings.accounts_table)
        body = orders.parse_object(await request.body())
        source, target, amount = body.get("from_account"), body.get("to_account"), body.get("amount")
        key = request.headers.get("idempotency-key")
        if not isinstance(source, str) or not isinstance(target, str) or not source or not target or source == target:
            raise orders.OrderRefusedError("from_account and to_account must be two different non-empty strings")
        self._own(request, source)
        if not isinstance(amount, Decimal) or amount <= 0:
            raise orders.OrderRefusedError("amount must be a number above 0")
        if not key:
            raise orders.OrderRefusedError(
                "a transfer needs an Idempotency-Key, so that a repeat does not move it twice"
            )
        served = await self.processing.transfer(source, target, amount, key=key)
        moved = {"from_account": source, "to_account": target, "amount": amount}
        if served.replayed:
            return answer(moved, 200, region=served.region, **{REPLAYED_HEADER: "true"})
        return answer(moved, 201, region=served.region)

    async def start_session(self, request: Request) -> Response:
        """Begin a session: {"data", "lifetime_seconds"}."""
        self._need(self._settings.sessions_table)
        body = orders.parse_object(await request.body())
        data = body.get("data", {})
        if not isinstance(data, dict):
            raise orders.OrderRefusedError("data must be an object")
        return answer(await self.sessions.start(data, lifetime_seconds=_lifetime(body)), 201)

    async def get_session(self, request: Request) -> Response:
        """A session that has not expired."""
        self._need(self._settings.sessions_table)
        return _session(await self.sessions.get(request.path_params["session_id"]))

    async def extend_session(self, request: Request) -> Response:
        """Let a session last longer: {"lifetime_seconds"} from now."""
        self._need(self._settings.sessions_table)
        lifetime = _lifetime(orders.parse_object(await request.body()))
        return _session(await self.sessions.extend(request.path_params["session_id"], lifetime_seconds=lifetime))

    async def end_session(self, request: Request) -> Response:
        """End a session."""
        self._need(self._settings.sessions_table)
        await self.sessions.end(request.path_params["session_id"])
        return answer({"ended": True})

    async def write_metric(self, request: Request) -> Response:
        """Store a point of a metric: {"value", "timestamp"}."""
        self._operate(request)
        self._need(self._settings.metrics_table)
        body = orders.parse_object(await request.body())
        value, at = body.get("value"), body.get("timestamp")
        if not isinstance(value, Decimal):
            raise orders.OrderRefusedError("value must be a number")
        if at is not None:
            at = orders.timestamp(milliseconds(str(at), name="timestamp"))
        return answer(await self.series.write(request.path_params["metric"], value, at=at), 201)

    async def read_metric(self, request: Request) -> Response:
        """The points of a metric from `start` to `end`, by time, of all shards."""
        self._operate(request)
        self._need(self._settings.metrics_table)
        query = request.query_params
        start = orders.timestamp(milliseconds(query.get("start", "1970-01-01"), name="start"))
        end = query.get("end")
        last = milliseconds(end, name="end") if end else time.time_ns() // 1_000_000
        points = await self.series.read(request.path_params["metric"], start, orders.timestamp(last))
        return answer({"points": points})

    async def leaderboard(self, request: Request) -> Response:
        """Customers by orders of the last thirty days. Query: top."""
        self._operate(request)
        best = await self.board.top(_number(request, "top", 10, 100))
        return answer({"customers": [{"customer_id": customer, "orders": int(count)} for customer, count in best]})

    async def business(self, request: Request) -> Response:
        """Orders per second, active users, transaction success rate of this process."""
        self._operate(request)
        return answer(self.metrics.values())

    # Health.

    async def health(self, _: Request) -> Response:
        """The process answers. Tells where its writes go, and the circuits of its clients."""
        clients = [client.pipeline.core for client in (self._client, self._blocking) if client is not None]
        return answer({"status": "ok", "region": self._settings.region, **circuits(clients)})

    async def ready(self, _: Request) -> Response:
        """Whether traffic should come here: not while the region is evacuated."""
        flag = await self.store.flag()
        if flag.holds():
            return refusal(503, "evacuated", flag.reason or "the region is evacuated", epoch=flag.epoch, by=flag.by)
        return answer({"status": "ready", "region": self._settings.region})

    async def regions(self, _: Request) -> Response:
        """Which regions are in use, by the flags that this region's own replica shows."""
        flags = await self.store.flags()
        return answer(
            {"regions": {name: {"evacuated": flag.holds(), "epoch": flag.epoch} for name, flag in flags.items()}}
        )

    async def deep_health(self, _: Request) -> Response:
        """This region's replica is written and read, and the region is not evacuated."""
        region = self._settings.region
        try:
            flag = await self.store.flag()
            if flag.holds():
                return refusal(503, "evacuated", flag.reason or "the region is evacuated", epoch=flag.epoch, by=flag.by)
            seconds = await self.store.probe()
        except HoldfastError as error:
            return refusal(503, "unhealthy", f"{type(error).__name__}: {error}", retryable=True, region=region)
        return answer({"status": "ok", "region": region, "probe_milliseconds": round(seconds * 1000, 3)})


def _page(page: Any) -> Response:
    document = {"orders": list(page.items), "next": pages.encode(page.last_evaluated_key), "has_more": page.has_more}
    return answer(document, region=page.region)


def _session(item: Mapping[str, Any] | None) -> Response:
    if item is None:
        return refusal(404, "session_not_found", "there is no such session, or it has expired")
    return answer(item)


def _lifetime(body: Mapping[str, Any]) -> int:
    seconds = body.get("lifetime_seconds", Decimal(LIFETIME_SECONDS))
    if not isinstance(seconds, Decimal) or not 1 <= seconds <= 30 * 86_400:
        raise orders.OrderRefusedError("lifetime_seconds must be a number from 1 to 2592000 (thirty days)")
    return int(seconds)


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise orders.OrderRefusedError(f"{name} is {text!r}; write a whole number from 1 to {most}")
    return int(text)
