import pytest

from sandbox.codec import UNKNOWN, Secret
from sandbox.provider.checking.types import check
from sandbox.provider.sdk import catalogue

TABLE = "aws:dynamodb/table:Table"
GOOD = {"hashKey": "pk", "attributes": [{"name": "pk", "type": "S"}]}


def reasons(inputs, token=TABLE):
    return [failure.reason for failure in check(catalogue("aws").find(token), inputs)]


@pytest.mark.parametrize(
    "inputs",
    [
        GOOD,
        {**GOOD, "readCapacity": "5"},
        {**GOOD, "streamEnabled": "true"},
        {**GOOD, "name": 5},
        {**GOOD, "readCapacity": 5.0},
        {**GOOD, "ttl": UNKNOWN, "attributes": [UNKNOWN, {"name": UNKNOWN, "type": "S"}]},
        {**GOOD, "name": Secret("x"), "tags": Secret({"a": "b"})},
        {**GOOD, "tags": None, "__defaults": ["name"]},
    ],
)
def test_what_the_real_provider_takes_is_taken(inputs):
    assert reasons(inputs) == []


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"hashkey": "pk"}, "unknown property 'hashkey'; did you mean 'hashKey'?"),
        ({"zzz": 1}, "unknown property 'zzz'"),
        ({"readCapacity": "five"}, "'readCapacity' must be a whole number, got the string 'five'"),
        ({"readCapacity": 1.5}, "'readCapacity' must be a whole number, got the number 1.5"),
        ({"readCapacity": True}, "'readCapacity' must be a whole number, got true"),
        ({"streamEnabled": 1}, "'streamEnabled' must be true or false, got the number 1"),
        ({"streamEnabled": "on"}, "'streamEnabled' must be true or false, got the string 'on'"),
        ({"tags": []}, "'tags' must be a map, got a list"),
        ({"tags": {"a.b": []}}, "'tags[\"a.b\"]' must be a string, got a list"),
        ({"attributes": {"name": "pk"}}, "'attributes' must be a list, got an object"),
        ({"attributes": [{"name": "pk"}]}, "missing required property 'attributes[0].type'"),
        (
            {"ttl": {"attribute_name": "x"}},
            "unknown property 'ttl.attribute_name'; did you mean 'attributeName'?",
        ),
        ({"replicas": [{"regionName": None}]}, "missing required property 'replicas[0].regionName'"),
    ],
)
def test_faults_name_the_property_and_what_it_must_be(inputs, reason):
    assert reasons(inputs) == [reason]


def test_all_faults_are_told_at_once():
    assert len(reasons({"a": 1, "b": 2, "ttl": 3})) == 3


def test_a_missing_required_argument_is_named():
    assert reasons({}, "aws:dynamodb/tableReplica:TableReplica") == ["missing required property 'globalTableArn'"]


def test_a_failure_carries_the_top_level_property():
    [failure] = check(catalogue("aws").find(TABLE), {"ttl": {"enabled": "maybe"}})
    assert failure.property == "ttl"
