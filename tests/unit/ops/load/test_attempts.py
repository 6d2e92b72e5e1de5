"""What becomes of an order is an attempt of the history, whatever it is."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from ops.load.attempts import attempt
from ops.load.http import HttpError


def answer(status, body):
    return SimpleNamespace(status=status, json=lambda: json.loads(body))


@pytest.mark.parametrize(
    ("given", "status", "order", "error", "acknowledged"),
    [
        (answer(201, '{"order_id": "o"}'), 201, "o", "", True),
        (answer(200, '{"order_id": "o"}'), 200, "o", "", True),
        (answer(503, '{"error": {"code": "unavailable"}}'), 503, None, "503 unavailable", False),
        (answer(504, "<html>"), 504, None, "504", False),
        (answer(201, "{}"), None, None, "KeyError", False),
        (HttpError("TimeoutError"), None, None, "TimeoutError", False),
    ],
)
def test_whatever_becomes_of_an_order_is_an_attempt(given, status, order, error, acknowledged):
    async def asked():
        if isinstance(given, Exception):
            raise given
        return "us-east-1", given

    times = iter([1.0, 2.5])
    made = asyncio.run(attempt(asked(), number=7, customer="c", clock=lambda: next(times)))
    assert (made.order, made.customer, made.sent, made.done) == (7, "c", 1.0, 2.5)
    assert (made.status, made.order_id, made.error, made.acknowledged) == (status, order, error, acknowledged)
    assert made.region == (None if isinstance(given, Exception) else "us-east-1")
