"""The orders service over regions in memory."""

import re
import time
import uuid
from decimal import Decimal

import pytest
from starlette.testclient import TestClient

from holdfast import errors
from holdfast.testing import LoseAnswer, MemoryRegions
from holdfast.topology import Region, Topology
from services.orders import orders, pages
from services.orders.app import create_app
from services.orders.idempotency import IdempotencyKey, KeyRefusedError
from services.orders.processing import quantities
from services.orders.settings import ConfigurationError, ServiceSettings

NOW = 1_795_270_696_910
HOME = "us-east-1"


@pytest.fixture
def memory(orders_topology):
    topology = orders_topology(HOME, "us-west-2", "eu-west-1")
    made = MemoryRegions(topology.regions.values())
    made.topology = topology
    return made


@pytest.fixture
def service(memory, monkeypatch):
    monkeypatch.setattr(
        "services.orders.handlers.Client", lambda topology, region, **_: _blocking(memory, topology, region)
    )
    settings = ServiceSettings(topology=memory.topology, region=HOME)
    with TestClient(create_app(settings, sender=memory.asynchronous())) as client:
        yield client


def _blocking(memory, topology, region):
    from holdfast import Client

    return Client(topology, region=region, sender=memory)


def stock(memory, **quantities_of):
    for product, quantity in quantities_of.items():
        item = {"product_id": {"S": product}, "quantity": {"N": str(quantity)}}
        memory.stores[HOME].apply("PutItem", {"TableName": "inventory-production", "Item": item})


def left(memory, product):
    request = {"TableName": "inventory-production", "Key": {"product_id": {"S": product}}}
    return int(memory.stores[HOME].apply("GetItem", request)["Item"]["quantity"]["N"])


def key():
    return f"{time.time_ns() // 1_000_000}-{uuid.uuid4().hex}"


# Pure parts.


def test_an_order_has_the_shape_of_the_reference():
    item = orders.new_order({"customer_id": "c", "items": [], "note": "n"}, now_ms=NOW)
    assert re.fullmatch(r"ORD_1795270696910_[0-9a-f]{8}", item["order_id"])
    assert item["order_date"] == "2026-11-21"
    assert item["created_at"] == "2026-11-21T14:18:16.910Z"
    assert item["status"] == "pending"
    assert item["expires_at"] == Decimal(NOW // 1000 + 2 * 365 * 24 * 60 * 60)
    assert item["note"] == "n"


def test_with_a_key_everything_follows_from_the_request():
    first, second = (
        orders.new_order({"customer_id": "c"}, now_ms=now, key=IdempotencyKey.parse(f"{NOW}-x", now_ms=now))
        for now in (NOW, NOW + 60_000)
    )
    assert first == second
    other = orders.new_order({"customer_id": "d"}, now_ms=NOW, key=IdempotencyKey.parse(f"{NOW}-x", now_ms=NOW))
    assert other["order_id"] != first["order_id"]


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        (f"{NOW}-abc", NOW),
        (f"{NOW}_abc", NOW),
        ("01KAK0D0Q51KJWR2Z46D4K3M1A", 1_763_722_035_941),
        ("019aa606-82e5-7000-8000-000000000000", 1_763_722_035_941),
    ],
)
def test_a_key_carries_its_time(text, milliseconds):
    assert IdempotencyKey.parse(text, now_ms=milliseconds).milliseconds == milliseconds


@pytest.mark.parametrize(
    "text", ["", "abc", "2618672c-0b83-4f81-aeb0-6b2f9908f159", f"{NOW}", "x" * 300, f"{NOW}-" + "y" * 200]
)
def test_a_key_without_a_time_is_refused_with_what_to_send(text):
    with pytest.raises(KeyRefusedError, match="UUIDv7"):
        IdempotencyKey.parse(text, now_ms=NOW)


@pytest.mark.parametrize("age", [-86_400_001, 300_001])
def test_a_key_of_another_time_is_refused(age):
    with pytest.raises(KeyRefusedError, match="make a new key"):
        IdempotencyKey.parse(f"{NOW + age}-x", now_ms=NOW)


