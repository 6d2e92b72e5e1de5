"""What the API of a region is made from, of either kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from components.base.place import Place
    from components.edge.definition import Authorizing
    from components.serverless.outputs import ServerlessOutputs
    from settings.edge import EdgeSettings


@dataclass(frozen=True, kw_only=True)
class ApiProps:
    """A regional API in front of the orders service."""

    edge: EdgeSettings
    openapi: Mapping[str, Any]
    """The service's document as it holds in this stack."""
    authorizing: Authorizing
    serverless: ServerlessOutputs
    timeout_seconds: int
    """After which the API answers in place of the service."""
    domain: str
    certificate_arn: pulumi.Output[str]
    logs_key_arn: pulumi.Output[str]
    place: Place
