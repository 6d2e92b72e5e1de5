"""Documents as objects or JSON, and what is wrong with bad ones."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsfacts.iam.document import parse

GOOD = {
    "Version": "2012-10-17",
    "Statement": {"Sid": "One", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
}


def test_an_object_and_its_json_are_the_same_document():
    assert parse(GOOD) == parse(json.dumps(GOOD))
    document = parse(GOOD)
    assert not document.faults
    (statement,) = document.statements
    assert statement.actions == ("s3:GetObject",)
    assert statement.label == "statement 'One'"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{not json", "not JSON"),
        (7, "int, not an object"),
        ([], "list, not an object"),
        ({k: v for k, v in GOOD.items() if k != "Version"}, "Version is missing"),
        (GOOD | {"Version": "2012-10-18"}, "Version is '2012-10-18'"),
        (GOOD | {"Statement": []}, "Statement is missing or empty"),
        (GOOD | {"Statements": []}, "'Statements', which IAM does not know"),
        (GOOD | {"Statement": ["x"]}, "statement 1 is a str"),
        (GOOD | {"Statement": {"Effect": "allow", "Action": "*"}}, "Effect is 'allow'"),
        (GOOD | {"Statement": {"Effect": "Allow"}}, "neither Action nor NotAction"),
        (GOOD | {"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*"}}, "both Action and NotAction"),
        (GOOD | {"Statement": {"Effect": "Allow", "Action": [5]}}, "holds a int"),
        (GOOD | {"Statement": {"Effect": "Allow", "Action": []}}, "empty list"),
        (GOOD | {"Statement": {"Effect": "Allow", "Action": "*", "Principal": "x"}}, "write '*' or an object"),
        (GOOD | {"Statement": {"Effect": "Allow", "Action": "*", "Principal": {"Role": "x"}}}, "kind 'Role'"),
        (GOOD | {"Statement": {"Effect": "Allow", "Action": "*", "Condition": "x"}}, "not an object of operators"),
        (GOOD | {"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": "x"}}}, "not an object of keys"),
        (GOOD | {"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"a": {}}}}}, "holds a dict"),
    ],
)
def test_a_fault_is_named(source, words):
    assert any(words in fault for fault in parse(source).faults)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(string.printable + "é漢"),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Version", "Statement", "Effect", "Action", "Principal", "Condition", "x"]),
            children,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_nothing_makes_the_parser_crash(value):
    parse(value)
    assert parse(json.dumps(value)).faults or isinstance(value, dict | str)
