"""Layered reads: Redis, then DAX, then the table. A cache outage costs latency, never errors."""

from holdfast.caching.pipeline import AsyncCachedPipeline, CachedPipeline, cached, cached_async, layers_of
from holdfast.caching.policy import CachePolicy
from holdfast.caching.steps import CacheCounts, CacheError, Layers

__all__ = [
    "AsyncCachedPipeline",
    "CacheCounts",
    "CacheError",
    "CachePolicy",
    "CachedPipeline",
    "Layers",
    "cached",
    "cached_async",
    "layers_of",
]
