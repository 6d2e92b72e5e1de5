"""IAM documents as text: one spelling, so that a preview shows a change only where there is one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.base.place import Place

Statement = dict[str, Any]
"""One statement of a policy document."""

POD_IDENTITY = "pods.eks.amazonaws.com"
"""The service that gives a pod its role (EKS user guide, "EKS Pod Identity")."""

KEY_ADMINISTRATION = (
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

KEY_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
"""What using a key takes (KMS developer guide, "Allows key users to use the KMS key")."""


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str] = (),
    *,
    principal: Mapping[str, Any] | str | None = None,
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """A statement that allows. A trust policy names no resources, an identity policy no principal."""
    return _statement("Allow", sid, actions, resources, principal=principal, condition=condition)


def deny(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str] = (),
    *,
    principal: Mapping[str, Any] | str | None = None,
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """A statement that denies."""
    return _statement("Deny", sid, actions, resources, principal=principal, condition=condition)


def document(*statements: Statement) -> str:
    """The text of a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def service_trust(place: Place, service: str, *, source_arn: str | None = None) -> str:
    """Trust policy of a role that one AWS service assumes, on behalf of this account only."""
    condition: dict[str, dict[str, str]] = {"StringEquals": {"aws:SourceAccount": place.account_id}}
    if source_arn is not None:
        condition["ArnLike"] = {"aws:SourceArn": source_arn}
    return document(
        allow("ServiceOfThisAccount", ["sts:AssumeRole"], principal={"Service": service}, condition=condition)
    )


def pod_trust(place: Place) -> str:
    """Trust policy of a workload's role: pods of this account's clusters in this region."""
    return document(
        allow(
            "PodsOfThisAccount",
            ["sts:AssumeRole", "sts:TagSession"],
            principal={"Service": POD_IDENTITY},
            condition={
                "StringEquals": {"aws:SourceAccount": place.account_id},
                "ArnLike": {"aws:SourceArn": place.arn("eks", "cluster/*")},
            },
        )
    )


def key_administration(place: Place) -> Statement:
    """In a key's policy: identities of this account that an identity policy allows it may administer the key."""
    return allow("AdministeredByThisAccount", KEY_ADMINISTRATION, ["*"], principal={"AWS": place.root_arn})


def _statement(
    effect: str,
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    principal: Mapping[str, Any] | str | None,
    condition: Mapping[str, Mapping[str, Any]] | None,
) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": effect}
    if principal is not None:
        statement["Principal"] = principal
    statement["Action"] = sorted(actions)
    if resources:
        statement["Resource"] = list(resources)
    if condition is not None:
        statement["Condition"] = condition
    return statement