@pytest.mark.parametrize(
    "lines", [None, [], [{}], [{"product_id": "a"}], [{"product_id": "a", "quantity": Decimal("1.5")}]]
)
def test_an_order_without_products_cannot_be_processed(lines):
    with pytest.raises(orders.OrderRefusedError):
        quantities({"items": lines})


def test_a_transaction_has_at_most_a_hundred_actions():
    lines = [{"product_id": str(number), "quantity": Decimal(1)} for number in range(100)]
    assert len(quantities({"items": lines[:99]})) == 99
    with pytest.raises(orders.OrderRefusedError, match="100 products"):
        quantities({"items": lines})


def test_page_tokens_are_opaque_and_checked():
    assert pages.decode(pages.encode({"a": Decimal(1), "b": "x"}))["b"] == "x"
    assert pages.encode(None) is None
    with pytest.raises(pages.TokenRefusedError):
        pages.decode("@@@")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "HOLDFAST_TOPOLOGY is not set"),
        ({"HOLDFAST_TOPOLOGY": "/nowhere.json"}, "cannot be read"),
    ],
)
def test_an_environment_that_cannot_be_used_says_why(environment, says):
    with pytest.raises(ConfigurationError, match=says):
        ServiceSettings.from_environment(environment)


def test_the_environment_names_tables_and_region(tmp_path, memory):
    path = tmp_path / "topology.json"
    path.write_text(memory.topology.to_json())
    environment = {
        "HOLDFAST_TOPOLOGY": str(path), "AWS_REGION": "eu-west-1", "DYNAMODB_ORDERS_TABLE": "o", "HOLDFAST_BREAKER_RESET_SECONDS": "2",
    }  # fmt: skip
    settings = ServiceSettings.from_environment(environment)
    assert (settings.region, settings.orders_table, settings.breaker_reset_seconds) == ("eu-west-1", "o", 2.0)
    with pytest.raises(ConfigurationError, match="seconds above 0"):
        ServiceSettings.from_environment({**environment, "HOLDFAST_BREAKER_RESET_SECONDS": "soon"})
    with pytest.raises(ConfigurationError, match="mars"):
        ServiceSettings.from_environment({**environment, "AWS_REGION": "mars"})


# Over HTTP.


def test_create_get_and_list(service):
    made = service.post("/orders", json={"customer_id": "c", "items": [{"price": 1.5}]})
    assert made.status_code == 201
    assert made.headers["x-holdfast-region"] == HOME
    order = made.json()
    assert service.get(f"/orders/c/{order['order_id']}").json() == order
    assert service.get("/orders/c").json() == {"orders": [order], "next": None, "has_more": False}
    assert service.get("/orders/c/none").status_code == 404


def test_a_create_is_repeated_as_often_as_one_likes(service, memory):
    headers = {"Idempotency-Key": key()}
    answers = [service.post("/orders", json={"customer_id": "c", "items": []}, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200]
    assert len({answer.text for answer in answers}) == 1
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert len(memory.stores[HOME].items("orders-production")) == 1


def test_a_create_whose_answer_was_lost_is_not_doubled(service, memory):
    headers = {"Idempotency-Key": key()}
    memory.script(HOME, LoseAnswer())
    first = service.post("/orders", json={"customer_id": "c", "items": []}, headers=headers)
    assert first.status_code == 503
    assert first.json()["error"]["code"] == "outcome_unknown"
    assert first.json()["error"]["retryable"] is True
    second = service.post("/orders", json={"customer_id": "c", "items": []}, headers=headers)
    assert second.status_code == 200
    assert len(memory.stores[HOME].items("orders-production")) == 1


def test_the_same_key_in_another_region_names_the_same_order(service, memory):
    memory.pause_replication()
    headers = {"Idempotency-Key": key()}
    first = service.post("/orders", json={"customer_id": "c", "items": []}, headers=headers)
    settings = ServiceSettings(topology=memory.topology, region="eu-west-1")
    with TestClient(create_app(settings, sender=memory.asynchronous())) as other:
        second = other.post("/orders", json={"customer_id": "c", "items": []}, headers=headers)
    assert second.headers["x-holdfast-region"] == "eu-west-1"
    assert second.json() == first.json()
    memory.resume_replication()
    assert len(memory.stores["us-west-2"].items("orders-production")) == 1


def test_another_request_under_the_same_key_is_refused(service):
    headers = {"Idempotency-Key": key()}
    service.post("/orders", json={"customer_id": "c", "items": []}, headers=headers)
    again = service.post("/orders", json={"customer_id": "c", "items": [{"sku": "x"}]}, headers=headers)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "duplicate_order")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not JSON"),
        (b"[]", "JSON object"),
        (b"{}", "customer_id"),
        (b'{"customer_id": "c", "status": "done"}', "set by the service"),
        (b'{"customer_id": "c", "items": 1}', "items must be a list"),
        (b'{"customer_id": "c", "x": NaN}', "not JSON"),
    ],
)
def test_a_request_that_is_no_order_is_refused(service, body, says):
    answer = service.post("/orders", content=body)
    assert answer.status_code == 400
    assert says in answer.json()["error"]["message"]


