"""Batches, imports and patterns against a table that follows a script."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

import pytest

from holdfast import AsyncClient, Client, ShardedKey, composite_key, errors
from holdfast import batches as module
from holdfast._attempt import Reply
from holdfast.importing import Progress


class Service:
    """Takes writes; leaves those unprocessed that `refuse` picks."""

    def __init__(self, refuse=lambda number, requests: []):
        self.requests = []
        self.items = []
        self._refuse = refuse

    def send(self, call, region, *, timeouts):
        import orjson

        from holdfast._core.encode import binary_text

        (table, requests) = next(iter(call.request["RequestItems"].items()))
        left = self._refuse(len(self.requests), requests)
        self.requests.append(requests)
        self.items += [one for one in requests if one not in left]
        document = {"UnprocessedItems": {table: left}} if left else {"UnprocessedItems": {}}
        return Reply(orjson.dumps(document, default=binary_text), region.name)

    def close(self):
        pass


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    waits = []
    monkeypatch.setattr("holdfast.batch.time.sleep", waits.append)
    return waits


def table_of(service):
    return Client(region="us-east-1", sender=service).table("t")


def put_values(service):
    return [one["PutRequest"]["Item"]["n"]["N"] for one in service.items]


def test_25_writes_a_request():
    service = Service()
    with table_of(service).batch_writer() as batch:
        for number in range(60):
            batch.put({"n": number})
        assert len(service.requests) == 2
    assert [len(requests) for requests in service.requests] == [25, 25, 10]
    assert batch.written == 60


def test_16_megabytes_a_request():
    service = Service()
    with table_of(service).batch_writer() as batch:
        for number in range(10):
            batch.put({"n": number, "fill": "x" * 3_900_000})
    assert [len(requests) for requests in service.requests] == [4, 4, 2]


def test_unprocessed_writes_are_sent_again_after_a_wait(no_waiting):
    service = Service(lambda number, requests: requests[20:] if number == 0 else [])
    with table_of(service).batch_writer() as batch:
        for number in range(25):
            batch.put({"n": number, "b": b"\x00\xff"})
    assert [len(requests) for requests in service.requests] == [25, 5]
    assert sorted(map(int, put_values(service))) == list(range(25))
    assert service.requests[1][0]["PutRequest"]["Item"]["b"] == {"B": b"\x00\xff"}
    assert batch.written == 25
    assert len(no_waiting) == 1
    assert 0 <= no_waiting[0] <= 0.05


def test_a_table_that_takes_nothing_ends_in_throttling(no_waiting):
    service = Service(lambda _, requests: requests)
    with pytest.raises(errors.ThrottledError, match="1 items of a batch were still unprocessed") as caught:
        _write_one(service)
    assert caught.value.retryable
    assert len(service.requests) == module.MAX_ROUNDS
    assert max(no_waiting) <= module.MAX_WAIT_SECONDS


def _write_one(service):
    with table_of(service).batch_writer() as batch:
        batch.put({"n": 1})


def test_the_last_of_several_writes_of_one_key_is_sent():
    service = Service()
    table = table_of(service)
    table._key_names = ("pk",)
    with table.batch_writer() as batch:
        batch.put({"pk": "a", "n": 1})
        batch.put({"pk": "b", "n": 2})
        batch.put({"pk": "a", "n": 3})
        batch.delete({"pk": "b"})
    (requests,) = service.requests
    assert requests == [
        {"PutRequest": {"Item": {"pk": {"S": "a"}, "n": {"N": "3"}}}},
        {"DeleteRequest": {"Key": {"pk": {"S": "b"}}}},
    ]


def test_import_of_json_lines_with_progress(tmp_path):
    path = tmp_path / "items.jsonl"
    path.write_text("\n".join(json.dumps({"n": number, "price": 0.1}) for number in range(30)) + "\n\n")
    service, seen = Service(), []
    result = table_of(service).import_items(path, progress=seen.append)
    assert (result.items, result.written) == (30, 30)
    assert service.items[0]["PutRequest"]["Item"] == {"n": {"N": "0"}, "price": {"N": "0.1"}}
    assert isinstance(seen[-1], Progress)
    assert (seen[-1].items, seen[-1].written, seen[-1].bytes_read) == (30, 30, seen[-1].bytes_total)


def test_import_of_csv(tmp_path):
    path = tmp_path / "items.csv"
    path.write_text('id,total,paid,note,tags\nA,1.50,true,"a, b","[1]"\nB,2,FALSE,,"[]"\n')
    service = Service()
    table_of(service).import_items(path, types={"total": "N", "paid": "BOOL", "tags": "JSON"})
    first, second = (one["PutRequest"]["Item"] for one in service.items)
    assert first == {
        "id": {"S": "A"},
        "total": {"N": "1.50"},
        "paid": {"BOOL": True},
        "note": {"S": "a, b"},
        "tags": {"L": [{"N": "1"}]},
    }
    assert "note" not in second


def test_import_of_an_export(tmp_path):
    path = tmp_path / "export.json"
    path.write_text('{"Item": {"id": {"S": "A"}, "b": {"B": "AP8="}, "s": {"NS": ["1"]}}}\n')
    service = Service()
    table_of(service).import_items(path, format="dynamodb-json")
    assert service.items[0]["PutRequest"]["Item"] == {"id": {"S": "A"}, "b": {"B": b"\x00\xff"}, "s": {"NS": ["1"]}}


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("a.jsonl", '{"a": 1}\n{"a": \n', {}, "line 2"),
        ("a.jsonl", "[1]\n", {}, "line 1: .*one item"),
        ("a.json", '{"Item": {"a": {"X": 1}}}\n', {"format": "dynamodb-json"}, "line 1: .*DynamoDB's form"),
        ("a.csv", "a,b\n1\n", {}, "line 2: .*columns"),
        ("a.csv", "a,b\n1,x\n", {"types": {"b": "N"}}, "line 2: b: 'x' is no number"),
        ("a.csv", "a\n1\n", {"types": {"z": "N"}}, "types names z"),
        ("a.csv", "a\n1\n", {"types": {"a": "NS"}}, "write S, N, BOOL, B or JSON"),
        ("a.txt", "x", {}, "write jsonl"),
        (None, "", {"format": "csv"}, "cannot be read"),
    ],
)
def test_import_names_what_is_wrong(tmp_path, name, content, options, said):
    path = tmp_path / (name or "not-there.csv")
    if name:
        path.write_text(content)
    service = Service()
    with pytest.raises(errors.InvalidArgumentError, match=said):
        table_of(service).import_items(path, **options)
    assert service.items == []


class AsyncService(Service):
    """The same for an asyncio client."""

    async def send(self, call, region, *, timeouts):
        await asyncio.sleep(0)
        return Service.send(self, call, region, timeouts=timeouts)

    async def close(self):
        pass


async def test_an_import_on_an_event_loop(tmp_path):
    path = tmp_path / "items.jsonl"
    path.write_text("\n".join(json.dumps({"n": number}) for number in range(1200)))
    service, seen = AsyncService(), []
    async with AsyncClient(region="us-east-1", sender=service) as client:
        result = await client.table("t").import_items(path, progress=seen.append, concurrency=3)
        assert (result.items, result.written) == (1200, 1200)
        assert sorted(map(int, put_values(service))) == list(range(1200))
        assert (seen[-1].items, seen[-1].written, seen[-1].bytes_read) == (1200, 1200, seen[-1].bytes_total)
        path.write_text('{"n": 1}\n{"n": ')
        with pytest.raises(errors.InvalidArgumentError, match="line 2"):
            await client.table("t").import_items(path)
        path.write_text('{"n": 1}\n{"n": 1E999}')
        with pytest.raises(errors.InvalidArgumentError, match="item 2: n: a number has more than 38"):
            await client.table("t").import_items(path)


class RefusedError(Exception):
    """As botocore says that DescribeTable is not allowed."""

    response = {"Error": {"Code": "AccessDeniedException"}}  # noqa: RUF012 - as botocore's


async def test_requests_go_one_at_a_time_where_the_key_cannot_be_known(monkeypatch):
    """Without the names of the key nobody can tell whether two requests write the same item."""
    under_way = most = asked = 0

    class Counting(AsyncService):
        async def send(self, call, region, *, timeouts):
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            for _ in range(5):
                await asyncio.sleep(0)
            under_way -= 1
            return Service.send(self, call, region, timeouts=timeouts)

    async def refuse(operation, request):
        nonlocal asked
        asked += 1
        raise RefusedError

    async with AsyncClient(region="us-east-1", sender=Counting()) as client:
        client._scripted = False
        monkeypatch.setattr(client, "call", refuse)
        table = client.table("t")
        async with table.batch_writer(concurrency=4) as batch:
            for number in range(100):
                await batch.put({"n": number})
        assert (batch.written, most, asked) == (100, 1, 1)
        table._key_names = ("n",)
        async with table.batch_writer(concurrency=4) as batch:
            for number in range(100):
                await batch.put({"n": number})
        assert most == 4


async def test_a_fault_other_than_a_refusal_is_not_passed_over(monkeypatch):
    async def fail(operation, request):
        raise TimeoutError

    async with AsyncClient(region="us-east-1", sender=AsyncService()) as client:
        client._scripted = False
        monkeypatch.setattr(client, "call", fail)
        with pytest.raises(TimeoutError):
            await client.table("t").batch_writer().put({"n": 1})


def test_unprocessed_parts_of_several_tables_are_asked_for_again(no_waiting):
    """Of two tables one leaves a key and one a write; only those are sent again, with the table's own options."""
    sent = []
    answers = [
        {
            "Responses": {"a": [{"k": {"S": "1"}}]},
            "UnprocessedKeys": {"b": {"Keys": [{"k": {"B": "AP8="}}], "ConsistentRead": True}},
        },
        {"Responses": {"b": [{"k": {"B": "AP8="}, "n": {"N": "2"}}]}},
        {"UnprocessedItems": {"b": [{"DeleteRequest": {"Key": {"k": {"B": "AP8="}}}}]}},
        {},
    ]

    class Sender:
        def send(self, call, region, *, timeouts):
            sent.append(call.request["RequestItems"])
            return Reply(json.dumps(answers.pop(0)).encode(), region.name)

        def close(self):
            pass

    client = Client(region="us-east-1", sender=Sender())
    first, second = client.table("a"), client.table("b")
    found = client.batch_get({first: [{"k": "1"}], second: [{"k": b"\x00\xff"}]}, consistent=True)
    assert found == {first: [{"k": "1"}], second: [{"k": b"\x00\xff", "n": 2}]}
    assert sent[1] == {"b": {"Keys": [{"k": {"B": b"\x00\xff"}}], "ConsistentRead": True}}
    with client.batch_writer() as batch:
        batch.put(first, {"k": "1"})
        batch.delete(second, {"k": b"\x00\xff"})
    assert sent[3] == {"b": [{"DeleteRequest": {"Key": {"k": {"B": b"\x00\xff"}}}}]}
    assert batch.written == 2


def test_composite_keys():
    assert composite_key("ORDER", 17) == "ORDER#17"
    for part in ("", "a#b"):
        with pytest.raises(errors.InvalidArgumentError, match="part of the key"):
            composite_key("ORDER", part)


def test_shards_are_chosen_evenly_and_by_a_value_always_the_same():
    keys = ShardedKey("pk", "sk")
    assert {keys.of("m") for _ in range(500)} == set(keys.all("m")) == {f"m#{shard}" for shard in range(10)}
    assert len({keys.of("m", by="host-1") for _ in range(20)}) == 1
    assert len({keys.of("m", by=f"host-{number}") for number in range(200)}) == 10
    assert Decimal(len(keys.all("m"))) == 10
    with pytest.raises(errors.InvalidArgumentError, match="1 or more"):
        ShardedKey("pk", "sk", shards=0)
