"""The orders service on a stack whose orders have home regions."""

import time

import pytest
from starlette.testclient import TestClient

from holdfast import AsyncClient, Client
from holdfast.testing import MemoryRegions
from holdfast.topology import Homes
from services.orders.app import create_app
from services.orders.openapi import HOMES, ROUTES
from services.orders.processing import Processing
from services.orders.settings import ServiceSettings

EAST, WEST = "us-east-1", "us-west-2"
ORDERS = Homes(spread=(EAST,), prefixes=(("west-", WEST),))
REGION = "X-Holdfast-Region"


@pytest.fixture
def services(orders_topology, monkeypatch):
    """The service in both regions, over regions whose replication stands still."""
    topology = orders_topology(EAST, WEST, homes={"orders": ORDERS})
    memory = MemoryRegions(topology.regions.values())
    memory.pause_replication()
    monkeypatch.setattr(
        "services.orders.handlers.Client", lambda topology, region, **_: Client(topology, region=region, sender=memory)
    )
    stock = {"product_id": {"S": "p"}, "quantity": {"N": "3"}}
    memory.stores[EAST].apply("PutItem", {"TableName": "inventory-production", "Item": stock})
    apps = [
        create_app(ServiceSettings(topology=topology, region=name), sender=memory.asynchronous())
        for name in (EAST, WEST)
    ]
    with TestClient(apps[0]) as east, TestClient(apps[1]) as west:
        yield {EAST: east, WEST: west}


@pytest.mark.parametrize("asked", [EAST, WEST])
@pytest.mark.parametrize(("customer", "home"), [("west-1", WEST), ("anybody", EAST)])
def test_an_order_is_written_and_read_at_its_customers_home(services, asked, customer, home):
    made = services[asked].post("/orders", json={"customer_id": customer, "items": []})
    assert (made.status_code, made.headers[REGION]) == (201, home)
    for service in services.values():
        read = service.get(f"/orders/{customer}/{made.json()['order_id']}")
        assert (read.status_code, read.headers[REGION]) == (200, home)
        assert len(service.get(f"/orders/{customer}").json()["orders"]) == 1


def test_a_key_is_replayed_whichever_region_is_asked(services):
    """Without homes, while replication stands still, the second region would take the order a second time."""
    key = {"Idempotency-Key": f"{time.time_ns() // 1_000_000}-abc"}
    first = services[EAST].post("/orders", json={"customer_id": "west-1", "items": []}, headers=key)
    again = services[WEST].post("/orders", json={"customer_id": "west-1", "items": []}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_what_takes_from_the_inventory_follows_the_inventory(services):
    order = {"customer_id": "west-1", "items": [{"product_id": "p", "quantity": 2}]}
    answers = [services[asked].post("/orders/process", json=order) for asked in (WEST, EAST)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[0].headers[REGION] == EAST


@pytest.mark.parametrize("homes", [Homes(spread=(EAST, WEST)), Homes(spread=(EAST,), prefixes=(("w", WEST),))])
def test_what_a_transfer_leaves_is_at_home_where_its_account_is(homes):
    made = Processing(
        AsyncClient(endpoint_url="http://127.0.0.1:1"),
        orders_table="o", inventory_table="i", accounts_table="a", accounts_homes=homes,
    )  # fmt: skip
    receipts = {account: made._receipt(account, "0123abcd") for account in ("a", "b", "c", "w1", "w2")}
    assert {homes.of(account) for account in receipts} == {EAST, WEST}
    assert all(homes.of(receipt) == homes.of(account) for account, receipt in receipts.items())
    assert len(set(receipts.values())) == len(receipts)


def test_the_document_says_what_holds_in_this_stack(services, orders_topology):
    paths = services[WEST].get("/openapi.json").json()["paths"]
    plain = ServiceSettings(topology=orders_topology(EAST, WEST), region=EAST)
    with TestClient(create_app(plain)) as client:
        before = client.get("/openapi.json").json()["paths"]
    assert "home region" in paths["/orders"]["post"]["x-holdfast-consistency"]
    assert "home region" in paths["/orders/{customer_id}"]["get"]["x-holdfast-consistency"]
    changed = set()
    for path, item in paths.items():
        for method, operation in item.items():
            assert HOMES not in operation
            if operation["x-holdfast-consistency"] != before[path][method]["x-holdfast-consistency"]:
                changed.add(f"{method.upper()} {path}")
    assert changed == {name for name, route in ROUTES.items() if route.homed and route.table == "orders"}
