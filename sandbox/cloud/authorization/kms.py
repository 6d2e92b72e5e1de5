"""KMS requests as wishes, with the encryption context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.cloud.authorization.wish import Wish

_ACTIONS = {
    "Encrypt": ("Encrypt",),
    "Decrypt": ("Decrypt",),
    "GenerateDataKey": ("GenerateDataKey",),
    "GenerateDataKeyWithoutPlaintext": ("GenerateDataKeyWithoutPlaintext",),
    "GenerateDataKeyPair": ("GenerateDataKeyPair",),
    "ReEncrypt": ("ReEncryptFrom", "ReEncryptTo"),
    "DescribeKey": ("DescribeKey",),
}
"""Operations that are judged; the administration of keys is let through."""


def judged(operation: str) -> bool:
    """Whether an operation uses a key."""
    return operation in _ACTIONS


def wishes(operation: str, params: Mapping[str, Any], key: Mapping[str, Any], region: str) -> list[Wish]:
    """What a request wants of a key (its `arn` and `policy`)."""
    encryption = params.get("EncryptionContext") or {}
    context: dict[str, str | list[str]] = {
        f"kms:EncryptionContext:{name}": str(value) for name, value in encryption.items()
    }
    if encryption:
        context["kms:EncryptionContextKeys"] = sorted(encryption)
    context["kms:CallerAccount"] = str(key["arn"]).split(":")[4]
    context["aws:RequestedRegion"] = region
    return [
        Wish(action=f"kms:{action}", resource=key["arn"], context=context, policy=key["policy"])
        for action in _ACTIONS[operation]
    ]
