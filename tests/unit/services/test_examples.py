"""The examples of the client, over regions in memory."""

import pytest

from holdfast import AsyncClient, Client, errors
from holdfast.testing import FakeClock, LoseAnswer, MemoryRegions
from services.orders.examples import asynchronous, blocking

HOME = "us-east-1"


@pytest.fixture
def topology(orders_topology):
    return orders_topology(HOME)


@pytest.fixture
def memory(topology):
    return MemoryRegions(topology.regions.values(), clock=FakeClock(), seed=1)


def test_an_order_is_made_confirmed_once_and_found(topology, memory):
    with Client(topology, sender=memory) as client:
        made = [blocking.create(client, "c") for _ in range(5)]
        confirmed = blocking.confirm(client, made[-1])
        assert confirmed["status"] == "confirmed"
        assert confirmed["order_id"] == made[-1]["order_id"]
        with pytest.raises(errors.ConditionalCheckFailedError):
            blocking.confirm(client, made[-1])
        found = [order["order_id"] for order in blocking.newest(client, "c", page=2)]
    assert found == sorted((order["order_id"] for order in made), reverse=True)


def test_an_order_whose_answer_was_lost_is_looked_up_and_not_made_twice(topology, memory):
    memory.script(HOME, LoseAnswer())
    with Client(topology, sender=memory) as client:
        made = blocking.create(client, "c")
        assert [order["order_id"] for order in blocking.newest(client, "c")] == [made["order_id"]]
    assert [operation for operation, _ in memory.sent if operation == "PutItem"] == ["PutItem"]


async def test_many_orders_are_made_read_and_cancelled_at_once(topology, memory):
    async with AsyncClient(topology, sender=memory.asynchronous()) as client:
        made = await asynchronous.create_and_read(client, "c")
        assert len(made) == 10
        assert all(order is not None for order in made)
        assert await asynchronous.cancel(client, "c") == 10
        assert await asynchronous.cancel(client, "c") == 0
