"""Orders in the table: the calls of the client that the service makes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdfast import CallInfo, Client
from holdfast.errors import ConditionalCheckFailedError
from services.orders import orders
from services.orders.health import Flag, scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.orders.settings import ServiceSettings

PROBE_CUSTOMER = "__health_check__"
"""Customer of the item that deep health writes; it has no order_date and no status, so no index holds it."""
PROBE_LIFETIME_SECONDS = 3_600


class DuplicateOrderError(Exception):
    """An order of this identity exists and was made by another request."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a call gave and the region that served it."""

    item: Mapping[str, Any] | None
    region: str | None
    replayed: bool = False


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A page of orders, the key after which the next one starts, and the region that served it."""

    items: list[Mapping[str, Any]]
    last_evaluated_key: Mapping[str, Any] | None
    region: str


class OrderStore:
    """Orders through one client that prefers the region of this process."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        options: dict[str, Any] = {}
        if settings.breaker_reset_seconds is not None:
            options["breaker_reset_seconds"] = settings.breaker_reset_seconds
        self._client = Client(settings.topology, region=settings.region, **options)
        self._orders = self._client.table(settings.orders_table)
        control = settings.topology.region(settings.region).control_table
        self._control = self._client.table(control) if control else None

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def create(self, item: Mapping[str, Any]) -> Served:
        """Store a new order; a repeat of the same keyed request gives the order that is there.

        Raises:
            DuplicateOrderError: an order of this id was made by another request.
            HoldfastError: the table could not be written; `OutcomeUnknown` says that it may have been.
        """
        try:
            result = self._orders.put(
                item, condition=orders.NOT_THERE_YET, return_values_on_condition_check_failure="ALL_OLD"
            )
        except ConditionalCheckFailedError as error:
            if error.item is not None and orders.same_request(error.item, item):
                return Served(item=error.item, region=error.region, replayed=True)
            raise DuplicateOrderError(item["order_id"]) from None
        return Served(item=item, region=result.region)

    def get(self, customer_id: str, order_id: str, *, region: str | None = None) -> Served:
        """One order, from the preferred region, or from `region`'s own replica alone."""
        info = CallInfo()
        key = {"customer_id": customer_id, "order_id": order_id}
        item = self._orders.get(key, consistent=True, region=region, info=info)
        return Served(item=item, region=info.region)

    def list(
        self, customer_id: str, *, limit: int, after: Mapping[str, Any] | None, region: str | None = None
    ) -> Listed:
        """A page of a customer's orders, newest first."""
        page = self._orders.query(
            "customer_id = :customer",
            values={":customer": customer_id},
            consistent=True,
            scan_index_forward=False,
            limit=limit,
            exclusive_start_key=after,
            region=region,
        ).page()
        return Listed(items=list(page.items), last_evaluated_key=page.last_evaluated_key, region=page.region)

    def probe(self) -> float:
        """Write and read this region's own replica. Returns the seconds that it took."""
        started = time.monotonic()
        region = self._settings.region
        key = {"customer_id": PROBE_CUSTOMER, "order_id": region}
        expires = Decimal(int(time.time()) + PROBE_LIFETIME_SECONDS)
        self._orders.put({**key, "expires_at": expires}, region=region)
        self._orders.get(key, consistent=True, region=region)
        return time.monotonic() - started

    def flag(self) -> Flag:
        """The evacuation flag of this region as its own replica of the control table holds it."""
        if self._control is None:
            return Flag()
        region = self._settings.region
        return Flag.from_item(self._control.get({"scope": scope(region)}, consistent=True, region=region))
