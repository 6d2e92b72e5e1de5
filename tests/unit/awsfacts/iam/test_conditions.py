"""Condition operators, set prefixes, variables, and which conditions narrow a statement."""

from __future__ import annotations

import pytest

from awsfacts.iam.conditions import context_of, dead_wildcard, holds, identifies, restricts, substitute
from awsfacts.iam.document import Condition


def condition(operator, key, *values):
    return Condition(operator=operator, key=key, values=values)


@pytest.mark.parametrize(
    ("expected", "operator", "values", "actual"),
    [
        (True, "StringEquals", ["a", "b"], "b"),
        (False, "StringEquals", ["A"], "a"),
        (True, "StringEqualsIgnoreCase", ["A"], "a"),
        (False, "StringEquals", ["a*"], "ab"),
        (True, "StringLike", ["a?c*"], "abcd"),
        (False, "StringNotLike", ["a*"], "abc"),
        (True, "StringNotEquals", ["a"], None),
        (True, "StringEqualsIfExists", ["a"], None),
        (False, "StringEquals", ["a"], None),
        (True, "Null", ["true"], None),
        (False, "Null", ["true"], "x"),
        (True, "NumericLessThan", ["10"], "9.5"),
        (False, "NumericLessThan", ["ten"], "9"),
        (True, "DateGreaterThan", ["2026-01-01T00:00:00Z"], "2026-02-01T00:00:00Z"),
        (True, "Bool", ["true"], "True"),
        (True, "IpAddress", ["10.0.0.0/8"], "10.1.2.3"),
        (False, "IpAddress", ["nonsense"], "10.1.2.3"),
        (True, "NotIpAddress", ["10.0.0.0/8"], "11.1.2.3"),
        (True, "ArnLike", ["arn:aws:sns:*:111122223333:*"], "arn:aws:sns:us-east-1:111122223333:topic"),
        (False, "ArnLike", ["arn:aws:sns:*:topic"], "arn:aws:sns:us-east-1:111122223333:topic"),
        (True, "ForAllValues:StringEquals", ["a", "b"], ["a", "b"]),
        (False, "ForAllValues:StringEquals", ["a"], ["a", "b"]),
        (True, "ForAllValues:StringEquals", ["a"], None),
        (True, "ForAnyValue:StringEquals", ["a"], ["b", "a"]),
        (False, "ForAnyValue:StringEquals", ["a"], None),
        (False, "StringAbout", ["a"], "a"),
    ],
)
def test_operator(expected, operator, values, actual):
    context = context_of({} if actual is None else {"X:Key": actual})
    assert holds(condition(operator, "x:key", *values), context) is expected


@pytest.mark.parametrize(
    ("expected", "operator", "key", "value"),
    [
        (True, "StringEquals", "aws:SourceAccount", "111122223333"),
        (True, "ArnLike", "aws:SourceArn", "arn:aws:sns:us-east-1:111122223333:x"),
        (False, "ArnLike", "aws:SourceArn", "*"),
        (False, "StringLike", "aws:PrincipalOrgID", "*"),
        (False, "Bool", "aws:SecureTransport", "true"),
        (False, "StringNotEquals", "aws:SourceAccount", "111122223333"),
        (False, "StringEqualsIfExists", "aws:SourceAccount", "111122223333"),
        (False, "IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        (True, "IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        (True, "StringEquals", "iam:PassedToService", "backup.amazonaws.com"),
        (False, "ArnLike", "aws:SourceArn", "*:?"),  # every wildcard and the colon, and nothing else
        (True, "StringEquals", "aws:SourceArn", "*"),  # letter by letter: a star is a star
        (False, "StringAbout", "aws:SourceAccount", "111122223333"),  # an operator that IAM does not have
        (False, "Null", "aws:SourceAccount", "false"),  # that a key is there says not whose it is
        (False, "ForAllValues:StringEquals", "aws:CalledVia", "athena.amazonaws.com"),
        (True, "ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com"),
    ],
)
def test_narrowing(expected, operator, key, value):
    assert restricts(condition(operator, key, value)) is expected


def test_a_wildcard_under_an_exact_operator_is_named():
    assert (
        dead_wildcard(condition("StringNotEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/x"))
        == "arn:aws:iam::*:role/x"
    )
    assert dead_wildcard(condition("StringNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/x")) == ""
    assert dead_wildcard(condition("StringEquals", "aws:PrincipalTag/x", "${aws:username}")) == ""


@pytest.mark.parametrize(
    ("expected", "key"),
    [
        (True, "aws:SourceAccount"),
        (True, "aws:PrincipalTag/team"),
        (False, "iam:PassedToService"),
        (False, "aws:SecureTransport"),
    ],
)
def test_who_asks_is_told_by_identifying_keys_and_tags_of_the_principal(expected, key):
    assert identifies(condition("StringEquals", key, "x")) is expected
    assert not identifies(condition("StringNotEquals", key, "x"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${aws:username}", "anna"),
        ("${AWS:UserName}/*", "anna/*"),
        ("${aws:username, 'nobody'}", "anna"),
        ("${aws:unknown, 'nobody'}", "nobody"),
        ("${aws:unknown}", None),
        ("${aws:groups}", None),  # of several values none is meant
        ("${*}${?}${$}", "*?$"),
        ("plain", "plain"),
    ],
)
def test_variables(text, expected):
    assert substitute(text, context_of({"aws:username": "anna", "aws:groups": ["a", "b"]})) == expected
