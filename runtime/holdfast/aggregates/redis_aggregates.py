"""Counters, leaderboards and rate windows in Redis, rebuilt from the table after a loss.

The table is the truth; Redis holds what would be slow to add up. Each aggregate is marked as complete; where
the mark is missing (a new cluster, a lost shard) it is built again from a source that reads the table, by one
process at a time, while the others wait a little or read the source themselves.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BUILD_SECONDS = 30
"""How long one process may take to build; then another may."""
KEPT_SECONDS = 7 * 86_400
"""An aggregate that nobody asks for is forgotten after a week, and built when it is needed again."""
PART = 1_000
"""Members written to Redis at once."""

_ADD = """
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('INCRBY', KEYS[1], ARGV[1])
"""
_SCORE = """
if redis.call('EXISTS', KEYS[2]) == 0 then return nil end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return redis.call('ZINCRBY', KEYS[1], ARGV[1], ARGV[2])
"""
_WINDOW = """
local now = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local used = redis.call('ZCARD', KEYS[1])
if used + tonumber(ARGV[4]) > tonumber(ARGV[3]) then return {0, used} end
for i = 1, tonumber(ARGV[4]) do redis.call('ZADD', KEYS[1], now, ARGV[5] .. ':' .. i) end
redis.call('PEXPIRE', KEYS[1], math.ceil(window * 1000) + 1000)
return {1, used + tonumber(ARGV[4])}
"""


class Counter:
    """A number that many add to.

    Args:
        client: a `redis.Redis` or `redis.RedisCluster`.
        name: of the counter.
        source: adds it up from the table; called after a loss.
    """

    def __init__(self, client: Any, name: str, source: Callable[[], int]) -> None:
        self._client = client
        self._key = f"hf:counter:{{{name}}}"
        self._source = source
        self._add = client.register_script(_ADD)

    def add(self, amount: int = 1) -> int:
        """Tell of an addition that the table already has. Returns the value, which includes it."""
        value = self._add(keys=[self._key], args=[amount, KEPT_SECONDS])
        return self._rebuild() if value is None else int(value)

    def value(self) -> int:
        """What has been added up."""
        value = self._client.get(self._key)
        return self._rebuild() if value is None else int(value)

    def _rebuild(self) -> int:
        total = self._source()
        # Whoever comes first sets it; additions since the source was read are in the table and in both reads.
        if not self._client.set(self._key, total, ex=KEPT_SECONDS, nx=True):
            held = self._client.get(self._key)
            return total if held is None else int(held)
        return total


class Leaderboard:
    """Members by score, highest first.

    Args:
        client: a `redis.Redis` or `redis.RedisCluster`.
        name: of the board.
        source: members and scores from the table; called after a loss.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        source: Callable[[], Iterable[tuple[str, float]]],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._key = f"hf:board:{{{name}}}"
        self._mark = self._key + ":built"
        self._lock = self._key + ":building"
        self._source = source
        self._sleep = sleep
        self._score = client.register_script(_SCORE)

    def add(self, member: str, amount: float = 1.0) -> float:
        """Tell of points that the table already has. Returns the member's score."""
        score = self._score(keys=[self._key, self._mark], args=[amount, member, KEPT_SECONDS])
        if score is None:
            self._ensure()
            return self.score(member)
        return float(score)

    def score(self, member: str) -> float:
        """A member's score; 0 for one that has none."""
        self._ensure()
        return float(self._client.zscore(self._key, member) or 0.0)

    def top(self, count: int = 10) -> list[tuple[str, float]]:
        """The best members and their scores."""
        self._ensure()
        found = self._client.zrevrange(self._key, 0, count - 1, withscores=True)
        return [(_text(pair[0]), float(pair[1])) for pair in found]

    def rank(self, member: str) -> int | None:
        """A member's place, 1 for the best; None for one that has no score."""
        self._ensure()
        place = self._client.zrevrank(self._key, member)
        return None if place is None else int(place) + 1

    def _ensure(self) -> None:
        """Build the board if it is not complete."""
        for _ in range(BUILD_SECONDS * 20):
            if self._client.exists(self._mark):
                return
            if self._client.set(self._lock, "1", nx=True, ex=BUILD_SECONDS):
                try:
                    self._build()
                finally:
                    self._client.delete(self._lock)
                return
            self._sleep(0.05)
        self._build()

    def _build(self) -> None:
        fresh = f"{self._key}:{uuid.uuid4().hex}"
        part: dict[str, float] = {}
        written = False
        for member, score in self._source():
            part[member] = score
            if len(part) >= PART:
                self._client.zadd(fresh, part)
                written, part = True, {}
        if part:
            self._client.zadd(fresh, part)
            written = True
        if written:
            self._client.expire(fresh, KEPT_SECONDS)
            self._client.rename(fresh, self._key)
        self._client.set(self._mark, "1", ex=KEPT_SECONDS)


class RateWindow:
    """At most so many events in a sliding window, per subject.

    Args:
        client: a `redis.Redis` or `redis.RedisCluster`.
        name: of the limit.
        limit: events allowed in a window.
        seconds: length of the window.
        source: times (seconds since 1970) of a subject's events, from the table; called when Redis knows nothing
            of the subject. None where the events are not in the table: a loss then forgets them.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        *,
        limit: int,
        seconds: float,
        source: Callable[[str], Iterable[float]] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._name = name
        self.limit = limit
        self.seconds = seconds
        self._source = source
        self._wall = wall
        self._window = client.register_script(_WINDOW)

    def _key(self, subject: str) -> str:
        return f"hf:rate:{{{self._name}:{subject}}}"

    def allow(self, subject: str, events: int = 1) -> bool:
        """Count events of a subject if they are within the limit. False: they are not, and were not counted."""
        key = self._key(subject)
        if self._source is not None and not self._client.exists(key):
            self._restore(subject, key)
        allowed, _ = self._window(keys=[key], args=[self._wall(), self.seconds, self.limit, events, uuid.uuid4().hex])
        return bool(allowed)

    def used(self, subject: str) -> int:
        """Events of the subject in the window that ends now."""
        key = self._key(subject)
        if self._source is not None and not self._client.exists(key):
            self._restore(subject, key)
        return int(self._client.zcount(key, self._wall() - self.seconds, "+inf"))

    def _restore(self, subject: str, key: str) -> None:
        since = self._wall() - self.seconds
        times = [moment for moment in (self._source(subject) if self._source else ()) if moment > since]
        if times:
            self._client.zadd(key, {f"restored:{place}:{moment}": moment for place, moment in enumerate(times)})
            self._client.expire(key, int(self.seconds) + 1)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
