"""Expressions as the service evaluates them."""

import contextlib
import copy

import pytest

from holdfast.resilience.evaluate import ExpressionError, holds, projected, targets, updated

ITEM = {
    "pk": {"S": "a"},
    "n": {"N": "5"},
    "s": {"SS": ["x", "y"]},
    "l": {"L": [{"N": "1"}, {"M": {"deep": {"S": "z"}}}]},
    "m": {"M": {"k": {"BOOL": True}}},
    "b": {"B": "aGk="},
    "status": {"S": "pending"},
}
VALUES = {
    ":one": {"N": "1"},
    ":five": {"N": "5.0"},
    ":nine": {"N": "9"},
    ":a": {"S": "a"},
    ":x": {"S": "x"},
    ":pen": {"S": "pen"},
    ":new": {"L": [{"N": "2"}]},
    ":set": {"SS": ["y", "z"]},
    ":str": {"S": "S"},
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("n = :five", True),
        ("n <> :five", False),
        ("n < :nine AND n > :one", True),
        ("n BETWEEN :one AND :nine", True),
        ("n IN (:one, :five)", True),
        ("NOT n = :one", True),
        ("NOT (n = :five OR n = :one)", False),
        ("n = :one OR n = :five AND pk = :a", True),
        ("attribute_exists(m.k)", True),
        ("attribute_not_exists(m.other)", True),
        ("attribute_exists(l[1].deep)", True),
        ("attribute_exists(l[7])", False),
        ("begins_with(#st, :pen)", True),
        ("contains(s, :x)", True),
        ("contains(#st, :pen)", True),
        ("attribute_type(pk, :str)", True),
        ("size(l) > :one", True),
        ("size(missing) > :one", False),
        ("missing = :one", False),
        ("missing <> :one", True),
        ("pk < :nine", False),
    ],
)
def test_conditions(condition, expected):
    assert holds(condition, ITEM, {"#st": "status"}, VALUES) is expected


def test_no_item_has_no_attributes():
    assert holds("attribute_not_exists(pk)", None, None, None)
    assert holds(None, None, None, None)


@pytest.mark.parametrize(
    ("update", "name", "expected"),
    [
        ("SET n = n + :one", "n", {"N": "6"}),
        ("SET n = n - :nine", "n", {"N": "-4"}),
        ("SET fresh = if_not_exists(fresh, :one)", "fresh", {"N": "1"}),
        ("SET n = if_not_exists(n, :one)", "n", {"N": "5"}),
        ("SET l = list_append(l, :new)", "l", {"L": [{"N": "1"}, {"M": {"deep": {"S": "z"}}}, {"N": "2"}]}),
        ("SET m.other = :one", "m", {"M": {"k": {"BOOL": True}, "other": {"N": "1"}}}),
        ("SET l[0] = :nine", "l", {"L": [{"N": "9"}, {"M": {"deep": {"S": "z"}}}]}),
        ("REMOVE l[0]", "l", {"L": [{"M": {"deep": {"S": "z"}}}]}),
        ("ADD n :one", "n", {"N": "6"}),
        ("ADD hits :one", "hits", {"N": "1"}),
        ("ADD s :set", "s", {"SS": ["x", "y", "z"]}),
        ("DELETE s :set", "s", {"SS": ["x"]}),
        ("REMOVE n", "n", None),
        ("SET a1 = n, n = :nine", "a1", {"N": "5"}),
    ],
)
def test_updates(update, name, expected):
    assert updated(update, ITEM, None, VALUES).get(name) == expected
    assert ITEM["n"] == {"N": "5"}, "the item itself stays as it was"


@pytest.mark.parametrize("wrong", ["SET n = missing", "SET n = pk + :one", "ADD pk :one", "SET x.y = :one", "n = 1"])
def test_updates_that_the_service_refuses(wrong):
    with pytest.raises(ExpressionError):
        updated(wrong, ITEM, None, VALUES)


@pytest.mark.parametrize(
    "update",
    [
        "SET m.k = :a",
        "SET l[1].deep = :a",
        "REMOVE m.k, l[0], l[1].deep",
        "SET copy = m, m.k = :a",
        "SET l = list_append(l, :new), l[0] = :nine",
        "SET m.again = :new, m.k = :nine",
        "ADD s :set, n :one DELETE s :gone",
    ],
)
def test_neither_the_old_item_nor_the_values_change(update):
    """A replica's older version is still shown elsewhere, and shares what an update leaves as it is."""
    values = {**VALUES, ":gone": {"SS": ["x"]}}
    before, given = copy.deepcopy(ITEM), copy.deepcopy(values)
    with contextlib.suppress(ExpressionError):  # some of them the service refuses
        updated(update, ITEM, {}, values)
    assert before == ITEM
    assert given == values


def test_a_part_that_was_set_from_another_stays_when_that_one_changes():
    found = updated("SET twin = m, m.k = :a", ITEM, {}, VALUES)
    assert found["twin"] == {"M": {"k": {"BOOL": True}}}
    assert found["m"] == {"M": {"k": {"S": "a"}}}
    again = updated("SET twin.k = :x", found, {}, VALUES)
    assert again["m"] == found["m"] == {"M": {"k": {"S": "a"}}}
    assert again["twin"] == {"M": {"k": {"S": "x"}}}


def test_the_targets_of_an_update():
    update = "SET a = :x, #b.c = list_append(if_not_exists(d, :e), :f) REMOVE g[1] ADD h :one"
    assert targets(update, {"#b": "bee"}) == ["a", "bee", "g", "h"]


def test_projections():
    assert projected("pk, m.k, l[1].deep", ITEM, None) == {
        "pk": {"S": "a"},
        "m": {"M": {"k": {"BOOL": True}}},
        "l": {"L": [{"M": {"deep": {"S": "z"}}}]},
    }
