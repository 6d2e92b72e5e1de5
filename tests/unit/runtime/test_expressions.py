"""Expression objects: the text, the placeholders, the faults."""

from __future__ import annotations

import pytest

from holdfast import Attr, Key, Update
from holdfast._requests import add_options
from holdfast.errors import InvalidArgumentError


def rendered(**options):
    request = add_options({}, options)
    names = request.get("ExpressionAttributeNames", {})
    values = request.get("ExpressionAttributeValues", {})
    (text,) = (value for name, value in request.items() if name.endswith("Expression"))
    for placeholder, name in sorted(names.items(), reverse=True):
        text = text.replace(placeholder, name)
    for placeholder, value in sorted(values.items(), reverse=True):
        text = text.replace(placeholder, str(next(iter(value.values()))))
    return text


a = Attr("a")


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (a == 1, "a = 1"),
        (a != 1, "a <> 1"),
        (a < 1, "a < 1"),
        (a <= 1, "a <= 1"),
        (a > 1, "a > 1"),
        (a >= 1, "a >= 1"),
        (a == Attr("b"), "a = b"),
        (a["b"][0]["c"] == "x", "a.b[0].c = x"),
        (a.between(1, 2), "a BETWEEN 1 AND 2"),
        (a.begins_with("x"), "begins_with(a, x)"),
        (a.contains("x"), "contains(a, x)"),
        (a.is_in(["x", "y"]), "a IN (x, y)"),
        (a.is_type("S"), "attribute_type(a, S)"),
        (a.exists(), "attribute_exists(a)"),
        (a.not_exists(), "attribute_not_exists(a)"),
        (a.size() > 3, "size(a) > 3"),
        ((a == 1) & (a == 2) | ~(a == 3), "((a = 1 AND a = 2) OR (NOT a = 3))"),
        ((Key("a") == "x") & Key("s").begins_with("y"), "(a = x AND begins_with(s, y))"),
    ],
)
def test_conditions(condition, text):
    assert rendered(condition=condition) == text


def test_updates():
    update = (
        Update()
        .set("n", a + 1)
        .set(Attr("m")["x"], 2)
        .set("k", Attr("k").if_not_exists(0) + 1)
        .set("l", Attr("l").list_prepend(["x"]))
        .remove("r", Attr("s")[0])
        .add("c", 1)
        .delete("t", {"x"})
    )
    text = rendered(update=update)
    assert text == (
        "SET n = a + 1, m.x = 2, k = if_not_exists(k, 0) + 1, l = list_append([{'S': 'x'}], l) "
        "REMOVE r, s[0] ADD c 1 DELETE t ['x']"
    )


def test_a_name_has_one_placeholder_and_hand_written_ones_are_kept():
    request = add_options(
        {},
        {
            "condition": (a == 1) & (a == 2),
            "update": "SET #n0 = :v0",
            "names": {"#n0": "own"},
            "values": {":v0": "own"},
        },
    )
    assert request["UpdateExpression"] == "SET #n0 = :v0"
    assert request["ConditionExpression"] == "(#n1 = :v1 AND #n1 = :v2)"
    assert request["ExpressionAttributeNames"] == {"#n0": "own", "#n1": "a"}
    assert request["ExpressionAttributeValues"] == {":v0": {"S": "own"}, ":v1": {"N": "1"}, ":v2": {"N": "2"}}


def test_a_condition_has_no_truth_value():
    with pytest.raises(InvalidArgumentError, match="write & instead of"):
        bool(a == 1)
    with pytest.raises(InvalidArgumentError, match="parentheses"):
        (a == 1) & 3
    with pytest.raises(InvalidArgumentError, match="two comparisons"):
        1 < a < 3  # noqa: B015


@pytest.mark.parametrize("count", [0, 101])
def test_in_takes_1_to_100(count):
    with pytest.raises(InvalidArgumentError, match=f"got {count}"):
        a.is_in(range(count))


def test_an_empty_update_is_refused():
    with pytest.raises(InvalidArgumentError, match="changes nothing"):
        add_options({}, {"update": Update()})


def test_an_unknown_option_is_refused_with_the_known_ones():
    with pytest.raises(InvalidArgumentError, match=r"no option 'conditon'.*condition"):
        add_options({}, {"conditon": "x"})
    with pytest.raises(InvalidArgumentError, match="write a string"):
        add_options({}, {"condition": 3})
