"""Key policies: who may use the key of a purpose, and through which service.

The account's own identities need a statement in an identity policy as well; the service principals get what their
documentation asks for, on behalf of this account only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.documents import KEY_USE, Statement, allow, document, key_administration

if TYPE_CHECKING:
    from components.base.place import Place

_SERVICES = {
    "data": (
        "dynamodb",
        "dax",
        "elasticache",
        "secretsmanager",
        "s3",
        "ssm",
        "eks",
        "ec2",
        "ecr",
        "sns",
        "sqs",
        "lambda",
    ),
    "fields": (),
    "logs": ("logs", "cloudtrail", "s3", "firehose", "kinesis", "sns"),
    "backup": ("backup", "dynamodb", "s3"),
}
"""Services through which the identities of the account use the key of each purpose."""


def key_policy(purpose: str, place: Place) -> str:
    """The policy of one key in one region.

    Raises:
        KeyError: no key of that purpose exists.
    """
    if purpose == "fields":
        return document(key_administration(place), _clients(place))
    if purpose == "evidence":
        return document(key_administration(place), _signers(place))
    statements = [key_administration(place), _through_services(purpose, place), _grants(purpose, place)]
    if purpose == "logs":
        statements += [_log_groups(place), _trails(place), _config(place), _alarms(place)]
    return document(*statements)


def _through_services(purpose: str, place: Place) -> Statement:
    services = [f"{service}.{place.region}.amazonaws.com" for service in _SERVICES[purpose]]
    return allow(
        "UsedThroughServices",
        KEY_USE,
        ["*"],
        principal={"AWS": place.root_arn},
        condition={"StringEquals": {"kms:CallerAccount": place.account_id, "kms:ViaService": services}},
    )


def _grants(purpose: str, place: Place) -> Statement:
    services = [f"{service}.{place.region}.amazonaws.com" for service in _SERVICES[purpose]]
    return allow(
        "GrantsToServices",
        ["kms:CreateGrant"],
        ["*"],
        principal={"AWS": place.root_arn},
        condition={
            "StringEquals": {"kms:CallerAccount": place.account_id, "kms:ViaService": services},
            "Bool": {"kms:GrantIsForAWSResource": "true"},
        },
    )


def _clients(place: Place) -> Statement:
    """Field encryption happens in the client; the context binds a ciphertext to its table, and identities to both."""
    return allow(
        "UsedByClients",
        ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
        ["*"],
        principal={"AWS": place.root_arn},
        condition={
            "StringEquals": {"kms:CallerAccount": place.account_id},
            "Null": {"kms:EncryptionContext:table": "false"},
        },
    )


def _signers(place: Place) -> Statement:
    """Operators sign what a drill has measured, by their identity policy; everybody in the account may verify it."""
    return allow(
        "SignedByOperators",
        ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"],
        ["*"],
        principal={"AWS": place.root_arn},
        condition={"StringEquals": {"kms:CallerAccount": place.account_id}},
    )


def _log_groups(place: Place) -> Statement:
    """CloudWatch Logs encrypts as itself (CloudWatch Logs user guide, "Encrypt log data")."""
    return allow(
        "LogGroupsOfThisAccount",
        KEY_USE,
        ["*"],
        principal={"Service": f"logs.{place.region}.amazonaws.com"},
        condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": place.arn("logs", "log-group:*")}},
    )


def _config(place: Place) -> Statement:
    """AWS Config delivers as itself (AWS Config developer guide, "Permissions for the KMS key")."""
    return allow(
        "ConfigOfThisAccount",
        ["kms:Decrypt", "kms:GenerateDataKey"],
        ["*"],
        principal={"Service": "config.amazonaws.com"},
        condition={"StringEquals": {"aws:SourceAccount": place.account_id}},
    )


def _alarms(place: Place) -> Statement:
    """Services that tell an encrypted topic something (SNS developer guide, "Encrypted topics and event sources")."""
    return allow(
        "AlarmsOfThisAccount",
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        ["*"],
        principal={
            "Service": [
                "budgets.amazonaws.com",
                "cloudwatch.amazonaws.com",
                "costalerts.amazonaws.com",
                "events.amazonaws.com",
            ]
        },
        condition={"StringEquals": {"aws:SourceAccount": place.account_id}},
    )


def _trails(place: Place) -> Statement:
    """CloudTrail encrypts as itself (CloudTrail user guide, "Configure KMS key policies for CloudTrail")."""
    return allow(
        "TrailsOfThisAccount",
        ["kms:DescribeKey", "kms:GenerateDataKey*"],
        ["*"],
        principal={"Service": "cloudtrail.amazonaws.com"},
        condition={"StringEquals": {"aws:SourceAccount": place.account_id}},
    )
