"""What keeps calls going when things break: it wraps the sender of one attempt.

From outside in: deadline, evacuation flags and routing, breaker, limit, retry with a quota, hedging, sender.
Names are loaded when they are first used: a sync client does not load the asynchronous half.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from holdfast.resilience.scope import Scope, scope  # at once: the module of the same name would take its place

if TYPE_CHECKING:
    from holdfast.resilience.assembly import AsyncPipelineLike, Pipeline, build, build_async
    from holdfast.resilience.core import Core
    from holdfast.resilience.pipeline import SyncPipeline
    from holdfast.resilience.pipeline_async import AsyncPipeline
    from holdfast.resilience.policy import (
        BreakerPolicy,
        HedgePolicy,
        LimitPolicy,
        Policy,
        RetryPolicy,
        RoutingPolicy,
        TimeoutPolicy,
    )
    from holdfast.resilience.resolve import Resolution
    from holdfast.resilience.session import Session

_HOMES = {
    "AsyncPipeline": "pipeline_async",
    "AsyncPipelineLike": "assembly",
    "BreakerPolicy": "policy",
    "Core": "core",
    "HedgePolicy": "policy",
    "LimitPolicy": "policy",
    "Pipeline": "assembly",
    "Policy": "policy",
    "Resolution": "resolve",
    "RetryPolicy": "policy",
    "RoutingPolicy": "policy",
    "Session": "session",
    "SyncPipeline": "pipeline",
    "TimeoutPolicy": "policy",
    "build": "assembly",
    "build_async": "assembly",
}

__all__ = [
    "AsyncPipeline",
    "AsyncPipelineLike",
    "BreakerPolicy",
    "Core",
    "HedgePolicy",
    "LimitPolicy",
    "Pipeline",
    "Policy",
    "Resolution",
    "RetryPolicy",
    "RoutingPolicy",
    "Scope",
    "Session",
    "SyncPipeline",
    "TimeoutPolicy",
    "build",
    "build_async",
    "scope",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'holdfast.resilience' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"holdfast.resilience.{home}"), name)
    return value
