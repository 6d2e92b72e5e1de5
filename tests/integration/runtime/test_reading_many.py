"""Queries, scans, pages, batches."""

from __future__ import annotations

import pytest

from holdfast import Attr, CallInfo, Key, ShardedKey, errors

pytestmark = pytest.mark.sandbox


def order(number, **more):
    return {"customer_id": "C1", "order_id": f"O{number:03d}", "n": number, **more}


@pytest.fixture
def filled(table):
    with table.batch_writer() as batch:
        for number in range(30):
            batch.put(order(number, status="new" if number % 3 else "paid", order_date=f"2026-11-{number + 1:02d}"))
    assert batch.written == 30
    return table


def test_query_by_key(filled):
    found = filled.query(Key("customer_id") == "C1").all()
    assert [item["n"] for item in found] == list(range(30))
    assert filled.query("customer_id = :c", values={":c": "C2"}).all() == []


def test_query_a_range_backwards_with_a_filter(filled):
    condition = (Key("customer_id") == "C1") & Key("order_id").between("O010", "O020")
    items = filled.query(condition, filter=Attr("status") == "paid", scan_index_forward=False, projection=["n"]).all()
    assert items == [{"n": 18}, {"n": 15}, {"n": 12}]


def test_query_begins_with(filled):
    condition = (Key("customer_id") == "C1") & Key("order_id").begins_with("O02")
    assert len(filled.query(condition).all()) == 10


def test_pages_follow_each_other(filled):
    info = CallInfo()
    pages = list(filled.query(Key("customer_id") == "C1", limit=12, info=info).pages())
    assert [len(page) for page in pages] == [12, 12, 6]
    assert [page.has_more for page in pages] == [True, True, False]
    assert info.answers == 3
    again = filled.query(Key("customer_id") == "C1", exclusive_start_key=pages[1].last_evaluated_key).page()
    assert [item["n"] for item in again] == list(range(24, 30))


@pytest.mark.parametrize("taken", [0, 1, 5, 7, 12, 24, 29, 30])
def test_an_iterator_is_resumed_behind_its_last_item(filled, taken):
    first = filled.query(Key("customer_id") == "C1", limit=7, max_items=taken)
    assert [item["n"] for item in first] == list(range(taken))
    if taken == 30:
        assert first.resume_token is None
        return
    rest = filled.query(Key("customer_id") == "C1", limit=7, resume_token=first.resume_token)
    assert [item["n"] for item in rest] == list(range(taken, 30))


def test_a_resume_token_of_someone_elses_is_refused(filled):
    with pytest.raises(errors.InvalidArgumentError, match="resume token"):
        filled.query(Key("customer_id") == "C1", resume_token="%%%")


def test_full_items_behind_an_index_of_keys_only(filled):
    lean = filled.query(Key("status") == "paid", index_name="StatusIndex").all()
    assert all("n" not in item for item in lean)
    whole = filled.query(Key("status") == "paid", index_name="StatusIndex", full_items=True, limit=4).all()
    assert [item["n"] for item in whole] == list(range(0, 30, 3))


def test_scan_whole_and_in_segments(filled):
    assert sorted(item["n"] for item in filled.scan(limit=10)) == list(range(30))
    assert sorted(item["n"] for item in filled.parallel_scan(3, limit=4)) == list(range(30))
    count = filled.scan(select="COUNT").page()
    assert (count.count, count.items) == (30, [])


def test_batch_get_leaves_out_what_is_not_there(filled):
    keys = [{"customer_id": "C1", "order_id": f"O{number:03d}"} for number in range(0, 60, 2)]
    found = filled.batch_get(keys, consistent=True, projection=["n"])
    assert sorted(item["n"] for item in found) == list(range(0, 30, 2))


def test_batch_writer_puts_and_deletes(filled):
    with filled.batch_writer() as batch:
        batch.delete({"customer_id": "C1", "order_id": "O000"})
        batch.put(order(100))
    assert batch.written == 2
    numbers = [item["n"] for item in filled.query(Key("customer_id") == "C1")]
    assert numbers == [*range(1, 30), 100]


def test_writes_of_one_key_keep_their_order_where_nobody_said_what_the_key_is(table):
    """80 writes of ten keys: several of a key in one request, and in requests that are under way at once."""
    with table.batch_writer() as batch:
        for number in range(80):
            batch.put(order(number % 10, value=number))
    assert batch.written <= 80
    assert [item["value"] for item in table.query(Key("customer_id") == "C1")] == list(range(70, 80))


def test_batch_writer_sends_nothing_after_an_exception(table):
    def interrupted():
        with table.batch_writer() as batch:
            batch.put(order(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert table.scan().all() == []


def test_sharded_keys_are_read_together(client, table_name):
    keys = ShardedKey("customer_id", "order_id", shards=4)
    table = client.table(table_name)
    for number in range(40):
        shard = keys.of("metric", by=f"host-{number}")
        table.put({"customer_id": shard, "order_id": f"{number:04d}", "n": number})
    inner = getattr(table, "_inner", table)
    read = keys.query if inner is table else table._loop_call(keys)
    merged = read(inner, "metric", lambda when: when.between("0005", "0034"), limit=3)
    assert [item["n"] for item in merged] == list(range(5, 35))
    newest = read(inner, "metric", scan_index_forward=False, max_items=3)
    assert [item["n"] for item in newest] == [39, 38, 37]


def test_batches_over_several_tables(client, table_name, boto):
    """26 writes and 101 keys over two tables are two requests each, and every item comes back under its table."""
    other = f"{table_name}-customers"
    boto.create_table(
        TableName=other,
        KeySchema=[{"AttributeName": "customer_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "customer_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    try:
        orders, customers = client.table(table_name), client.table(other)
        with client.batch_writer() as batch:
            for number in range(13):
                batch.put(orders, {"customer_id": "c", "order_id": f"o{number:03d}", "raw": b"\x00\xff"})
                batch.put(customers, {"customer_id": f"c{number:03d}", "number": number})
        assert batch.written == 26
        wanted = {
            orders: [{"customer_id": "c", "order_id": f"o{number:03d}"} for number in range(80)],
            customers: [{"customer_id": f"c{number:03d}"} for number in range(40)],
        }
        found = client.batch_get(wanted, consistent=True)
        by_table = {table.name: items for table, items in found.items()}
        assert sorted(item["order_id"] for item in by_table[table_name]) == [f"o{number:03d}" for number in range(13)]
        assert {item["raw"] for item in by_table[table_name]} == {b"\x00\xff"}
        assert sorted(item["number"] for item in by_table[other]) == list(range(13))
        with client.batch_writer() as batch:
            batch.delete(orders, {"customer_id": "c", "order_id": "o000"})
            batch.delete(customers, {"customer_id": "c000"})
        assert orders.get({"customer_id": "c", "order_id": "o000"}) is None
        assert customers.get({"customer_id": "c000"}) is None
        with pytest.raises(errors.InvalidArgumentError, match="given twice"):
            client.batch_get({orders: [], client.table(table_name): []})
    finally:
        boto.delete_table(TableName=other)
