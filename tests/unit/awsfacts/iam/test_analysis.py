"""What a document leaves allowed: Denies subtracted, conditions credited, escalation found."""

from __future__ import annotations

import pytest

from awsfacts.iam.analysis import allows_broadly, denied, escalations, levels, widest
from awsfacts.iam.arn import Breadth
from awsfacts.iam.document import parse

ROLE = "arn:aws:iam::111122223333:role/app"


def doc(*statements):
    return parse({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("found", "document"),
    [
        (True, doc(allow("iam:PassRole"))),
        (False, doc(allow("iam:PassRole", ROLE))),
        (True, doc(allow("iam:Pass*", "arn:aws:iam::111122223333:role/*"))),
        (False, doc(allow("iam:PassRole"), deny("iam:*"))),
        (True, doc(allow("iam:PassRole"), deny("iam:*", Condition={"Bool": {"aws:SecureTransport": "false"}}))),
        (True, doc(allow("iam:PassRole"), deny("iam:*", ROLE))),
        (
            False,
            doc(allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}})),
        ),
        (True, doc({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})),
    ],
)
def test_broad_allow(found, document):
    assert bool(allows_broadly(document, "iam:PassRole")) is found


@pytest.mark.parametrize(
    ("words", "document"),
    [
        ("writing a policy into a role", doc(allow("iam:PutRolePolicy"))),
        ("starting an instance", doc(allow(["iam:PassRole", "ec2:RunInstances"]))),
        (
            "running a function",
            doc(allow("iam:PassRole"), allow("lambda:*", "arn:aws:lambda:us-east-1:111122223333:function:x")),
        ),
        ("assuming any role", doc(allow("sts:AssumeRole", "arn:aws:iam::*:role/*"))),
        ("taking the boundary off", doc({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})),
    ],
)
def test_escalation(words, document):
    assert any(words in way.name for way in escalations(document))


@pytest.mark.parametrize(
    "document",
    [
        doc(allow("dynamodb:*")),
        doc(allow("iam:PassRole")),
        doc(allow(["iam:PassRole", "ec2:RunInstances"], ROLE)),
        doc(allow("iam:PutRolePolicy"), deny("iam:Put*")),
        doc(allow("*"), deny(["iam:*", "sts:*", "ssm:*", "lambda:UpdateFunctionCode"])),
    ],
)
def test_no_escalation(document):
    assert escalations(document) == []


def test_levels_and_breadth():
    document = doc(allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:List*"]))
    found = levels(document.statements)
    assert found["Read"][:1] == ["dynamodb:GetItem"]
    assert "dynamodb:PutItem" in found["Write"]
    assert widest(document.statements[0]) is Breadth.ALL
    assert denied(doc(deny("dynamodb:Delete*")), "dynamodb:DeleteTable")
    assert not denied(doc(deny("dynamodb:Delete*", ROLE)), "dynamodb:DeleteTable")
