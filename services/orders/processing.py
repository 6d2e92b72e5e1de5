"""What spans items: processing an order against the inventory, and moving credits between accounts."""

from __future__ import annotations

import hashlib
import itertools
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdfast.errors import TransactionCanceledError
from services.orders import orders
from services.orders.store import DuplicateOrderError, Served

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdfast import AsyncClient
    from holdfast.actions import WriteAction
    from holdfast.topology import Homes

MAXIMUM_ACTIONS = 100
"""Of a transaction (DynamoDB's limit); one of them is the order itself."""
RECEIPT_SECONDS = 2 * 24 * 60 * 60
"""For how long a transfer is known by its key, where the table deletes what has expired."""
ENOUGH = "quantity >= :qty AND quantity > :zero"


class InsufficientInventoryError(Exception):
    """At least one product is out of stock; `products` names them."""

    def __init__(self, products: Sequence[str]) -> None:
        super().__init__(", ".join(products))
        self.products = tuple(products)


class InsufficientBalanceError(Exception):
    """The account has less than is to be moved, or does not exist."""


class UnknownAccountError(Exception):
    """There is no such account to receive."""


def token(*parts: str) -> str:
    """A transaction's idempotency token (at most 36 characters) that follows from what it does."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def quantities(order: Mapping[str, Any]) -> dict[str, Decimal]:
    """Product → quantity of an order's lines; lines of one product are added up, as an item is written once.

    Raises:
        OrderRefusedError: no lines, too many, or one without product_id or a quantity above 0.
    """
    wanted: dict[str, Decimal] = {}
    for place, line in enumerate(order.get("items") or []):
        product = line.get("product_id") if isinstance(line, dict) else None
        quantity = line.get("quantity") if isinstance(line, dict) else None
        if not isinstance(product, str) or not product:
            raise orders.OrderRefusedError(f"items[{place}].product_id must be a non-empty string")
        if not isinstance(quantity, Decimal) or quantity <= 0 or quantity != quantity.to_integral_value():
            raise orders.OrderRefusedError(f"items[{place}].quantity must be a whole number above 0")
        wanted[product] = wanted.get(product, Decimal(0)) + quantity
    if not 1 <= len(wanted) < MAXIMUM_ACTIONS:
        raise orders.OrderRefusedError(
            f"items has {len(wanted)} products; a transaction takes 1 to {MAXIMUM_ACTIONS - 1} beside the order"
        )
    return wanted


class Processing:
    """Transactions of the service."""

    def __init__(
        self,
        client: AsyncClient,
        *,
        orders_table: str,
        inventory_table: str,
        accounts_table: str,
        accounts_homes: Homes | None = None,
    ) -> None:
        self._client = client
        self._homes = accounts_homes
        self._orders = client.table(orders_table)
        self._inventory = client.table(inventory_table)
        self._accounts = client.table(accounts_table)

    async def process(self, order: Mapping[str, Any]) -> Served:
        """Take the quantities from the inventory and store the order as confirmed, both or neither.

        Raises:
            InsufficientInventoryError: products are out of stock.
            DuplicateOrderError: the order exists and was made by another request.
        """
        now = orders.timestamp(time.time_ns() // 1_000_000)
        item = {**order, "status": "confirmed", "updated_at": order["created_at"]}
        wanted = quantities(order)
        actions: list[WriteAction] = [
            self._inventory.update_action(
                {"product_id": product},
                "SET quantity = quantity - :qty, updated_at = :now",
                condition=ENOUGH,
                # The time is the order's own: a transaction sent again with its token must be the same to the letter.
                values={":qty": quantity, ":zero": 0, ":now": order.get("created_at", now)},
            )
            for product, quantity in wanted.items()
        ]
        actions.append(
            self._orders.put_action(
                item, condition=orders.NOT_THERE_YET, return_values_on_condition_check_failure="ALL_OLD"
            )
        )
        try:
            result = await self._client.transact_write(
                actions,
                client_request_token=token(order["customer_id"], order["order_id"]),
                return_consumed_capacity="TOTAL",
            )
        except TransactionCanceledError as error:
            return self._canceled(error, item, list(wanted))
        return Served(item=item, region=result.region)

    @staticmethod
    def _canceled(error: TransactionCanceledError, item: Mapping[str, Any], products: list[str]) -> Served:
        """Tell an order that is there already from an inventory that is not."""
        failed = [place for place, reason in enumerate(error.reasons) if reason.code == "ConditionalCheckFailed"]
        if len(products) in failed:
            existing = error.reasons[len(products)].item
            if existing is not None and orders.same_request(existing, item):
                return Served(item=existing, region=error.region, replayed=True)
            raise DuplicateOrderError(item["order_id"])
        if failed:
            raise InsufficientInventoryError([products[place] for place in failed])
        raise error

    async def transfer(self, source: str, target: str, amount: Decimal, *, key: str) -> Served:
        """Move credits from one account to another, once for each key.

        A transaction's token is known for ten minutes and in one region. So the transfer leaves an item beside the
        accounts, which a repeat finds.

        Raises:
            InsufficientBalanceError: the first account has less.
            UnknownAccountError: the second account does not exist.
        """
        seconds = time.time()
        now = orders.timestamp(int(seconds * 1000))
        moved = {"from_account": source, "to_account": target, "amount": amount}
        actions: list[WriteAction] = [
            self._accounts.put_action(
                {
                    "account_id": self._receipt(source, token(source, target, str(amount.normalize()), key)),
                    **moved,
                    "created_at": now,
                    "expires_at": int(seconds) + RECEIPT_SECONDS,
                },
                condition="attribute_not_exists(account_id)",
            ),
            self._accounts.update_action(
                {"account_id": source},
                "SET balance = balance - :amount, updated_at = :now",
                condition="balance >= :min",
                values={":amount": amount, ":min": amount, ":now": now},
            ),
            self._accounts.update_action(
                {"account_id": target},
                "SET balance = balance + :amount, updated_at = :now",
                condition="attribute_exists(account_id)",
                values={":amount": amount, ":now": now},
            ),
        ]
        try:
            result = await self._client.transact_write(actions)
        except TransactionCanceledError as error:
            failed = [reason.code == "ConditionalCheckFailed" for reason in error.reasons]
            if failed[:1] == [True]:
                return Served(item=moved, region=error.region, replayed=True)
            if failed[1:2] == [True]:
                raise InsufficientBalanceError(source) from None
            if failed[2:3] == [True]:
                raise UnknownAccountError(target) from None
            raise
        return Served(item=moved, region=result.region)

    def _receipt(self, source: str, digest: str) -> str:
        """The key of a transfer's item: no account has a name with a slash, and it is at home where the account is."""
        key = f"{source}/{digest}"
        if self._homes is None:
            return key
        home = self._homes.of(source)
        return next(made for made in (f"{key}{number}" for number in itertools.count()) if self._homes.of(made) == home)
