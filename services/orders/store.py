"""Orders in the table: the calls of the client that the service makes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdfast import CallInfo
from holdfast.errors import ConditionalCheckFailedError
from services.orders import orders
from services.orders.health import Flag, scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast import AsyncClient, Page
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


def region_option(region: str | None) -> dict[str, Any]:
    """The option that serves a call in one region alone, where one is named."""
    return {} if region is None else {"region": region}


class OrderStore:
    """Orders through a client that prefers the region of this process."""

    def __init__(self, settings: ServiceSettings, client: AsyncClient) -> None:
        self._region = settings.region
        self._regions = tuple(settings.topology.regions)
        self._table = client.table(settings.orders_table)
        control = settings.topology.region(settings.region).control_table
        self._control = client.table(control) if control else None

    async def create(self, item: Mapping[str, Any]) -> Served:
        """Store a new order; a repeat of the same keyed request gives the order that is there.

        Raises:
            DuplicateOrderError: an order of this id was made by another request.
            HoldfastError: the table could not be written; `OutcomeUnknown` says that it may have been.
        """
        try:
            result = await self._table.put(
                dict(item), condition=orders.NOT_THERE_YET, return_values_on_condition_check_failure="ALL_OLD"
            )
        except ConditionalCheckFailedError as error:
            if error.item is not None and orders.same_request(error.item, item):
                return Served(item=error.item, region=error.region, replayed=True)
            raise DuplicateOrderError(item["order_id"]) from None
        return Served(item=item, region=result.region)

    async def get(self, customer_id: str, order_id: str, *, region: str | None = None) -> Served:
        """One order, from the preferred region, or from `region`'s own replica alone."""
        info = CallInfo()
        key = {"customer_id": customer_id, "order_id": order_id}
        item = await self._table.get(key, consistent=True, info=info, **region_option(region))
        return Served(item=item, region=info.region)

    async def of_customer(
        self,
        customer_id: str,
        *,
        limit: int,
        after: Mapping[str, Any] | None,
        between: tuple[int, int] | None = None,
        region: str | None = None,
    ) -> Page[dict[str, Any]]:
        """A page of a customer's orders, newest first; `between` two times in milliseconds since 1970."""
        condition = "customer_id = :customer"
        values: dict[str, Any] = {":customer": customer_id}
        if between is not None:
            condition += " AND order_id BETWEEN :start AND :end"
            values |= {":start": f"ORD_{between[0]}", ":end": f"ORD_{between[1]}_z"}
        return await self._table.query(
            condition,
            values=values,
            consistent=True,
            scan_index_forward=False,
            limit=limit,
            **_start(after),
            **region_option(region),
        ).page()

    async def of_date(self, date: str, *, limit: int, after: Mapping[str, Any] | None) -> Page[dict[str, Any]]:
        """A page of the orders of a day (YYYY-MM-DD)."""
        return await self._table.query(
            "order_date = :date", values={":date": date}, index_name="OrderDateIndex", limit=limit, **_start(after)
        ).page()

    async def of_status(
        self, status: str, *, since: str | None, limit: int, after: Mapping[str, Any] | None
    ) -> Page[dict[str, Any]]:
        """A page of the orders in a status, whole items; `since` a day (YYYY-MM-DD)."""
        condition = "#status = :status" + (" AND order_date >= :since" if since else "")
        values = {":status": status} | ({":since": since} if since else {})
        return await self._table.query(
            condition,
            names={"#status": "status"},  # a reserved word
            values=values,
            index_name="StatusIndex",
            limit=limit,
            full_items=True,
            **_start(after),
        ).page()

    async def probe(self) -> float:
        """Write and read this region's own replica. Returns the seconds that it took."""
        started = time.monotonic()
        key = {"customer_id": PROBE_CUSTOMER, "order_id": self._region}
        expires = Decimal(int(time.time()) + PROBE_LIFETIME_SECONDS)
        await self._table.put({**key, "expires_at": expires}, region=self._region)
        await self._table.get(key, consistent=True, region=self._region)
        return time.monotonic() - started

    async def flags(self) -> dict[str, Flag]:
        """The evacuation flag of every region as this region's own replica of the control table holds them."""
        control = self._control
        if control is None:
            return dict.fromkeys(self._regions, Flag())

        async def one(name: str) -> Flag:
            return Flag.from_item(await control.get({"scope": scope(name)}, consistent=True, region=self._region))

        found = await asyncio.gather(*(one(name) for name in self._regions))
        return dict(zip(self._regions, found, strict=True))

    async def flag(self) -> Flag:
        """The evacuation flag of this region as its own replica of the control table holds it."""
        if self._control is None:
            return Flag()
        return Flag.from_item(
            await self._control.get({"scope": scope(self._region)}, consistent=True, region=self._region)
        )


def _start(after: Mapping[str, Any] | None) -> dict[str, Any]:
    return {} if after is None else {"exclusive_start_key": after}


def milliseconds(text: str, *, name: str) -> int:
    """A time in ISO 8601 (a date is its first moment, UTC) as milliseconds since 1970.

    Raises:
        OrderRefusedError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise orders.OrderRefusedError(
            f"{name} is {text!r}; write a time such as 2026-11-21 or 2026-11-21T08:00:00Z"
        ) from None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
