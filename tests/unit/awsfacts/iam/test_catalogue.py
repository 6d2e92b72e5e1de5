"""Actions, their ARNs and what patterns expand to; policy_sentry is the oracle for expansion and access levels."""

from __future__ import annotations

import pytest
from policy_sentry.querying.actions import get_action_data
from policy_sentry.querying.all import get_all_actions
from policy_sentry.util.actions import get_lowercase_action_list

from awsfacts.iam import catalogue
from awsfacts.iam.arn import Breadth, breadth, fits, wide_segments
from awsfacts.iam.glob import has_wildcard, matches, overlaps

TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
SERVICES = (
    "dynamodb",
    "s3",
    "kms",
    "iam",
    "sqs",
    "sns",
    "sts",
    "lambda",
    "ec2",
    "logs",
    "backup",
    "dax",
    "elasticache",
    "secretsmanager",
)


def everything():
    return {name.lower() for name in get_all_actions()}


@pytest.mark.parametrize(
    "pattern", [f"{service}:{name}" for service in SERVICES for name in ("*", "Get*", "*Item*", "?et*", "Describe*")]
)
def test_expansion_agrees_with_policy_sentry(pattern):
    """The two are built from the reference at different times: what both know must be read in the same way."""
    theirs = {name for name in everything() if matches(pattern.lower(), name)}
    ours = {name.lower() for name in catalogue.expand(pattern)}
    known_to_us = {name for name in theirs if catalogue.action(name)}
    assert known_to_us <= ours
    assert get_lowercase_action_list(sorted(catalogue.expand(pattern))) == sorted(ours) or ours >= known_to_us
    missing = theirs - ours
    assert len(missing) <= max(3, len(theirs) // 10), f"unknown here: {sorted(missing)}"
    for name in sorted(ours & theirs):
        assert matches(pattern, name, ignore_case=True)


@pytest.mark.parametrize("service", SERVICES)
def test_access_levels_agree_with_policy_sentry(service):
    differing = []
    known = 0
    for action in catalogue.actions(service).values():
        data = get_action_data(service, action.name)
        rows = data.get(service, []) if isinstance(data, dict) else []
        levels = {row["access_level"] for row in rows if row["action"].lower() == action.full_name.lower()}
        if levels:
            known += 1
            # policy_sentry overrides by hand: some of the reference's Write are its Permissions management
            overridden = levels == {"Permissions management"} and "Write" in action.levels
            if not action.levels & levels and not overridden:
                differing.append((action.full_name, sorted(action.levels), levels))
    assert known > 5
    assert len(differing) <= max(1, known // 20), differing


def test_an_action_knows_its_level_resources_and_keys():
    action = catalogue.action("DYNAMODB:getitem")
    assert action is not None
    assert action.full_name == "dynamodb:GetItem"
    assert action.level == "Read"
    assert action.required_types == ("table",)
    assert "dynamodb:leadingkeys" in action.condition_keys
    assert catalogue.action("dynamodb:GetItems") is None
    assert catalogue.action("dynamo:GetItem") is None
    assert catalogue.expand("nonsense") == frozenset()


def test_the_star_alone_is_every_action_of_every_service():
    everything_ = catalogue.expand("*")
    assert {"dynamodb:GetItem", "iam:PassRole", "s3:PutObject"} <= everything_
    assert len(everything_) > 10_000


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", Breadth.ALL),
        ("arn:aws:*:*:*:*", Breadth.ALL),
        ("arn:aws:dynamodb:us-east-1:111122223333:*", Breadth.SERVICE),
        ("arn:aws:dynamodb:us-east-1:111122223333:table/*", Breadth.TYPE),
        ("arn:aws:dynamodb:us-east-1:111122223333:table/orders*", Breadth.PREFIX),
        (TABLE, Breadth.EXACT),
        (TABLE + "/index/*", Breadth.EXACT),
        (TABLE + "/stream/*", Breadth.EXACT),
        ("arn:aws:s3:::*", Breadth.SERVICE),
        ("arn:aws:s3:::bucket/*", Breadth.EXACT),
        ("arn:aws:s3:::bucket-*", Breadth.PREFIX),
        ("arn:aws:iam::111122223333:role/*", Breadth.TYPE),
        ("arn:aws:iam::111122223333:role/app-${aws:username}", Breadth.EXACT),
        ("arn:aws:logs:us-east-1:111122223333:log-group:/aws/x:*", Breadth.EXACT),
        ("arn:aws:logs:us-east-1:111122223333:log-group:*", Breadth.TYPE),
    ],
)
def test_breadth(pattern, expected):
    assert breadth(pattern) is expected


def test_open_segments():
    assert wide_segments("arn:aws:dynamodb:*:*:table/orders") == ("region", "account")
    assert wide_segments(TABLE) == ()


@pytest.mark.parametrize(
    ("action", "pattern", "expected"),
    [
        ("dynamodb:GetItem", TABLE, True),
        ("dynamodb:GetItem", TABLE + "/index/x", True),  # matches the table's format: a name may hold what a star holds
        ("dynamodb:Query", TABLE + "/index/*", True),
        ("s3:GetObject", TABLE, False),
        ("kms:Decrypt", "arn:aws:kms:*:*:key/*", True),
        ("kms:Decrypt", "arn:aws:s3:::bucket", False),
        ("dynamodb:ListTables", TABLE, False),
        ("dynamodb:ListTables", "*", True),
    ],
)
def test_fitting(action, pattern, expected):
    found = catalogue.action(action)
    assert found is not None
    assert fits(found, pattern) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a*", "*b", True),
        ("a*c", "a*d", False),
        ("*", "", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("ab*", "a*", True),
        ("x", "y", False),
    ],
)
def test_overlap(first, second, expected):
    assert overlaps(first, second) is expected
    assert overlaps(second, first) is expected


def test_variables_are_no_wildcards():
    assert not has_wildcard("arn:aws:s3:::bucket/${aws:username}/${*}")
    assert has_wildcard("arn:aws:s3:::bucket/*")
