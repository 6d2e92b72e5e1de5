"""Whom a statement means, what it says of resources, and what is known of whoever asks."""

from __future__ import annotations

import pytest

from awsfacts.iam.document import parse
from awsfacts.iam.evaluate import Policies, Request, evaluate

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
GUEST = f"arn:aws:sts::{ACCOUNT}:federated-user/app"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"
BUCKET = "arn:aws:s3:::orders"
SERVICE = "backup.amazonaws.com"
PROVIDER = "token.actions.githubusercontent.com"
TRUST = "sts:AssumeRoleWithWebIdentity"


def allow(effect="Allow", *, action="*", resource="*", **more):
    statement = {"Effect": effect, "Action": action, **({"Resource": resource} if resource else {}), **more}
    return parse({"Version": "2012-10-17", "Statement": [statement]})


def decide(principal=SESSION, action="dynamodb:GetItem", resource=TABLE, **policies):
    return evaluate(Request(principal=principal, action=action, resource=resource), Policies(**policies))


@pytest.mark.parametrize(
    ("meant", "principal", "allowed"),
    [
        ({"AWS": ROLE}, SESSION, True),
        ({"AWS": OTHER}, SESSION, False),
        ({"AWS": "*"}, SESSION, True),
        ({"Service": "*"}, SESSION, False),
        ({"AWS": ROLE}, GUEST, False),  # a guest's session named like the role
        ({"Service": SERVICE}, SERVICE, True),
        ({"Service": "logs.amazonaws.com"}, SERVICE, False),
        ({"AWS": ROLE}, SERVICE, False),
        ({"Federated": SERVICE}, SERVICE, False),
    ],
)
def test_a_resources_policy_means_whom_it_names(meant, principal, allowed):
    asked = Request(principal=principal, action="dynamodb:GetItem", resource=TABLE)
    decision = evaluate(asked, Policies(resource=allow(Principal=meant)))
    assert decision.allowed is allowed, decision.reason
    assert decision.explicit_deny is False


@pytest.mark.parametrize(
    ("meant", "allowed"),
    [({"Federated": PROVIDER}, True), ({"Federated": "accounts.example.com"}, False), ({"Service": PROVIDER}, False)],
)
def test_an_identity_provider_is_trusted_by_its_name(meant, allowed):
    asked = Request(principal=PROVIDER, action=TRUST, resource=ROLE)
    trust = allow(action=TRUST, resource=None, Principal=meant)
    assert evaluate(asked, Policies(resource=trust)).allowed is allowed


def test_a_trust_policy_speaks_of_its_own_role():
    asked = Request(principal=USER, action="sts:AssumeRole", resource=ROLE)
    assert evaluate(asked, Policies(resource=allow(action="sts:AssumeRole", resource=None, Principal={"AWS": USER})))


@pytest.mark.parametrize(
    ("meant", "principal", "denied"),
    [
        ({"Principal": {"AWS": OTHER}}, SESSION, False),
        ({"Principal": {"AWS": ROLE}}, SESSION, True),
        ({"NotPrincipal": {"AWS": [ROLE, SESSION]}}, SESSION, False),
        ({"NotPrincipal": {"AWS": OTHER}}, SESSION, True),
    ],
)
def test_a_deny_of_the_resource_stops_those_whom_it_means(meant, principal, denied):
    asked = Request(principal=principal, action="dynamodb:GetItem", resource=TABLE)
    decision = evaluate(asked, Policies(identity=[allow()], resource=allow("Deny", **meant)))
    assert decision.explicit_deny is denied
    assert decision.allowed is not denied


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        ({"resource": TABLE}, True),
        ({"resource": f"{TABLE}-other"}, False),
        ({"resource": None, "NotResource": BUCKET}, True),
        ({"resource": None, "NotResource": TABLE}, False),
    ],
)
def test_a_statement_covers_the_resources_that_it_names(words, allowed):
    assert decide(identity=[allow(**words)]).allowed is allowed


@pytest.mark.parametrize(
    ("principal", "resource", "condition", "allowed"),
    [
        (SESSION, TABLE, {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, True),
        (ROLE, TABLE, {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, True),
        (USER, TABLE, {"StringEquals": {"aws:PrincipalType": "User"}}, True),
        (GUEST, TABLE, {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, False),
        (SESSION, TABLE, {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}, True),
        (SESSION, BUCKET, {"Null": {"aws:ResourceAccount": "true"}}, True),  # a bucket's ARN tells no account
        (SESSION, "*", {"Null": {"aws:ResourceAccount": "true"}}, True),
    ],
)
def test_what_is_known_of_who_asks_and_of_what_is_asked(principal, resource, condition, allowed):
    assert decide(principal, resource=resource, identity=[allow(Condition=condition)]).allowed is allowed


def test_the_reason_tells_what_stopped_it():
    limit = allow(action="s3:*")
    assert "the permissions boundary does not allow it" in decide(identity=[allow()], boundary=limit).reason
    assert "the session policy does not allow it" in decide(identity=[allow()], session=limit).reason
    assert "no identity policy allows it" in decide().reason
