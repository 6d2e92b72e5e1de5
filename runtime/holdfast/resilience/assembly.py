"""A client's pipeline, put together from the parts that its policy asks for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from holdfast.resilience.core import Core
from holdfast.resilience.policy import DEFAULT, Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast._attempt import AsyncSender, Call, Reply, Sender
    from holdfast.topology import Region, Topology


def build(
    sender: Sender, regions: Sequence[Region], topology: Topology | None = None, policy: Policy | None = None
) -> Pipeline:
    """The pipeline of a `Client`. `regions` is in the order in which they are preferred; one means no failover.

    From outside in: observers, sealing, caches, coalescing, resilience, sender.
    """
    policy = policy or DEFAULT
    from holdfast.resilience.pipeline import SyncPipeline  # noqa: PLC0415 - one of two

    # A sender in memory brings its own time and chance.
    core = Core(regions, topology, policy, **getattr(sender, "core_options", {}))
    pipeline: Any = SyncPipeline(sender, core, sleep=getattr(sender, "sleep", time.sleep))
    if policy.coalesce:
        from holdfast.resilience.coalesce import SyncCoalescer  # noqa: PLC0415 - loaded by those who use it

        pipeline = SyncCoalescer(pipeline)
    if policy.cache is not None:
        from holdfast.caching import cached  # noqa: PLC0415 - loaded by those who use it

        pipeline = cached(pipeline, regions[0], policy.cache)
    if policy.sealing is not None:
        from holdfast.sealing import SealedPipeline  # noqa: PLC0415 - loaded by those who use it

        pipeline = SealedPipeline(pipeline, policy.sealing)
    if policy.observers:
        from holdfast.telemetry import ObservedPipeline  # noqa: PLC0415 - loaded by those who use it

        pipeline = ObservedPipeline(pipeline, policy.observers)
    return pipeline  # type: ignore[no-any-return]


def build_async(
    sender: AsyncSender, regions: Sequence[Region], topology: Topology | None = None, policy: Policy | None = None
) -> AsyncPipelineLike:
    """The pipeline of an `AsyncClient`."""
    policy = policy or DEFAULT
    import asyncio  # noqa: PLC0415 - as below

    from holdfast.resilience.pipeline_async import AsyncPipeline  # noqa: PLC0415 - one of two; it loads asyncio

    core = Core(regions, topology, policy, **getattr(sender, "core_options", {}))
    pipeline: Any = AsyncPipeline(sender, core, sleep=getattr(sender, "sleep", asyncio.sleep))
    if policy.coalesce:
        from holdfast.resilience.coalesce_async import AsyncCoalescer  # noqa: PLC0415 - loaded by those who use it

        pipeline = AsyncCoalescer(pipeline)
    if policy.cache is not None:
        from holdfast.caching import cached_async  # noqa: PLC0415 - loaded by those who use it

        pipeline = cached_async(pipeline, regions[0], policy.cache)
    if policy.sealing is not None:
        from holdfast.sealing import AsyncSealedPipeline  # noqa: PLC0415 - loaded by those who use it

        pipeline = AsyncSealedPipeline(pipeline, policy.sealing)
    if policy.observers:
        from holdfast.telemetry import AsyncObservedPipeline  # noqa: PLC0415 - loaded by those who use it

        pipeline = AsyncObservedPipeline(pipeline, policy.observers)
    return pipeline  # type: ignore[no-any-return]


class Pipeline(Protocol):
    """A sync pipeline, however many parts it has."""

    core: Core

    def send(self, call: Call) -> Reply:
        """Raises any error of `holdfast.errors`."""
        ...

    def close(self) -> None:
        """Close everything beneath."""
        ...


class AsyncPipelineLike(Protocol):
    """An async pipeline, however many parts it has."""

    core: Core

    async def send(self, call: Call) -> Reply:
        """Raises any error of `holdfast.errors`."""
        ...

    async def close(self) -> None:
        """Close everything beneath."""
        ...
