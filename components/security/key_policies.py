"""Key policies: who may use the key of a purpose, and through which service.

The account's own identities need a statement in an identity policy as well; the service principals get what their
documentation asks for, on behalf of this account only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.documents import Statement, allow, document

if TYPE_CHECKING:
    from components.base.place import Place

ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateKey",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
)
"""What identities of the account that may administer keys can do; none of it reads data."""

USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
"""What using a key takes (KMS developer guide, "Allows key users to use the KMS key")."""

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
        return document(_administration(place), _clients(place))
    if purpose == "evidence":
        return document(_administration(place), _signers(place))
    statements = [_administration(place), _through_services(purpose, place), _grants(purpose, place)]
    if purpose == "logs":
        statements += [_log_groups(place), _trails(place), _config(place), _alarms(place)]
    return document(*statements)


def _administration(place: Place) -> Statement:
    return allow("AdministeredByThisAccount", ADMINISTRATION, ["*"], principal={"AWS": place.root_arn})


def _through_services(purpose: str, place: Place) -> Statement:
    services = [f"{service}.{place.region}.amazonaws.com" for service in _SERVICES[purpose]]
    return allow(
        "UsedThroughServices",
        USE,
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
        USE,
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
