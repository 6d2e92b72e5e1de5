"""How reads are cached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class CachePolicy:
    """What is kept for how long, and how long a cache may keep a caller waiting."""

    ttl_seconds: float = 300.0
    """How long a value is fresh (the reference production architecture's figure for DAX and Redis alike)."""
    jitter: float = 0.1
    """The part of it by which expiries are spread, so that values read together do not expire together."""
    negative_seconds: float = 30.0
    """How long "there is no such item" is fresh."""
    stale_seconds: float = 600.0
    """How much longer a value is kept for the case that no region answers. 0: never serve a stale one."""
    timeout_seconds: float = 0.1
    """For one request to Redis. It lies on the path of every read: slower than this, the table itself is better."""
    dirty_seconds: float = 15.0
    """How long readers go past the cache after a write began whose end was never heard of: longer than any call."""
    dax_timeout_seconds: float = 1.0
    """For one read through DAX, within the deadline of the call (the client's own default is 60 s)."""
    dax_ttl_seconds: float = 300.0
    """The record TTL of the DAX cluster: for that long after a write its cached item may be the old one."""
    dax_alone: bool = False
    """Read through DAX though Redis, which knows what was written lately, does not answer."""
    version_attribute: str | None = None
    """A number that every write raises. With it an older value never takes the place of a newer one."""
    failure_threshold: int = 5
    reset_seconds: float = 5.0
    """A cache that failed that often in a row is left alone for so long: its outage then costs nothing at all."""
