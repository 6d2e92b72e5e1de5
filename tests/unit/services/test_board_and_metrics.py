"""What the service does beside its answers: the leaderboard, the business metrics, its circuits."""

import asyncio
import io
import json
import threading
from types import SimpleNamespace

import pytest

from holdfast.resilience import Core, Policy
from holdfast.telemetry import BusinessMetrics
from holdfast.telemetry.business import COUNTS, NAMESPACE
from holdfast.telemetry.observer import CallRecord
from holdfast.topology import Region
from services.orders.circuits import circuits
from services.orders.leaderboard import PAUSE_SECONDS, CustomerBoard
from services.orders.publishing import Publisher

ORDERS = [{"customer_id": "c-1"}, {"customer_id": "c-2"}, {"customer_id": "c-2"}]


class Table:
    """Orders of today only."""

    def __init__(self):
        self.asked = 0

    def table(self, _):
        return self

    def query(self, *_, **__):
        self.asked += 1
        return ORDERS if self.asked % 30 == 1 else []


class Redis:
    """As much of a Redis as the board uses; `hang` makes every command wait."""

    def __init__(self):
        self.scores = {"c-2": 2.0}
        self.hang = threading.Event()
        self.hang.set()
        self.calls = 0

    def register_script(self, _):
        def add(keys, args):
            self.calls += 1
            self.hang.wait(120)
            self.scores[args[1]] = self.scores.get(args[1], 0.0) + args[0]
            return self.scores[args[1]]

        return add

    def exists(self, _):
        self.calls += 1
        self.hang.wait(120)
        return 1

    def zrevrange(self, _, first, last, *, withscores):
        assert withscores
        best = sorted(self.scores.items(), key=lambda pair: -pair[1])
        return [(name.encode(), score) for name, score in best[first : last + 1]]


async def until(holds):
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)


async def test_an_order_does_not_wait_for_the_leaderboard_and_a_reader_not_long():
    redis = Redis()
    board = CustomerBoard(Table(), "orders", lambda: redis)
    redis.hang.clear()
    for number in range(100):
        await board.ordered(f"c-{number % 4}")
    assert await board.top(1) == [("c-2", 2.0)], "from the table"
    assert redis.scores == {"c-2": 2.0}, "nobody waited until Redis had done what it was asked"
    redis.hang.set()
    await board.close()


@pytest.fixture
def patient(monkeypatch):
    """Redis may take as long as a busy machine makes it take."""
    monkeypatch.setattr("services.orders.leaderboard.ANSWER_SECONDS", 60.0)


@pytest.mark.usefixtures("patient")
async def test_orders_are_told_in_the_background_and_the_board_is_read_from_redis():
    redis = Redis()
    board = CustomerBoard(Table(), "orders", lambda: redis)
    for customer in ("c-1", "c-1", "c-1", "c-2"):
        await board.ordered(customer)
    await until(lambda: redis.scores == {"c-1": 3.0, "c-2": 3.0})
    await board.ordered("c-1")
    await until(lambda: redis.scores["c-1"] == 4.0)
    assert await board.top(1) == [("c-1", 4.0)]
    await board.close()


@pytest.mark.usefixtures("patient")
async def test_a_redis_that_fails_is_left_alone_for_a_while():
    moment, tried, redis = [100.0], [], Redis()

    def connect():
        tried.append(moment[0])
        if len(tried) == 1:
            raise ConnectionError("no cluster")
        return redis

    board = CustomerBoard(Table(), "orders", connect, clock=lambda: moment[0])
    assert await board.top(2) == [("c-2", 2.0), ("c-1", 1.0)]
    assert await board.top(2) == [("c-2", 2.0), ("c-1", 1.0)]
    assert tried == [100.0], "the second reader did not try"
    moment[0] += PAUSE_SECONDS
    assert await board.top(2) == [("c-2", 2.0)], "Redis answers, and is the board"
    await board.close()


async def test_without_redis_nothing_is_told():
    board = CustomerBoard(Table(), "orders", None)
    await board.ordered("c-1")
    assert await board.top(1) == [("c-2", 2.0)]
    await board.close()


def transaction(error=None):
    return CallRecord(
        operation="TransactWriteItems", table="orders", region="us-east-1", seconds=0.01, error=error, principal="p-1",
    )  # fmt: skip


async def test_business_counts_are_told_once_and_what_is_left_at_the_end():
    metrics, stream = BusinessMetrics(), io.StringIO()
    publisher = Publisher(metrics, seconds=0.05, stream=stream)
    publisher.start()
    metrics.order()
    metrics.call(transaction())
    metrics.call(transaction(RuntimeError("no")))
    await until(stream.getvalue)
    metrics.order()
    await publisher.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    directive = lines[0]["_aws"]["CloudWatchMetrics"][0]
    assert directive["Namespace"] == NAMESPACE == "Application/Orders"
    assert directive["Dimensions"] == [["Service"]]
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == COUNTS
    assert {line["Service"] for line in lines} == {"orders"}
    totals = {name: sum(line[name] for line in lines) for name in COUNTS if name != "ActiveUsers"}
    assert totals == {"OrdersCreated": 2, "TransactionsAttempted": 2, "TransactionsCommitted": 1}
    assert lines[0]["ActiveUsers"] == 1


def test_of_two_clients_the_worse_circuit_is_told():
    regions = [Region(name="us-east-1"), Region(name="us-west-2")]
    well, ill = Core(regions, None, Policy()), Core(regions, None, Policy())
    state = ill.router.states[1]
    for _ in range(5):
        state.write.failed(state.write.admit(1.0), 1.0)
    told = circuits([well, ill])
    assert told == {
        "writer": "us-east-1",
        "breakers": {
            "us-east-1": {"read": "closed", "write": "closed"},
            "us-west-2": {"read": "closed", "write": "open"},
        },
    }
    assert circuits([SimpleNamespace(router=SimpleNamespace(writer=well.router.writer, states=()))])["breakers"] == {}
