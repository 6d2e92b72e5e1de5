"""Whom keys, tables, topics and functions let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from awsfacts.iam.arn import split
from awsfacts.iam.conditions import identifies
from awsfacts.iam.evaluate import Policies, Request, evaluate
from holdfast_policies import kinds
from holdfast_policies.documents import documents
from holdfast_policies.rule import Severity
from holdfast_policies.rules.least_privilege.subject import allowing, least_privilege, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsfacts.iam.document import Document
    from holdfast_policies.resource import Resource
    from holdfast_policies.rule import Settings

_KEYS: Final = (kinds.KEY, kinds.REPLICA_KEY, "aws:kms/keyPolicy:KeyPolicy")


def _public(resource: Resource) -> Iterator[str]:
    for where, statement in allowing(resource, "resource"):
        known = any(identifies(condition) for condition in statement.conditions)
        if (statement.any_principal and not known) or statement.not_principals:
            yield f"lets anybody in: {listed(statement.actions or statement.not_actions)} ({where})"


@least_privilege.rule(
    "kms-policy-no-public",
    *_KEYS,
    severity=Severity.CRITICAL,
    title="No key policy lets everybody in",
    why="A key that every account may use protects nothing.",
    fix="name the accounts and roles, or add a condition on kms:CallerAccount or aws:PrincipalOrgID",
    controls=("Security Hub KMS.5",),
)
def key_not_public(key: Resource, _settings: Settings) -> Iterator[str]:
    """Principal `*` without a condition that says who."""
    yield from _public(key)


@least_privilege.rule(
    "dynamodb-policy-no-public",
    kinds.TABLE_POLICY,
    severity=Severity.CRITICAL,
    title="No table's policy lets everybody in",
    why="A table that every account may read is published.",
    fix="name the roles that may use the table",
)
def table_not_public(policy: Resource, _settings: Settings) -> Iterator[str]:
    """Principal `*` without a condition that says who."""
    yield from _public(policy)


@least_privilege.rule(
    "sns-policy-no-public",
    kinds.TOPIC,
    kinds.TOPIC_POLICY,
    severity=Severity.CRITICAL,
    title="No topic's policy lets everybody in",
    why="Anybody could publish alarms, or subscribe to what the application says.",
    fix="name the accounts and services, or add a condition on aws:SourceAccount or aws:SourceArn",
    controls=("Security Hub SNS.4",),
)
def topic_not_public(topic: Resource, _settings: Settings) -> Iterator[str]:
    """Principal `*` without a condition that says who."""
    yield from _public(topic)


@least_privilege.rule(
    "dynamodb-policy-account-allowlist",
    kinds.TABLE_POLICY,
    severity=Severity.HIGH,
    title="A table's policy names roles of allowed accounts only",
    why="A resource policy opens the table to another account without that account's administrators knowing here.",
    fix="remove the principal, or add its account to the rule's setting allowed_accounts",
    settings={
        "allowed_accounts": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[0-9]{12}$"},
            "default": [],
            "description": "Account ids besides the table's own.",
        }
    },
)
def account_allowlist(policy: Resource, settings: Settings) -> Iterator[str]:
    """The table's own account is the one in the ARN that the policy is attached to."""
    table = split(policy.text("resourceArn"))
    allowed = {*settings["allowed_accounts"], table.account if table else ""}
    for where, statement in allowing(policy, "resource"):
        accounts = {_account(value) for kind, value in statement.principals if kind == "AWS" and value != "*"}
        strangers = accounts - allowed - {""}
        if strangers:
            yield f"lets account {listed(strangers)} in ({where})"


def _account(principal: str) -> str:
    arn = split(principal)
    return arn.account if arn else principal if principal.isdigit() else ""


_REPLICATION: Final = "replication.dynamodb.amazonaws.com"
_REPLICATION_NEEDS: Final = {
    "dynamodb": (
        "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query",
        "dynamodb:Scan", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream",
        "dynamodb:DescribeTable", "dynamodb:UpdateTable",
    ),
    "kms": (
        "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey",
    ),
}  # fmt: skip
"""What the service-linked role for replication does with tables and their keys (DynamoDB developer guide)."""


