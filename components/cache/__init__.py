"""DAX and Redis in front of one region's tables."""

from components.cache.layer import CacheLayer
from components.cache.outputs import CacheOutputs

__all__ = ["CacheLayer", "CacheOutputs"]
