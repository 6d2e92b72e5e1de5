"""Who may do what."""

from __future__ import annotations

from typing import Any

from benchmarks.comparison.cases.model import ACCOUNT, Case, Part, arn, one
from benchmarks.comparison.cases.stores import TABLE

_ORDERS = arn("dynamodb", "table/orders")


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: list[str], resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def _policy(*statements: dict[str, Any]) -> Part:
    document = _document(*statements)
    return Part(
        "Policy",
        "AWS::IAM::ManagedPolicy",
        {"ManagedPolicyName": "orders", "PolicyDocument": document},
        "aws:iam/policy:Policy",
        {"name": "orders", "policy": document},
    )


SOUND = _policy(_allow(["dynamodb:GetItem", "dynamodb:PutItem"], _ORDERS))


def _grants(name: str, fault: str, *statements: dict[str, Any]) -> Case:
    return Case(name=name, fault=fault, sound=(SOUND,), faulty=(_policy(*statements),))


def _role(statement: dict[str, Any]) -> Part:
    document = _document({"Effect": "Allow", **statement})
    return Part(
        "Role",
        "AWS::IAM::Role",
        {"RoleName": "orders", "AssumeRolePolicyDocument": document},
        "aws:iam/role:Role",
        {"name": "orders", "assumeRolePolicy": document},
    )


def _trusts(name: str, fault: str, sound: dict[str, Any], faulty: dict[str, Any]) -> Case:
    return Case(name=name, fault=fault, sound=(_role(sound),), faulty=(_role(faulty),))


_ISSUER = "token.actions.githubusercontent.com"
_OIDC = {
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_ISSUER}"},
}
_FIS = {"Action": "sts:AssumeRole", "Principal": {"Service": "fis.amazonaws.com"}}
_REPLICATION = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/replication.dynamodb.amazonaws.com/"
    "AWSServiceRoleForDynamoDBReplication"
)


def _guarded(*excepted: str) -> tuple[Part, Part]:
    """A table whose resource policy denies writes to all but some roles."""
    document = _document(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
            "Resource": _ORDERS,
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": list(excepted)}},
        }
    )
    table = Part(
        "Table",
        TABLE.cloudformation,
        {**TABLE.properties, "ResourcePolicy": {"PolicyDocument": document}},
        TABLE.pulumi,
        TABLE.inputs,
    )
    policy = Part(
        "TablePolicy",
        "",
        {},
        "aws:dynamodb/resourcePolicy:ResourcePolicy",
        {"resourceArn": _ORDERS, "policy": document},
        tagged=False,
    )
    return table, policy


_WRITER = f"arn:aws:iam::{ACCOUNT}:role/orders"
PERMISSION = Part(
    "Permission",
    "AWS::Lambda::Permission",
    {
        "FunctionName": "orders",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::orders-files",
        "SourceAccount": ACCOUNT,
    },
    "aws:lambda/permission:Permission",
    {
        "function": "orders",
        "action": "lambda:InvokeFunction",
        "principal": "s3.amazonaws.com",
        "sourceArn": "arn:aws:s3:::orders-files",
        "sourceAccount": ACCOUNT,
    },
    tagged=False,
)
_USER_POLICY = Part(
    "UserPolicy",
    "AWS::IAM::UserPolicy",
    {"UserName": "anna", "PolicyName": "orders", "PolicyDocument": SOUND.inputs["policy"]},
    "aws:iam/userPolicy:UserPolicy",
    {"user": "anna", "name": "orders", "policy": SOUND.inputs["policy"]},
    tagged=False,
)

ACCESS: tuple[Case, ...] = (
    _grants("policy-admin", "a policy that allows everything", _allow(["*"], "*")),
    _grants("policy-service", "a policy that allows every action of DynamoDB", _allow(["dynamodb:*"], _ORDERS)),
    _grants("policy-any-table", "a policy that reads every table of the account",
            _allow(["dynamodb:GetItem", "dynamodb:Query"], "*")),
    _grants("policy-type-wildcard", "a policy that names table/*",
            _allow(["dynamodb:GetItem"], arn("dynamodb", "table/*"))),
    _grants("policy-not-action", "a policy that allows all but a list",
            {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}),
    _grants("policy-pass-role", "a policy that passes any role", _allow(["iam:PassRole"], "*")),
    _grants("policy-escalation", "a policy that rewrites policies",
            _allow(["iam:CreatePolicyVersion"], f"arn:aws:iam::{ACCOUNT}:policy/*")),
    _grants("policy-decrypt", "a policy that decrypts with every key", _allow(["kms:Decrypt"], "*")),
    _grants("policy-misspelt", "a policy with an action that does not exist", _allow(["dynamodb:GetItems"], _ORDERS)),
    _grants("policy-mismatch", "a policy that allows an action of tables on a bucket",
            _allow(["dynamodb:GetItem"], "arn:aws:s3:::orders-files")),
    _grants("policy-dead-condition", "a condition that can never hold, a wildcard in StringEquals",
            _allow(["dynamodb:GetItem"], _ORDERS,
                   Condition={"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/orders-*"}})),
    _grants("policy-data-and-control", "one policy that writes items and deletes tables",
            _allow(["dynamodb:PutItem", "dynamodb:DeleteTable"], _ORDERS)),
    Case(name="policy-of-user", fault="a policy in a user", sound=(SOUND,), faulty=(SOUND, _USER_POLICY)),
    _trusts("trust-everybody", "a role that anybody may assume",
            {"Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}},
            {"Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}),
    _trusts("trust-oidc", "a role that every repository of an identity provider may assume",
            {**_OIDC, "Condition": {"StringEquals": {f"{_ISSUER}:sub": "repo:example/orders:ref:refs/heads/main",
                                                     f"{_ISSUER}:aud": "sts.amazonaws.com"}}},
            {**_OIDC, "Condition": {"StringEquals": {f"{_ISSUER}:aud": "sts.amazonaws.com"}}}),
    _trusts("trust-deputy", "a role that a service may use for any account",
            {**_FIS, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}, _FIS),
    Case(name="table-policy-public", fault="a table that everybody may read",
         sound=_guarded(_WRITER, _REPLICATION), faulty=(
             Part("Table", TABLE.cloudformation, {**TABLE.properties, "ResourcePolicy": {"PolicyDocument": _document(
                 {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": _ORDERS})}},
                 TABLE.pulumi, TABLE.inputs),
             Part("TablePolicy", "", {}, "aws:dynamodb/resourcePolicy:ResourcePolicy",
                  {"resourceArn": _ORDERS, "policy": _document(
                      {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": _ORDERS})},
                  tagged=False))),
    Case(name="table-policy-replication", fault="a table whose policy locks out replication",
         sound=_guarded(_WRITER, _REPLICATION), faulty=_guarded(_WRITER)),
    one("function-permission", "a function that any account's bucket may call", PERMISSION,
        {"SourceArn": None, "SourceAccount": None}, {"sourceArn": None, "sourceAccount": None}),
)  # fmt: skip
