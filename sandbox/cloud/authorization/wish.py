"""What a request wants: an action on a resource, with the condition keys that policies may ask about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One action on one resource. A request may hold several (a batch, a transaction): all must be allowed."""

    action: str
    """Full name, `dynamodb:GetItem`."""
    resource: str
    """ARN, or `*`."""
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    policy: str | None = None
    """The resource's own policy, as JSON."""
