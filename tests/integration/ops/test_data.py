"""Items across regions: compared, copied and repaired on the sandbox."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]

COUNT = 2_000


def alter(stack, region: str, number: int, value: str | None) -> None:
    """Change or delete an item in one region alone: its replication is held back."""
    client = stack.aws("dynamodb", region)
    key = {"customer_id": {"S": f"c-{number % 10}"}, "order_id": {"S": f"o-{number:06}"}}
    if value is None:
        client.delete_item(TableName="orders-production", Key=key)
    else:
        client.put_item(TableName="orders-production", Item=key | {"number": {"N": value}})


def test_compare_finds_each_difference_and_repair_mends_them(stack):
    stack.fill(COUNT)
    code, document = stack.json("data", "compare", "orders", "--from", "us-east-1", "--to", "us-west-2")
    assert code == 0, document
    assert document["items"] == {"us-east-1": COUNT, "us-west-2": COUNT}

    stack.sandbox.set_lag(3600)
    for number in range(100):
        alter(stack, "us-west-2", number * 20, None if number % 3 == 0 else "-1")
    alter(stack, "us-west-2", 999_999, "7")
    code, document = stack.json("data", "compare", "orders-production", "--from", "us-east-1", "--to", "us-west-2")
    assert code == 1
    kinds = [difference["kind"] for difference in document["differences"]]
    assert (kinds.count("missing"), kinds.count("differs"), kinds.count("extra")) == (34, 66, 1)
    plain = stack.run("data", "compare", "orders", "--from", "us-east-1", "--to", "us-west-2")
    assert plain.returncode == 1
    assert "101 differ" in plain.stdout
    assert "and 81 more" in plain.stdout

    command = ["data", "repair", "orders", "--from", "us-east-1", "--to", "us-west-2"]
    assert stack.run(*command).returncode == 6
    code, document = stack.json(*command, "--yes")
    assert (code, document["written"], document["left"]) == (0, 100, 1)
    code, document = stack.json(*command, "--delete", "--yes")
    assert (code, document["deleted"]) == (0, 1)
    code, _ = stack.json("data", "compare", "orders", "--from", "us-east-1", "--to", "us-west-2")
    assert code == 0


def test_copy_keeps_what_is_newer_and_goes_on_where_it_was(stack):
    stack.sandbox.set_lag(3600)
    stack.fill(500)
    alter(stack, "eu-west-1", 3, "1000")
    path = stack.project.root() / "operations" / "copy-orders-production-us-east-1-eu-west-1.json"
    path.parent.mkdir()
    request = {"table": "orders-production", "source": "us-east-1", "target": "eu-west-1"}
    path.write_text(json.dumps({"request": request, "segments": {"0": {"key": None, "done": True}}}))
    command = ["data", "copy", "orders", "--from", "us-east-1", "--to", "eu-west-1", "--yes"]
    code, first = stack.json(*command, "--version-attribute", "number")
    assert code == 0
    assert first["kept"] <= 1
    assert 0 < first["read"] < 500
    assert not path.exists()
    code, second = stack.json(*command, "--version-attribute", "number")
    assert code == 0
    assert first["written"] + second["written"] == 499
    item = stack.aws("dynamodb", "eu-west-1").get_item(
        TableName="orders-production", Key={"customer_id": {"S": "c-3"}, "order_id": {"S": "o-000003"}}
    )["Item"]
    assert item["number"] == {"N": "1000"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "nope", "--from", "us-east-1", "--to", "us-west-2"], "no table 'nope'"),
        (["compare", "orders", "--from", "us-east-1", "--to", "us-mars-1"], "no region 'us-mars-1'"),
        (["compare", "orders", "--from", "us-east-1", "--to", "us-east-1"], "are one region"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(stack, words, said):
    done = stack.run("data", *words)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.slow
def test_a_hundred_differences_among_twenty_thousand_items(stack):
    stack.fill(20_000)
    code, _ = stack.json("data", "compare", "orders", "--from", "us-east-1", "--to", "eu-west-1")
    assert code == 0
    stack.sandbox.set_lag(3600)
    altered = range(0, 20_000, 200)
    for number in altered:
        alter(stack, "eu-west-1", number, None if number % 400 else "-1")
    code, document = stack.json("data", "compare", "orders", "--from", "us-east-1", "--to", "eu-west-1")
    assert code == 1
    assert document["items"] == {"us-east-1": 20_000, "eu-west-1": 19_950}
    assert {one["key"]["order_id"]["S"] for one in document["differences"]} == {f"o-{number:06}" for number in altered}
