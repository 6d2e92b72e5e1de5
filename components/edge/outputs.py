"""What the edge layer gives to the layers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class EdgeOutputs:
    """The API of one region."""

    kind: str
    api_name: str
    api_id: pulumi.Output[str]
    stage: str
    dns_name: pulumi.Output[str]
    """Regional name of the custom domain, which the names of the stack lead to."""
    zone_id: pulumi.Output[str]
    """Hosted zone of that name, which an alias record asks for."""
