"""One adapter per client: the same three calls, each with the client's defaults, and its answer checked once.

An adapter is made with the URL of the stub, and has `get`, `put` and `query`; `prepare` and `close` where needed.
`asynchronous` says whether they are coroutines. Imports stand inside: a worker loads only what it measures.
"""

# ruff: noqa: PLC0415 - a worker imports only the client that it measures

from __future__ import annotations

import os
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

TABLE = "orders"
REGION = "us-east-1"
KEY = {"customer_id": "customer-000001", "order_id": "ORD_1763700000001_0a1b2c3d"}
ITEM: dict[str, Any] = {
    **KEY,
    "order_date": "2026-11-21",
    "created_at": "2026-11-21T14:00:00.000000+00:00",
    "status": "pending",
    "total": Decimal("100.95"),
    "tax": Decimal("7.9960"),
    "count": 1,
    "expires_at": 1826772000,
    "gift": False,
    "coupon": None,
    "tags": {"express", "fragile"},
    "address": {"street": "1 Long Street", "city": "Springfield", "zip": "12345"},
    "lines": [{"product_id": f"P-{line:04d}", "quantity": line, "price": Decimal("19.99")} for line in range(1, 4)],
}


class Boto3Client:
    asynchronous = False

    def __init__(self, url: str) -> None:
        import boto3
        from boto3.dynamodb.types import TypeSerializer

        self._client = boto3.client("dynamodb", region_name=REGION, endpoint_url=url)
        # The low-level client takes and gives DynamoDB's own form; converting is not counted for it.
        self._key = {name: TypeSerializer().serialize(value) for name, value in KEY.items()}
        self._item = {name: TypeSerializer().serialize(value) for name, value in ITEM.items()}

    def get(self) -> Any:
        return self._client.get_item(TableName=TABLE, Key=self._key)["Item"]

    def put(self) -> Any:
        return self._client.put_item(TableName=TABLE, Item=self._item)

    def query(self) -> Any:
        return self._client.query(
            TableName=TABLE,
            KeyConditionExpression="customer_id = :c",
            ExpressionAttributeValues={":c": self._key["customer_id"]},
        )["Items"]


class Boto3Resource:
    asynchronous = False

    def __init__(self, url: str) -> None:
        import boto3

        self._table = boto3.resource("dynamodb", region_name=REGION, endpoint_url=url).Table(TABLE)

    def get(self) -> Any:
        return self._table.get_item(Key=KEY)["Item"]

    def put(self) -> Any:
        return self._table.put_item(Item=ITEM)

    def query(self) -> Any:
        return self._table.query(
            KeyConditionExpression="customer_id = :c", ExpressionAttributeValues={":c": KEY["customer_id"]}
        )["Items"]


class PynamoDB:
    asynchronous = False

    def __init__(self, url: str) -> None:
        from pynamodb.attributes import (
            BooleanAttribute,
            ListAttribute,
            MapAttribute,
            NullAttribute,
            NumberAttribute,
            UnicodeAttribute,
            UnicodeSetAttribute,
        )
        from pynamodb.models import Model

        class Order(Model):
            class Meta:
                table_name = TABLE
                region = REGION
                host = url

            customer_id = UnicodeAttribute(hash_key=True)
            order_id = UnicodeAttribute(range_key=True)
            order_date = UnicodeAttribute()
            created_at = UnicodeAttribute()
            status = UnicodeAttribute()
            total = NumberAttribute()
            tax = NumberAttribute()
            count = NumberAttribute()
            expires_at = NumberAttribute()
            gift = BooleanAttribute()
            coupon = NullAttribute(null=True)
            tags = UnicodeSetAttribute()
            address = MapAttribute()
            lines = ListAttribute()

        self._model = Order
        plain = {name: float(value) if isinstance(value, Decimal) else value for name, value in ITEM.items()}
        plain["lines"] = [{**line, "price": float(line["price"])} for line in ITEM["lines"]]
        self._item = Order(**plain)

    def get(self) -> Any:
        return self._model.get(KEY["customer_id"], KEY["order_id"]).attribute_values

    def put(self) -> Any:
        return self._item.save()

    def query(self) -> Any:
        return list(self._model.query(KEY["customer_id"]))


class PydynoxSync:
    asynchronous = False

    def __init__(self, url: str) -> None:
        from pydynox import DynamoDBClient

        self._client = DynamoDBClient(
            region=REGION,
            endpoint_url=url,
            access_key=os.environ["AWS_ACCESS_KEY_ID"],
            secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        )
        # It has no Decimal: numbers are floats.
        self._item = {name: float(value) if isinstance(value, Decimal) else value for name, value in ITEM.items()}
        self._item["lines"] = [{**line, "price": float(line["price"])} for line in ITEM["lines"]]

    def get(self) -> Any:
        return self._client.sync_get_item(TABLE, KEY)

    def put(self) -> Any:
        return self._client.sync_put_item(TABLE, self._item)

    def query(self) -> Any:
        return list(
            self._client.sync_query(
                TABLE,
                "customer_id = :c",
                expression_attribute_values={":c": KEY["customer_id"]},
            )
        )