def test_a_region_of_its_own_is_read_and_no_other(service, memory):
    memory.pause_replication()
    order = service.post("/orders", json={"customer_id": "c", "items": []}).json()
    path = f"/orders/c/{order['order_id']}"
    assert service.get(path, params={"region": "own"}).status_code == 200
    assert service.get(path, params={"region": "eu-west-1"}).status_code == 404
    memory.resume_replication()
    found = service.get(path, params={"region": "eu-west-1"})
    assert found.headers["x-holdfast-region"] == "eu-west-1"
    memory.down("eu-west-1")
    assert service.get(path, params={"region": "eu-west-1"}).status_code == 503
    assert service.get(path, params={"region": "mars"}).status_code == 400


def test_listing_goes_page_by_page_newest_first_and_by_time(service):
    made = [service.post("/orders", json={"customer_id": "c", "items": []}).json() for _ in range(5)]
    seen, token = [], None
    while True:
        page = service.get("/orders/c", params={"limit": 2} | ({"next": token} if token else {})).json()
        seen += [order["order_id"] for order in page["orders"]]
        token = page["next"]
        if not token:
            break
    assert seen == sorted((order["order_id"] for order in made), reverse=True)
    today = made[0]["order_date"]
    assert len(service.get("/orders/c", params={"start": today}).json()["orders"]) == 5
    assert service.get("/orders/c", params={"end": today}).json()["orders"] == []
    assert service.get("/orders/c", params={"limit": "0"}).status_code == 400


def test_orders_by_date_and_by_status_are_whole(service):
    order = service.post("/orders", json={"customer_id": "c", "items": [], "note": "n"}).json()
    by_date = service.get("/orders", params={"date": order["order_date"]}).json()["orders"]
    by_status = service.get("/orders", params={"status": "pending", "start": order["order_date"]}).json()["orders"]
    assert by_date == [order]
    assert by_status == [order], "the index holds keys only; the items are fetched"
    assert service.get("/orders", params={"status": "pending", "start": "2999-01-01"}).json()["orders"] == []
    assert service.get("/orders").status_code == 400


def test_processing_takes_from_the_inventory_once(service, memory):
    stock(memory, a=10, b=5)
    headers = {"Idempotency-Key": key()}
    body = {"customer_id": "c", "items": [{"product_id": "a", "quantity": 3}, {"product_id": "b", "quantity": 5}]}
    made = service.post("/orders/process", json=body, headers=headers)
    assert (made.status_code, made.json()["status"]) == (201, "confirmed")
    again = service.post("/orders/process", json=body, headers=headers)
    assert again.status_code in (200, 201)
    assert (left(memory, "a"), left(memory, "b")) == (7, 0)


def test_out_of_stock_is_told_apart_from_a_duplicate(service, memory):
    stock(memory, a=1)
    body = {"customer_id": "c", "items": [{"product_id": "a", "quantity": 2}]}
    refused = service.post("/orders/process", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "INSUFFICIENT_INVENTORY")
    assert refused.json()["error"]["products"] == ["a"]
    assert left(memory, "a") == 1
    headers = {"Idempotency-Key": key()}
    service.post("/orders", json={"customer_id": "c", "items": []}, headers=headers)
    stock(memory, a=100)
    other = service.post("/orders/process", json=body, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "duplicate_order")
    assert left(memory, "a") == 100