@least_privilege.rule(
    "dynamodb-policy-no-replication-deny",
    kinds.TABLE_POLICY,
    *_KEYS,
    severity=Severity.CRITICAL,
    title="No Deny hits the service role that replicates a global table",
    why="After 20 hours without it DynamoDB makes the replica a single-Region table, and that cannot be undone.",
    fix="exempt it: Condition {'ArnNotLike': {'aws:PrincipalArn': 'arn:aws:iam::*:role/aws-service-role/"
    "replication.dynamodb.amazonaws.com/*'}}",
)
def no_replication_deny(resource: Resource, _settings: Settings) -> Iterator[str]:
    """A request of that role is put to the policy, action by action."""
    service = "dynamodb" if resource.type == kinds.TABLE_POLICY else "kms"
    for placed in documents(resource, "resource"):
        denied = [
            action for action in _REPLICATION_NEEDS[service] if _denies(resource, placed.document, service, action)
        ]
        if denied:
            yield f"denies {listed(denied)} to the role that replicates global tables ({placed.path})"


def _denies(resource: Resource, document: Document, service: str, action: str) -> bool:
    account = _own_account(resource, document)
    organisations = [
        value
        for statement in document.denying
        for condition in statement.conditions
        if condition.key.lower() == "aws:principalorgid"
        for value in condition.values
    ]
    request = Request(
        principal=f"arn:aws:iam::{account}:role/aws-service-role/{_REPLICATION}/AWSServiceRoleForDynamoDBReplication",
        action=action,
        resource=_target(document, action) or f"arn:aws:{service}:us-east-1:{account}:*",
        context={
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "true",
            "aws:PrincipalOrgID": organisations[:1],  # the role is of the organisation that the table is of
        },
    )
    return evaluate(request, Policies(resource=document)).explicit_deny


def _own_account(resource: Resource, document: Document) -> str:
    """The account that the table or key is of, as far as its ARN or its policy says so."""
    target = split(resource.text("resourceArn")) if resource.has("resourceArn") else None
    named = [_account(value) for one in document.allowing for kind, value in one.principals if kind == "AWS"]
    return (target.account if target else "") or next((name for name in named if name), "111122223333")


def _target(document: Document, action: str) -> str:
    """A resource that the Deny speaks of: what the policy is attached to is not always known."""
    return next((one for s in document.denying if s.covers(action) for one in s.resources if one != "*"), "")


_CALLERS_WITH_SOURCE: Final = frozenset({"apigateway.amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com",
    "events.amazonaws.com", "logs.amazonaws.com", "cognito-idp.amazonaws.com", "iot.amazonaws.com",
    "secretsmanager.amazonaws.com", "config.amazonaws.com", "ses.amazonaws.com", "elasticloadbalancing.amazonaws.com",
    "scheduler.amazonaws.com", "lex.amazonaws.com", "lexv2.amazonaws.com"})  # fmt: skip


@least_privilege.rule(
    "lambda-permission-scoped",
    kinds.LAMBDA_PERMISSION,
    severity=Severity.HIGH,
    title="A function is invoked by a named source only",
    why="A permission for everybody, or for a service without its source, lets other accounts run the function.",
    fix="set source_arn (or source_account, principal_org_id) of the permission",
    controls=("Security Hub Lambda.1",),
)
def permission_scoped(permission: Resource, _settings: Settings) -> Iterator[str]:
    """Everybody without an organisation or account, and services that act for others without a source."""
    principal = permission.text("principal")
    sourced = any(permission.has(name) for name in ("sourceArn", "sourceAccount", "principalOrgId"))
    if principal == "*" and not sourced:
        yield "may be invoked by anybody"
    elif principal in _CALLERS_WITH_SOURCE and not sourced:
        yield f"may be invoked by {principal} for any account"