class PydynoxAsync(PydynoxSync):
    asynchronous = True

    async def get(self) -> Any:
        return await self._client.get_item(TABLE, KEY)

    async def put(self) -> Any:
        return await self._client.put_item(TABLE, self._item)

    async def query(self) -> Any:
        found = self._client.query(TABLE, "customer_id = :c", expression_attribute_values={":c": KEY["customer_id"]})
        return [item async for item in found]


class Aiodynamo:
    asynchronous = True

    def __init__(self, url: str) -> None:
        self._url = url

    async def prepare(self) -> None:
        import ssl

        import aiohttp
        from aiodynamo.client import Client
        from aiodynamo.credentials import Key, StaticCredentials
        from aiodynamo.expressions import HashKey
        from aiodynamo.http.aiohttp import AIOHTTP
        from yarl import URL

        tls = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls))
        key = Key(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
        client = Client(AIOHTTP(self._session), StaticCredentials(key), REGION, URL(self._url))
        self._table = client.table(TABLE)
        self._condition = HashKey("customer_id", KEY["customer_id"])

    async def get(self) -> Any:
        return await self._table.get_item(KEY)

    async def put(self) -> Any:
        return await self._table.put_item(ITEM)

    async def query(self) -> Any:
        return [item async for item in self._table.query(self._condition)]

    async def close(self) -> None:
        await self._session.close()


class Aioboto3:
    asynchronous = True

    def __init__(self, url: str) -> None:
        self._url = url

    async def prepare(self) -> None:
        import aioboto3

        self._context = aioboto3.Session().resource("dynamodb", region_name=REGION, endpoint_url=self._url)
        self._table = await (await self._context.__aenter__()).Table(TABLE)

    async def get(self) -> Any:
        return (await self._table.get_item(Key=KEY))["Item"]

    async def put(self) -> Any:
        return await self._table.put_item(Item=ITEM)

    async def query(self) -> Any:
        answer = await self._table.query(
            KeyConditionExpression="customer_id = :c", ExpressionAttributeValues={":c": KEY["customer_id"]}
        )
        return answer["Items"]

    async def close(self) -> None:
        await self._context.__aexit__(None, None, None)


@dataclass
class Address:
    street: str
    city: str
    zip: str


@dataclass
class Line:
    product_id: str
    quantity: int
    price: Decimal


@dataclass
class Order:
    customer_id: str
    order_id: str
    order_date: str
    created_at: str
    status: str
    total: Decimal
    tax: Decimal
    count: int
    expires_at: int
    gift: bool
    coupon: str | None
    tags: set[str]
    address: Address
    lines: list[Line]


ORDER = Order(**{**ITEM, "address": Address(**ITEM["address"]), "lines": [Line(**line) for line in ITEM["lines"]]})


def patient() -> Any:
    """holdfast's defaults but for the timeouts, which are as long as boto3's: the machine may be busy."""
    from holdfast import Policy
    from holdfast.resilience import TimeoutPolicy

    return Policy(timeout=TimeoutPolicy(call_seconds=120, attempt_seconds=60, scan_seconds=60, minimum_seconds=60))


class Holdfast:
    asynchronous = False
    model: type[Any] | None = None

    def __init__(self, url: str) -> None:
        from holdfast import Client

        self._client = Client(region=REGION, endpoint_url=url, policy=patient())
        self._table: Any = self._client.table(TABLE, self.model) if self.model else self._client.table(TABLE)
        self._item: Any = ORDER if self.model else ITEM

    def get(self) -> Any:
        return self._table.get(KEY)

    def put(self) -> Any:
        return self._table.put(self._item)

    def query(self) -> Any:
        return self._table.query("customer_id = :c", values={":c": KEY["customer_id"]}).all()


class HoldfastTyped(Holdfast):
    model = Order


class HoldfastAsync:
    asynchronous = True
    model: type[Any] | None = None

    def __init__(self, url: str) -> None:
        self._url = url

    async def prepare(self) -> None:
        from holdfast import AsyncClient

        self._client = AsyncClient(region=REGION, endpoint_url=self._url, policy=patient())
        self._table: Any = self._client.table(TABLE, self.model) if self.model else self._client.table(TABLE)
        self._item: Any = ORDER if self.model else ITEM

    async def get(self) -> Any:
        return await self._table.get(KEY)

    async def put(self) -> Any:
        return await self._table.put(self._item)

    async def query(self) -> Any:
        return await self._table.query("customer_id = :c", values={":c": KEY["customer_id"]}).all()

    async def close(self) -> None:
        await self._client.close()


class HoldfastAsyncTyped(HoldfastAsync):
    model = Order


ADAPTERS: dict[str, type[Any]] = {
    "boto3 client": Boto3Client,
    "boto3 resource": Boto3Resource,
    "PynamoDB": PynamoDB,
    "pydynox": PydynoxSync,
    "holdfast": Holdfast,
    "holdfast, typed": HoldfastTyped,
    "aioboto3": Aioboto3,
    "aiodynamo": Aiodynamo,
    "pydynox, async": PydynoxAsync,
    "holdfast, async": HoldfastAsync,
    "holdfast, async, typed": HoldfastAsyncTyped,
}
