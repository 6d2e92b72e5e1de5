"""What the serverless layer gives to the layers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

ALIAS = "live"
"""Name of the alias that requests go to; a release moves it between versions."""


@dataclass(frozen=True, kw_only=True)
class FunctionOutputs:
    """One function. Its name and ARNs are known before it exists."""

    name: str
    alias_arn: str
    invoke_arn: str
    """What API Gateway calls: the alias, as a path of Lambda's API."""
    ready: pulumi.Resource
    """The alias; what calls it comes after it."""


@dataclass(frozen=True, kw_only=True)
class ServerlessOutputs:
    """The functions of one region."""

    orders: FunctionOutputs
    authorizer: FunctionOutputs | None
    """Checks tokens for a REST API; None where the API does so itself."""
    switch: FunctionOutputs | None
    """Moves clients for a Region switch plan; None without one."""
    queue_name: str
    """Name of the queue of events that could not be handled."""
