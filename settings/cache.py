"""`holdfast:cache`: DAX and Redis in front of the tables of each region."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from awsfacts import dax
from settings._base import Frozen, nearest, refuse


def _dax_node(value: str) -> str:
    if value not in dax.NODE_TYPES:
        guess = nearest(value, sorted(dax.NODE_TYPES))
        refuse(f"{value!r} is not a node type of DAX that is confirmed", f"write {guess or 'dax.r5.large'!r}")
    return value


class DaxSettings(Frozen):
    """A DAX cluster in each region that has DAX; elsewhere clients read DynamoDB."""

    node_type: Annotated[str, AfterValidator(_dax_node)] = "dax.r5.large"
    """Node type (reference architecture: dax.r5.large)."""
    nodes: int = Field(3, ge=1, le=dax.MAXIMUM_NODES)
    """Nodes over three zones (reference architecture: three)."""
    ttl_seconds: int = Field(300, ge=1)
    """How long items and query results are served (reference architecture: 300 s)."""
    tables: tuple[str, ...] = ()
    """Logical names of the tables that it may read and write; empty is all."""


class RedisSettings(Frozen):
    """Redis in cluster mode, for aggregations and leaderboards."""

    node_type: str = Field("cache.r7g.large", pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$")
    """Node type."""
    engine_version: str = Field("7.1", pattern=r"^[67]\.\d$")
    """Version of Redis; IAM authentication needs 7.0."""
    shards: int = Field(3, ge=1, le=500)
    """Shards of the cluster."""
    replicas_per_shard: int = Field(2, ge=1, le=5)
    """Replicas of each shard (reference architecture: two)."""
    snapshot_retention_days: int = Field(7, ge=1, le=35)
    """How long daily snapshots are kept."""
    global_datastore: bool = False
    """Whether the other regions follow the home region's cluster (one writer; no automatic failover across regions)."""


class CacheSettings(Frozen):
    """Caches of every region; absent ones are not built."""

    dax: DaxSettings | None = None
    """DAX."""
    redis: RedisSettings | None = None
    """Redis."""
