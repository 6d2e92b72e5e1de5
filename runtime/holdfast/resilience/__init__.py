"""What keeps calls going when things break: it wraps the sender of one attempt.

From outside in: deadline, evacuation flags and routing, breaker, limit, retry with a quota, hedging, sender.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.resilience.core import Core
from holdfast.resilience.pipeline import AsyncPipeline, SyncPipeline
from holdfast.resilience.policy import (
    DEFAULT,
    BreakerPolicy,
    HedgePolicy,
    LimitPolicy,
    Policy,
    RetryPolicy,
    RoutingPolicy,
    TimeoutPolicy,
)
from holdfast.resilience.resolve import Resolution
from holdfast.resilience.scope import Scope, scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast._attempt import AsyncSender, Sender
    from holdfast.topology import Region, Topology


def build(
    sender: Sender, regions: Sequence[Region], topology: Topology | None = None, policy: Policy | None = None
) -> SyncPipeline:
    """The pipeline of a `Client`. `regions` is in the order in which they are preferred; one means no failover."""
    return SyncPipeline(sender, Core(regions, topology, policy or DEFAULT))


def build_async(
    sender: AsyncSender, regions: Sequence[Region], topology: Topology | None = None, policy: Policy | None = None
) -> AsyncPipeline:
    """The pipeline of an `AsyncClient`."""
    return AsyncPipeline(sender, Core(regions, topology, policy or DEFAULT))


__all__ = [
    "AsyncPipeline",
    "BreakerPolicy",
    "Core",
    "HedgePolicy",
    "LimitPolicy",
    "Policy",
    "Resolution",
    "RetryPolicy",
    "RoutingPolicy",
    "Scope",
    "SyncPipeline",
    "TimeoutPolicy",
    "build",
    "build_async",
    "scope",
]
