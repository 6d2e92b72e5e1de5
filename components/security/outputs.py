"""What the security layer gives to the layers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi


@dataclass(frozen=True, kw_only=True)
class KeyOutputs:
    """ARNs of one region's keys by purpose."""

    data: pulumi.Output[str]
    fields: pulumi.Output[str]
    logs: pulumi.Output[str]
    backup: pulumi.Output[str]
    evidence: pulumi.Output[str] | None = None
    """Signs the evidence of drills; None without drills."""

    def by_purpose(self) -> dict[str, pulumi.Output[str]]:
        """Purpose → ARN, of the keys that there are."""
        return {purpose: arn for purpose, arn in vars(self).items() if arn is not None}


@dataclass(frozen=True, kw_only=True)
class SecurityOutputs:
    """Keys and identities of one region."""

    keys: KeyOutputs
    app_role_arn: str
    app_role_name: pulumi.Output[str]
    """Known once the role exists; policies of later layers are attached to it."""
    aliases: Mapping[str, str]
    """Alias of the key of each purpose, with `alias/`."""
