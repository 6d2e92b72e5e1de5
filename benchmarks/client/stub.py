"""A stand-in for DynamoDB on loopback that answers at once, so that a measurement shows the client alone.

`python benchmarks/client/stub.py [--tls CERT KEY]` prints its port, and ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import zlib
from decimal import Decimal

import orjson


def item(number: int) -> dict[str, object]:
    """An item of 14 attributes, about 840 bytes in DynamoDB's form."""
    return {
        "customer_id": {"S": f"customer-{number % 10:06d}"},
        "order_id": {"S": f"ORD_{1763700000000 + number}_0a1b2c3d"},
        "order_date": {"S": "2026-11-21"},
        "created_at": {"S": "2026-11-21T14:00:00.000000+00:00"},
        "status": {"S": "pending"},
        "total": {"N": str(Decimal(number) + Decimal("99.95"))},
        "tax": {"N": "7.9960"},
        "count": {"N": str(number)},
        "expires_at": {"N": "1826772000"},
        "gift": {"BOOL": False},
        "coupon": {"NULL": True},
        "tags": {"SS": ["express", "fragile"]},
        "address": {"M": {"street": {"S": "1 Long Street"}, "city": {"S": "Springfield"}, "zip": {"S": "12345"}}},
        "lines": {
            "L": [
                {"M": {"product_id": {"S": f"P-{line:04d}"}, "quantity": {"N": str(line)}, "price": {"N": "19.99"}}}
                for line in range(1, 4)
            ]
        },
    }


def answer(document: object) -> bytes:
    """A whole HTTP answer, with the headers that DynamoDB sends."""
    body = orjson.dumps(document)
    head = (
        "HTTP/1.1 200 OK\r\nServer: Server\r\nDate: Sat, 21 Nov 2026 14:00:00 GMT\r\n"
        f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\nConnection: keep-alive\r\n"
        f"x-amzn-RequestId: {'A1B2C3D4' * 6}\r\nx-amz-crc32: {zlib.crc32(body)}\r\n\r\n"
    )
    return head.encode() + body


TABLE = {
    "Table": {
        "TableName": "orders",
        "TableStatus": "ACTIVE",
        "KeySchema": [
            {"AttributeName": "customer_id", "KeyType": "HASH"},
            {"AttributeName": "order_id", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "customer_id", "AttributeType": "S"},
            {"AttributeName": "order_id", "AttributeType": "S"},
        ],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0},
        "TableSizeBytes": 0,
        "ItemCount": 0,
        "TableArn": "arn:aws:dynamodb:us-east-1:111122223333:table/orders",
    }
}

ANSWERS = {
    b"GetItem": answer({"Item": item(1)}),
    b"PutItem": answer({}),
    b"Query": answer({"Items": [item(number) for number in range(100)], "Count": 100, "ScannedCount": 100}),
    b"DescribeTable": answer(TABLE),
}


class Server(asyncio.Protocol):
    """Answers by the operation named in X-Amz-Target; looks at nothing else."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._received[:end].lower()
            start = head.find(b"content-length:")
            length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            total = end + 4 + length
            if len(self._received) < total:
                return
            at = self._received.find(b"20120810.", 0, end) + 9
            operation = self._received[at : self._received.find(b"\r\n", at)]
            self._received = self._received[total:]
            self._transport.write(ANSWERS[operation])


async def main() -> None:
    context = None
    if "--tls" in sys.argv:
        at = sys.argv.index("--tls")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*sys.argv[at + 1 : at + 3])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
