"""The data path beside botocore: the same body for the same call, the same values of the same answer."""

from __future__ import annotations

import json
import zlib
from decimal import Decimal

import botocore.session
import orjson
import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.awsrequest import AWSResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast import Attr, Client, Key, Update
from holdfast._attempt import GET_ITEM, Call, Reply
from holdfast._core.encode import binary_text, encode_body
from holdfast._core.response import ResponseReader
from holdfast.errors import ServiceError
from holdfast.values import decode_item, encode_item

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
name = st.text("abcdefgh_#.-", min_size=1, max_size=8)
number = st.integers(-(10**30), 10**30) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4
)
value = st.recursive(
    text | number | st.booleans() | st.none() | st.binary(max_size=8) | st.sets(text, min_size=1, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(name, inner, max_size=3),
    max_leaves=8,
)
item = st.dictionaries(name, value, min_size=1, max_size=5)
key = st.fixed_dictionaries({"pk": text, "sk": number})
condition = st.builds(
    lambda attribute, first, second: (
        ((Attr(attribute) == first) | Attr(attribute).contains(second)) & Attr("x").exists()
    ),
    name,
    value,
    text,
)


class Capture:
    """A sender that keeps what it is given."""

    def __init__(self):
        self.calls = []

    def send(self, call, region, *, timeouts):
        self.calls.append(call)
        return Reply(b"{}", region.name)

    def close(self):
        pass


@pytest.fixture(scope="module")
def oracle():
    """botocore's body for a request; nothing is sent."""
    client = botocore.session.Session().create_client(
        "dynamodb", region_name="us-east-1", aws_access_key_id="A", aws_secret_access_key="B"
    )
    bodies = []

    def answer(request, **_):
        bodies.append((request.headers["X-Amz-Target"], request.body))
        return AWSResponse(request.url, 200, {}, Raw(b"{}"))

    client.meta.events.register("before-send.dynamodb.*", answer)

    def body(call: Call):
        client._make_api_call(call.operation.name, call.request)
        target, sent = bodies.pop()
        assert target.decode() == f"DynamoDB_20120810.{call.operation.name}"
        return json.loads(sent)

    return body


class Raw:
    def __init__(self, content):
        self._content = content

    def stream(self, **_):
        yield self._content


def calls_of(act):
    sender = Capture()
    with Client(region="us-east-1", sender=sender) as client:
        act(client, client.table("table"))
    return sender.calls


def check(oracle, act):
    for call in calls_of(act):
        assert json.loads(encode_body(call)) == oracle(call)


@settings(max_examples=200, deadline=None)
@given(item, condition)
def test_puts(oracle, item, condition):
    check(oracle, lambda _, table: table.put(item, condition=condition, return_values="ALL_OLD"))


@settings(max_examples=100, deadline=None)
@given(key, name, st.booleans())
def test_gets(oracle, key, name, consistent):
    check(oracle, lambda _, table: table.get(key, projection=[name, Attr("m")["x"][0]], consistent=consistent))


@settings(max_examples=100, deadline=None)
@given(key, name, value, number, condition)
def test_updates(oracle, key, name, value, number, condition):
    update = Update().set(name, value).add("n", number).remove("r").set("l", Attr("l").list_append([value]))
    check(oracle, lambda _, table: table.update(key, update, condition=condition, return_consumed_capacity="TOTAL"))


@settings(max_examples=100, deadline=None)
@given(text, number, number, condition, st.integers(1, 1000))
def test_queries(oracle, pk, low, high, condition, limit):
    keys = (Key("pk") == pk) & Key("sk").between(low, high)
    check(
        oracle,
        lambda _, table: table.query(
            keys,
            filter=condition,
            limit=limit,
            index_name="I-1",
            scan_index_forward=False,
            exclusive_start_key={"pk": pk, "sk": low},
        ).page(),
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(item, min_size=1, max_size=5), st.lists(key, min_size=1, max_size=5), condition)
def test_batches_transactions_and_statements(oracle, items, keys, condition):
    def act(client, table):
        with table.batch_writer() as batch:
            for one in items:
                batch.put(one)
            for one in keys:
                batch.delete(one)
        table.batch_get(keys, consistent=True, projection=["a"])
        client.transact_write(
            [
                *(table.put_action(one, condition=condition) for one in items),
                *(table.update_action(one, Update().set("a", 1)) for one in keys),
                table.check_action(keys[0], condition),
                table.delete_action(keys[0]),
            ],
            client_request_token="token",
        )
        client.execute("SELECT * FROM t WHERE a = ?", parameters=list(items[0].values()), limit=3).page()
        client.batch_execute([("SELECT * FROM t WHERE a = ?", [one["pk"]]) for one in keys])

    check(oracle, act)


def feed(head, body):
    reader = ResponseReader()
    reader.expect()
    assert reader.feed(head + body)
    return reader


GET = Call(operation=GET_ITEM, request={}, table="t")


@settings(max_examples=300, deadline=None)
@given(item)
def test_answers_decode_to_the_same_values(item):
    body = orjson.dumps({"Item": encode_item(item)}, default=binary_text)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nx-amz-crc32: {zlib.crc32(body)}\r\n\r\n".encode()
    ours = decode_item(feed(head, body).reply(GET, "us-east-1", 0.0).document["Item"])

    parser = botocore.parsers.create_parser("json")
    parsed = parser.parse({"status_code": 200, "headers": {}, "body": body}, MODEL)
    theirs = {name: TypeDeserializer().deserialize(wire) for name, wire in parsed["Item"].items()}
    assert ours == plain(theirs) == plain(item)


MODEL = botocore.session.Session().get_service_model("dynamodb").operation_model("GetItem").output_shape


def plain(value):
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return bytes(value) if type(value).__name__ == "Binary" else value


CODES = [
    shape
    for shape in botocore.session.Session().get_service_model("dynamodb").shape_names
    if shape.endswith(("Exception", "Error", "Exceeded"))
    and botocore.session.Session().get_service_model("dynamodb").shape_for(shape).metadata.get("exception")
]


@pytest.mark.parametrize("code", CODES)
def test_errors_have_botocores_code_message_and_request_id(code):
    body = orjson.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "why"})
    head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\nx-amzn-RequestId: R9\r\n\r\n".encode()
    with pytest.raises(ServiceError) as caught:
        feed(head, body).reply(GET, "us-east-1", 0.0)
    parsed = botocore.parsers.create_parser("json").parse(
        {"status_code": 400, "headers": {"x-amzn-requestid": "R9"}, "body": body}, MODEL
    )
    assert caught.value.code == parsed["Error"]["Code"] == code
    assert caught.value.message == parsed["Error"]["Message"]
    assert caught.value.request_id == parsed["ResponseMetadata"]["RequestId"]
    assert caught.value.status == 400
