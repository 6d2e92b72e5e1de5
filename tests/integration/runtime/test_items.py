"""Items in and out, as every kind of client does it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from holdfast import Attr, CallInfo, Update, errors

pytestmark = pytest.mark.sandbox

KEY = {"customer_id": "C1", "order_id": "O1"}
EVERYTHING = {
    **KEY,
    "text": "grüß dich \N{SNOWMAN}",
    "empty": "",
    "whole": 17,
    "exact": Decimal("12345678901234567890123456789.012345678"),
    "small": Decimal("1E-130"),
    "yes": True,
    "nothing": None,
    "binary": b"\x00\x01\xff",
    "no_binary": b"",
    "strings": {"a", "b"},
    "numbers": {Decimal("1.5"), Decimal(2)},
    "binaries": {b"\x00", b"\xff"},
    "list": ["a", 1, None, [True, {"deep": b"x"}]],
    "map": {"a": {"b": {"c": [1, 2, 3]}}},
    "no_list": [],
    "no_map": {},
}


def test_an_item_of_every_type_comes_back_as_it_was(table):
    table.put(EVERYTHING)
    assert table.get(KEY, consistent=True) == EVERYTHING


def test_an_absent_item_is_none(table):
    assert table.get(KEY) is None


def test_a_projection_returns_the_parts_it_names(table):
    table.put({**KEY, "a": {"b": [1, 2]}, "status": "new", "rest": "x"})
    assert table.get(KEY, projection=["status", Attr("a")["b"]]) == {"status": "new", "a": {"b": [1, 2]}}
    assert table.get(KEY, projection="#s", names={"#s": "status"}) == {"status": "new"}


def test_put_under_a_condition(table):
    table.put({**KEY, "n": 1}, condition=Attr("order_id").not_exists())
    with pytest.raises(errors.ConditionalCheckFailedError) as caught:
        table.put(
            {**KEY, "n": 2},
            condition=Attr("order_id").not_exists(),
            return_values_on_condition_check_failure="ALL_OLD",
        )
    assert caught.value.item == {**KEY, "n": 1}
    assert caught.value.region == "us-east-1"
    assert caught.value.request_id
    assert not caught.value.retryable
    assert "order_id" not in repr(caught.value)


def test_put_returns_the_old_item_where_asked(table):
    table.put({**KEY, "n": 1})
    assert table.put({**KEY, "n": 2}, return_values="ALL_OLD").attributes == {**KEY, "n": 1}


def test_update_in_all_its_clauses(table):
    table.put({**KEY, "n": 1, "old": "x", "tags": {"a", "b"}, "log": ["first"], "map": {"in": 1}})
    result = table.update(
        KEY,
        Update()
        .set("n", Attr("n") + 5)
        .set("status", "paid")
        .set("log", Attr("log").list_append(["second"]))
        .set("made", Attr("made").if_not_exists(0))
        .set(Attr("map")["in"], 2)
        .remove("old")
        .add("count", 3)
        .delete("tags", {"a"}),
        condition=(Attr("n") >= 1) & ~Attr("status").exists(),
        return_values="ALL_NEW",
    )
    assert result.attributes == {
        **KEY,
        "n": 6,
        "status": "paid",
        "log": ["first", "second"],
        "made": 0,
        "map": {"in": 2},
        "count": 3,
        "tags": {"b"},
    }
    assert result.region == "us-east-1"


def test_update_with_plain_strings(table):
    table.put({**KEY, "n": 1})
    result = table.update(KEY, "SET #s = :s", names={"#s": "status"}, values={":s": "new"}, return_values="UPDATED_NEW")
    assert result.attributes == {"status": "new"}


def test_delete_under_a_condition(table):
    table.put({**KEY, "n": 1})
    with pytest.raises(errors.ConditionalCheckFailedError):
        table.delete(KEY, condition=Attr("n") > 1)
    assert table.delete(KEY, condition=Attr("n") == 1, return_values="ALL_OLD").attributes == {**KEY, "n": 1}
    assert table.get(KEY) is None


def test_consumed_capacity_is_in_the_info(table):
    info = CallInfo()
    table.put({**KEY, "n": 1}, return_consumed_capacity="TOTAL", info=info)
    table.get(KEY, return_consumed_capacity="TOTAL", info=info)
    assert info.answers == 2
    assert info.region == "us-east-1"
    assert [float(one["CapacityUnits"]) > 0 for one in info.consumed_capacity] == [True, True]


def test_a_table_that_does_not_exist(client):
    with pytest.raises(errors.ResourceNotFoundError) as caught:
        client.table("not-there").get(KEY)
    assert caught.value.code == "ResourceNotFoundException"
    assert "not-there" in str(caught.value)


def test_a_request_that_the_service_refuses(table):
    with pytest.raises(errors.InvalidRequestError):
        table.get({"customer_id": "C1"})


def test_drop_none_leaves_attributes_out(client, table_name):
    table = client.table(table_name, drop_none=True)
    table.put({**KEY, "none": None, "empty": "", "map": {"none": None, "x": 1}, "list": [None]})
    assert table.get(KEY) == {**KEY, "empty": "", "map": {"x": 1}, "list": [None]}


def test_a_closed_client_refuses_calls(service, table_name):
    from holdfast import Client

    client = Client(region="us-east-1", endpoint_url=service)
    table = client.table(table_name)
    table.get(KEY)
    client.close()
    with pytest.raises(errors.ClientClosedError):
        table.get(KEY)
    with pytest.raises(errors.ClientClosedError):
        client.table(table_name).get(KEY)


def test_control_reaches_every_other_operation(client, table_name):
    assert client.call("DescribeTable", {"TableName": table_name})["Table"]["TableName"] == table_name
    assert client.control.describe_time_to_live(TableName=table_name)["TimeToLiveDescription"]
