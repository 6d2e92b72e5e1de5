"""Every comparing operator, below, at and above its value, and with what cannot be compared."""

from __future__ import annotations

import pytest

from awsfacts.iam.document import parse
from awsfacts.iam.evaluate import Policies, Request, evaluate

DAYS = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
NUMBERS = ("9", "10", "11")
TOPIC = "arn:aws:sns:us-east-1:111122223333:orders:sub"
RELATIONS = {
    "Equals": (False, True, False),
    "NotEquals": (True, False, True),
    "LessThan": (True, False, False),
    "LessThanEquals": (True, True, False),
    "GreaterThan": (False, False, True),
    "GreaterThanEquals": (False, True, True),
}


def holds(operator, wanted, actual):
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"x:key": wanted}}}
    document = parse({"Version": "2012-10-17", "Statement": [statement]})
    asked = Request(
        principal="arn:aws:iam::111122223333:role/app",
        action="s3:GetObject",
        resource="*",
        context={} if actual is None else {"x:key": actual},
    )
    return evaluate(asked, Policies(identity=[document])).allowed


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize(("kind", "values"), [("Numeric", NUMBERS), ("Date", DAYS)])
def test_numbers_and_dates_below_at_and_above(kind, values, relation):
    found = tuple(holds(f"{kind}{relation}", values[1], actual) for actual in values)
    assert found == RELATIONS[relation]


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize(("kind", "wanted"), [("Numeric", "10"), ("Date", DAYS[1])])
def test_what_is_no_number_or_date_fulfils_only_a_negation(kind, wanted, relation):
    assert holds(f"{kind}{relation}", wanted, "ten") is (relation == "NotEquals")


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "expected"),
    [
        ("StringNotEqualsIgnoreCase", "Prod", "prod", False),
        ("StringNotEqualsIgnoreCase", "Prod", "dev", True),
        ("BinaryEquals", "YQ==", "YQ==", True),
        ("BinaryEquals", "YQ==", "Yg==", False),
        ("ArnNotEquals", TOPIC, TOPIC, False),
        ("ArnNotEquals", TOPIC, f"{TOPIC}-2", True),
        ("ArnNotLike", "arn:aws:sns:*:*:orders*", TOPIC, False),
        ("ArnNotLike", "arn:aws:sns:*:*:carts*", TOPIC, True),
        ("ArnLike", "arn:aws:sns:*:*:orders:*", TOPIC, True),  # the sixth part may hold colons
        ("ArnLike", "arn:aws:*", TOPIC, False),  # a star stays within its part
        ("ArnLike", TOPIC, "arn:aws:sns", False),
        ("IpAddress", "10.1.2.3/16", "10.1.9.9", True),  # a network may be written by one of its addresses
        ("IpAddress", "10.1.0.0/16", "10.2.0.1", False),
        ("IpAddress", "10.1.0.0/16", "no address", False),
        ("SoundsLike", "a", "a", False),  # an operator that IAM does not have allows nothing
    ],
)
def test_other_operators(operator, wanted, actual, expected):
    assert holds(operator, wanted, actual) is expected
