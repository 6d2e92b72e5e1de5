"""Whether a request is allowed, given the policies that apply to it."""

from __future__ import annotations

import pytest

from awsfacts.iam.document import parse
from awsfacts.iam.evaluate import Policies, Request, evaluate

ROLE = "arn:aws:iam::111122223333:role/app"
SESSION = "arn:aws:sts::111122223333:assumed-role/app/one"
TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
ROOT = "arn:aws:iam::111122223333:root"


def doc(*statements):
    return parse({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action="dynamodb:GetItem", resource=TABLE, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="dynamodb:*", resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


LEADING = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/customer}"]}}


@pytest.mark.parametrize(
    ("allowed", "request_", "policies"),
    [
        (True, {}, Policies(identity=[doc(allow())])),
        (False, {}, Policies(identity=[doc(allow("dynamodb:PutItem"))])),
        (True, {"action": "dynamodb:getitem"}, Policies(identity=[doc(allow("DynamoDB:Get*"))])),
        (False, {}, Policies(identity=[doc(allow(), deny())])),
        (True, {}, Policies(identity=[doc(allow(), deny(Condition={"Bool": {"aws:SecureTransport": "false"}}))])),
        (False, {"context": {"aws:SecureTransport": "false"}}, Policies(identity=[doc(allow(), deny(Condition={"Bool": {"aws:SecureTransport": "false"}}))])),
        (False, {}, Policies(identity=[doc(allow())], boundary=doc(allow("s3:*", "*")))),
        (True, {}, Policies(identity=[doc(allow())], boundary=doc(allow("*", "*")))),
        (False, {}, Policies(identity=[doc(allow())], session=doc(allow("dynamodb:PutItem", "*")))),
        (True, {"session_tags": {"customer": "c1"}, "context": {"dynamodb:LeadingKeys": ["c1"]}}, Policies(identity=[doc(allow(Condition=LEADING))])),
        (False, {"session_tags": {"customer": "c1"}, "context": {"dynamodb:LeadingKeys": ["c1", "c2"]}}, Policies(identity=[doc(allow(Condition=LEADING))])),
        (False, {"context": {"dynamodb:LeadingKeys": ["c1"]}}, Policies(identity=[doc(allow(Condition=LEADING))])),
        # a resource's own policy allows the role by name, but not past a boundary; it delegates by naming the account
        (True, {}, Policies(resource=doc(allow(Principal={"AWS": ROLE})))),
        (False, {}, Policies(resource=doc(allow(Principal={"AWS": ROLE})), boundary=doc(allow("s3:*", "*")))),
        (True, {}, Policies(resource=doc(allow(Principal={"AWS": SESSION})), boundary=doc(allow("s3:*", "*")))),
        (False, {}, Policies(resource=doc(allow(Principal={"AWS": ROOT})))),
        (False, {}, Policies(identity=[doc(allow())], resource=doc(deny(Principal="*")))),
        # a key governs itself: an identity policy counts only where the key policy delegates to the account
        (False, {"action": "kms:Decrypt", "resource": KEY}, Policies(identity=[doc(allow("kms:Decrypt", KEY))])),
        (True, {"action": "kms:Decrypt", "resource": KEY}, Policies(identity=[doc(allow("kms:Decrypt", KEY))], resource=doc(allow("kms:*", "*", Principal={"AWS": ROOT})))),
        (False, {"action": "kms:Decrypt", "resource": KEY}, Policies(resource=doc(allow("kms:*", "*", Principal={"AWS": ROOT})))),
        (True, {"action": "kms:Decrypt", "resource": KEY}, Policies(resource=doc(allow("kms:*", "*", Principal={"AWS": ROLE})))),
        # across accounts both must allow
        (False, {"principal": "arn:aws:iam::999999999999:role/app"}, Policies(identity=[doc(allow())])),
        (False, {"principal": "arn:aws:iam::999999999999:role/app"}, Policies(resource=doc(allow(Principal="*")))),
        (True, {"principal": "arn:aws:iam::999999999999:role/app"}, Policies(identity=[doc(allow())], resource=doc(allow(Principal="*")))),
        # services are allowed by the resource's policy alone
        (True, {"principal": "replication.dynamodb.amazonaws.com"}, Policies(resource=doc(allow(Principal={"Service": "replication.dynamodb.amazonaws.com"})))),
        (False, {"principal": "replication.dynamodb.amazonaws.com"}, Policies(identity=[doc(allow())])),
        (True, {}, Policies(identity=[doc({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::x"})])),
        (False, {}, Policies(identity=[doc({"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"})])),
    ],
)  # fmt: skip
def test_decision(allowed, request_, policies):
    asked = Request(**{"principal": SESSION, "action": "dynamodb:GetItem", "resource": TABLE, **request_})
    decision = evaluate(asked, policies)
    assert decision.allowed is allowed, decision.reason
    assert bool(decision) is allowed
    assert asked.action in decision.reason


def test_an_explicit_deny_says_so_and_names_the_statement():
    decision = evaluate(
        Request(principal=ROLE, action="dynamodb:GetItem", resource=TABLE),
        Policies(identity=[doc(allow(), deny(Sid="NoTables"))]),
    )
    assert decision.explicit_deny
    assert "NoTables" in decision.reason


def test_a_role_is_known_by_its_arn_in_conditions_whatever_its_session():
    policy = doc(allow(Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}))
    assert evaluate(Request(principal=SESSION, action="dynamodb:GetItem", resource=TABLE), Policies(identity=[policy]))
