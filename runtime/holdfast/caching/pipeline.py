"""The pipelines of clients that have caches: layered reads, writes that end what is cached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.caching.dax import AsyncDaxReader, DaxReader
from holdfast.caching.redis_store import connect, connect_async
from holdfast.caching.steps import Layers, Pass, ReadDax
from holdfast.resilience.scope import CURRENT

if TYPE_CHECKING:
    from holdfast._attempt import Call, Reply
    from holdfast.caching.policy import CachePolicy
    from holdfast.resilience.core import Core
    from holdfast.topology import Region


def layers_of(core: Core, policy: CachePolicy, *, redis: bool, dax: bool, **options: Any) -> Layers:
    """The layers over a client's core."""
    return Layers(
        policy, core.tables, redis=redis, dax=dax, clock=core.clock, wall=core.wall, random=core.random, **options
    )


class _Cached:
    """What both pipelines hold. The steps ask only the caches that the layers were told of."""

    def __init__(self, inner: Any, layers: Layers, *, store: Any = None, dax: Any = None) -> None:
        self.inner = inner
        self.core: Core = inner.core
        self.core.caches = layers.counts
        self.layers = layers
        self._store = store
        self._dax = dax

    def _limit(self, call: Call) -> None:
        """Begin the client's own limit now: what the caches take is part of a call's time."""
        if call.deadline is None:
            call.deadline = self.core.clock() + self.core.policy.timeout.call_seconds


class CachedPipeline(_Cached):
    """A `SyncPipeline` with caches before it: a `RedisStore` and a `DaxReader`, where there are any."""

    def send(self, call: Call) -> Reply:
        """Answer from a cache, or send. Raises any error of `holdfast.errors`; never one of a cache."""
        scope = call.context if call.context is not None else CURRENT.get()
        steps = self.layers.steps(call, scope)
        if steps is None:
            passed: Reply = self.inner.send(call)
            return passed
        self._limit(call)
        answer: Any = None
        error: BaseException | None = None
        while True:
            try:
                step = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            answer = error = None
            try:
                if isinstance(step, Pass):
                    answer = self.inner.send(step.call)
                elif isinstance(step, ReadDax):
                    answer = self._dax.read(step.call)
                else:
                    answer = self._store.run(step)
            except BaseException as raised:  # noqa: BLE001 - goes into the steps, which raise it again or go on
                error = raised

    def close(self) -> None:
        """Close the caches and what is beneath."""
        for part in (self._store, self._dax):
            if part is not None:
                part.close()
        self.inner.close()


class AsyncCachedPipeline(_Cached):
    """An `AsyncPipeline` with caches before it: an `AsyncRedisStore` and an `AsyncDaxReader`, where there are any."""

    async def send(self, call: Call) -> Reply:
        """Answer from a cache, or send. Raises any error of `holdfast.errors`; never one of a cache."""
        scope = call.context if call.context is not None else CURRENT.get()
        steps = self.layers.steps(call, scope)
        if steps is None:
            passed: Reply = await self.inner.send(call)
            return passed
        self._limit(call)
        answer: Any = None
        error: BaseException | None = None
        while True:
            try:
                step = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            answer = error = None
            try:
                if isinstance(step, Pass):
                    answer = await self.inner.send(step.call)
                elif isinstance(step, ReadDax):
                    answer = await self._dax.read(step.call)
                else:
                    answer = await self._store.run(step)
            except BaseException as raised:  # noqa: BLE001 - goes into the steps, which raise it again or go on
                error = raised

    async def close(self) -> None:
        """Close the caches and what is beneath."""
        for part in (self._store, self._dax):
            if part is not None:
                await part.close()
        await self.inner.close()


def cached(inner: Any, region: Region, policy: CachePolicy) -> Any:
    """The pipeline with the caches that the topology names for the client's own region, if it names any."""
    return _over(inner, region, policy, (CachedPipeline, connect, DaxReader))


def cached_async(inner: Any, region: Region, policy: CachePolicy) -> Any:
    """The same for an event loop."""
    return _over(inner, region, policy, (AsyncCachedPipeline, connect_async, AsyncDaxReader))


def _over(inner: Any, region: Region, policy: CachePolicy, kinds: tuple[Any, Any, Any]) -> Any:
    pipeline, connecting, reading = kinds
    redis, dax = region.redis_endpoint, region.dax_endpoint
    if not redis and not dax:
        return inner
    layers = layers_of(inner.core, policy, redis=bool(redis), dax=bool(dax))
    store = connecting(_url(redis), timeout_seconds=policy.timeout_seconds) if redis else None
    reader = reading(dax, region.name, timeout_seconds=policy.dax_timeout_seconds) if dax else None
    return pipeline(inner, layers, store=store, dax=reader)


def _url(endpoint: str) -> str:
    """An endpoint as a URL; without a scheme it is ElastiCache's host and port, which speaks TLS."""
    return endpoint if "://" in endpoint else f"rediss://{endpoint}"