def test_credits_move_once_and_never_below_nothing(service, memory):
    for account, balance in (("x", 10), ("y", 0)):
        item = {"account_id": {"S": account}, "balance": {"N": str(balance)}}
        memory.stores[HOME].apply("PutItem", {"TableName": "accounts-production", "Item": item})

    def move(amount, to="y", **headers):
        body = {"from_account": "x", "to_account": to, "amount": amount}
        return service.post("/transfers", json=body, headers={"Idempotency-Key": key(), **headers})

    assert move(4).status_code == 201
    assert move(7).json()["error"]["code"] == "insufficient_balance"
    assert move(1, to="nobody").json()["error"]["code"] == "account_not_found"
    assert move(-1).status_code == 400
    balances = {
        item["account_id"]["S"]: item["balance"]["N"]
        for item in memory.stores[HOME].items("accounts-production")
        if "balance" in item
    }
    assert balances == {"x": "6", "y": "4"}


def test_a_transfer_is_repeated_as_often_as_one_likes(service, memory, monkeypatch):
    for account, balance in (("x", 10), ("y", 0)):
        item = {"account_id": {"S": account}, "balance": {"N": str(balance)}}
        memory.stores[HOME].apply("PutItem", {"TableName": "accounts-production", "Item": item})
    headers = {"Idempotency-Key": key()}

    def move(amount=6):
        body = {"from_account": "x", "to_account": "y", "amount": amount}
        return service.post("/transfers", json=body, headers=headers)

    def balance(account):
        request = {"TableName": "accounts-production", "Key": {"account_id": {"S": account}}}
        return int(memory.stores[HOME].apply("GetItem", request)["Item"]["balance"]["N"])

    memory.script(HOME, LoseAnswer())
    assert move().status_code == 201, "the client's own repeat is known by its token"
    assert (balance("x"), balance("y")) == (4, 6)
    later = time.time() + 3_600  # long after the transaction's token was forgotten
    monkeypatch.setattr("services.orders.processing.time.time", lambda: later)
    again = move()
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json() == {"from_account": "x", "to_account": "y", "amount": 6}
    assert (balance("x"), balance("y")) == (4, 6)
    assert move(amount=4).status_code == 201, "under the same key another amount is another transfer"
    assert move(amount=5).json()["error"]["code"] == "insufficient_balance"
    assert (balance("x"), balance("y")) == (0, 10)
    assert service.post(
        "/transfers", json={"from_account": "y/1", "to_account": "x", "amount": 1}, headers=headers
    ).status_code == 400  # fmt: skip


def test_sessions_begin_last_and_end(service):
    session = service.post("/sessions", json={"data": {"user": "u"}, "lifetime_seconds": 60}).json()
    path = f"/sessions/{session['session_id']}"
    assert service.get(path).json()["data"] == {"user": "u"}
    assert service.patch(path, json={"lifetime_seconds": 600}).json()["expires_at"] > session["expires_at"]
    assert service.delete(path).status_code == 200
    assert service.get(path).status_code == 404
    assert service.patch(path, json={}).status_code == 404


def test_an_expired_session_is_gone_though_its_item_is_there(service, memory):
    item = {"session_id": {"S": "old"}, "data": {"M": {}}, "expires_at": {"N": "5"}}
    memory.stores[HOME].apply("PutItem", {"TableName": "sessions-production", "Item": item})
    assert service.get("/sessions/old").status_code == 404


def test_points_of_all_shards_come_merged_by_time(service, memory):
    for number in range(30):
        service.post("/metrics/views", json={"value": number, "timestamp": f"2026-01-01T00:00:{number:02d}Z"})
    assert len({item["metric_shard"]["S"] for item in memory.stores[HOME].items("metrics-production")}) > 3
    points = service.get(
        "/metrics/views", params={"start": "2026-01-01T00:00:10Z", "end": "2026-01-01T00:00:19Z"}
    ).json()
    assert [point["value"] for point in points["points"]] == list(range(10, 20))


def test_the_leaderboard_without_redis_is_added_up(service):
    for customer, count in (("a", 1), ("b", 3)):
        for _ in range(count):
            service.post("/orders", json={"customer_id": customer, "items": []})
    best = service.get("/leaderboard", params={"top": 1}).json()["customers"]
    assert best == [{"customer_id": "b", "orders": 3}]
    assert service.get("/business").json()["ActiveUsers"] == 2.0


