"""What the cache layer gives to the layers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class CacheOutputs:
    """Caches of one region; None where there is none."""

    dax_endpoint: pulumi.Output[str] | None = None
    """URL of the DAX cluster, `daxs://host`."""
    dax_cluster: str | None = None
    """Name of the DAX cluster, for alarms."""
    redis_endpoint: pulumi.Output[str] | None = None
    """URL of the Redis cluster, `rediss://host:port`."""
    redis_nodes: tuple[str, ...] = ()
    """Names of the Redis nodes, for alarms."""
    global_datastore: pulumi.Output[str] | None = None
    """Id of the global datastore that the other regions join; in the home region only."""