def test_health_knows_evacuation_and_a_region_that_does_not_answer(service, memory):
    healthy = service.get("/health").json()
    assert (healthy["status"], healthy["region"], healthy["writer"]) == ("ok", HOME, HOME)
    assert healthy["breakers"][HOME] == {"read": "closed", "write": "closed"}
    assert service.get("/health/deep").status_code == 200
    assert service.get("/ready").status_code == 200
    flag = {
        "scope": {"S": f"region#{HOME}"},
        "evacuated": {"BOOL": True},
        "epoch": {"N": "1"},
        "reason": {"S": "drill"},
    }
    memory.stores[HOME].apply("PutItem", {"TableName": "holdfast-control", "Item": flag})
    for path in ("/health/deep", "/ready"):
        answer = service.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "evacuated")
    assert service.get("/health").status_code == 200
    expired = {**flag, "expires": {"N": "5"}, "epoch": {"N": "2"}}
    memory.stores[HOME].apply("PutItem", {"TableName": "holdfast-control", "Item": expired})
    assert service.get("/health/deep").status_code == 200
    memory.down(HOME)
    assert service.get("/health/deep").status_code == 503


def test_a_lost_region_is_served_by_another(service, memory):
    memory.down(HOME)
    made = service.post("/orders", json={"customer_id": "c", "items": []}, headers={"Idempotency-Key": key()})
    assert made.status_code == 201
    assert made.headers["x-holdfast-region"] != HOME


def test_a_table_that_the_stack_lacks_is_said(memory):
    tables = memory.topology.home.tables
    regions = {HOME: Region(name=HOME, tables={"orders": tables["orders"]})}
    topology = Topology(stack="small", home_region=HOME, regions=regions)
    with TestClient(
        create_app(ServiceSettings(topology=topology, region=HOME), sender=memory.asynchronous())
    ) as client:
        answer = client.post("/sessions", json={})
    assert answer.status_code == 501
    assert "no table 'sessions'" in answer.json()["error"]["message"]


def test_errors_of_the_table_are_told_without_a_trace(service, memory):
    memory.down(HOME, errors.AccessDeniedError("not allowed", code="AccessDeniedException", status=400))
    answer = service.post("/orders", json={"customer_id": "c", "items": []})
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "AccessDeniedException")


def test_the_description_names_every_route(service):
    document = service.get("/openapi.json").json()
    assert {"/orders", "/orders/process", "/transfers", "/health/deep"} <= document["paths"].keys()
    assert document["openapi"].startswith("3.0")


def test_a_repeat_in_another_region_before_replication_takes_nothing_twice(service, memory):
    stock(memory, p1=5)
    settings = ServiceSettings(topology=memory.topology, region="us-west-2")
    order = {"customer_id": "c-1", "items": [{"product_id": "p1", "quantity": 2}]}
    headers = {"Idempotency-Key": key()}
    with TestClient(create_app(settings, sender=memory.asynchronous())) as west:
        memory.pause_replication()
        first = service.post("/orders/process", json=order, headers=headers)
        again = west.post("/orders/process", json=order, headers=headers)
        other = west.post("/orders/process", json=order, headers={"Idempotency-Key": key()})
        memory.resume_replication()
    assert [answer.status_code for answer in (first, again, other)] == [201, 201, 201], "the token answers the repeat"
    assert again.json() == first.json()
    assert {answer.headers["X-Holdfast-Region"] for answer in (first, again, other)} == {HOME}
    assert left(memory, "p1") == 1


def test_processing_goes_on_elsewhere_when_the_home_region_is_lost(service, memory):
    stock(memory, p1=5)
    settings = ServiceSettings(topology=memory.topology, region="us-west-2")
    order = {"customer_id": "c-1", "items": [{"product_id": "p1", "quantity": 2}]}
    with TestClient(create_app(settings, sender=memory.asynchronous())) as west:
        memory.down(HOME)
        answers = [west.post("/orders/process", json=order, headers={"Idempotency-Key": key()}) for _ in range(8)]
    assert answers[-1].status_code == 409, "five are there, and two go at a time"
    assert {a.headers["X-Holdfast-Region"] for a in answers if a.status_code == 201} == {"us-west-2"}
