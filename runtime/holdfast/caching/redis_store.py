"""Redis as a cache of items: what `steps` asks, as requests. Needs the extra `holdfast[redis]`."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

from holdfast.caching.entry import generation_key, value_key
from holdfast.caching.steps import Begin, CacheError, CacheStep, End, Fill, Look

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger("holdfast")
LOOK = """
local generation = redis.call('GET', KEYS[2])
if not generation then
  generation = ARGV[1]
  redis.call('SET', KEYS[2], generation, 'PX', ARGV[2])
end
return {redis.call('GET', KEYS[1]), generation}
"""
FILL = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local old = redis.call('GETRANGE', KEYS[1], 9, 18 + #ARGV[1])
if ARGV[4] ~= '' and string.sub(old, 11) == ARGV[1] and string.byte(old, 1) < 128
  and string.sub(old, 1, 8) > ARGV[4] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
BEGIN = "return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'GET') or ''"
END = """
local now = redis.call('GET', KEYS[1])
if now and now ~= ARGV[1] and (ARGV[4] == '0' or string.sub(now, 1, 2) == 'w:') then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
# END leaves the mark of another write under way: its own end will follow, or its mark run out.


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))


Request = tuple[str, list[str], list[Any]]


def requests_of(step: CacheStep) -> list[Request]:
    """The scripts that a step runs: name, keys, arguments. One per item, as items live on different shards."""
    match step:
        case Look(item, principal, fresh, seconds):
            return [("look", [value_key(item, principal), generation_key(item)], [fresh, _milliseconds(seconds)])]
        case Fill(item, principal, entry, seconds):
            version = entry.version.to_bytes(8, "big") if entry.version >= 0 else b""
            keys = [value_key(item, principal), generation_key(item)]
            return [("fill", keys, [entry.generation, entry.pack(), _milliseconds(seconds), version])]
        case Begin(items, generation, seconds):
            return [("begin", [generation_key(item)], [generation, _milliseconds(seconds)]) for item in items]
        case End(items, began, generation, seconds, wrote):
            end = [began, generation, _milliseconds(seconds), int(wrote)]
            return [("end", [generation_key(item)], end) for item in items]
        case _:
            raise TypeError(f"Redis does not do {type(step).__name__}")


SCRIPTS = {"look": LOOK, "fill": FILL, "begin": BEGIN, "end": END}


class RedisStore:
    """Steps through a `redis.Redis` or `redis.RedisCluster` client. Its timeouts are the client's own."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._scripts: dict[str, Callable[..., Any]] = {}

    def run(self, step: CacheStep) -> Any:
        """Carry out a step.

        Raises:
            CacheError: Redis did not answer, or not as it should.
        """
        result: Any = None
        try:
            for name, keys, arguments in requests_of(step):
                result = self._script(name)(keys=keys, args=arguments)
        except Exception as error:
            raise CacheError(str(error)) from error
        return result

    def _script(self, name: str) -> Callable[..., Any]:
        if name not in self._scripts:
            self._scripts[name] = self.client.register_script(SCRIPTS[name])
        return self._scripts[name]

    def close(self) -> None:
        """Close the client's connections."""
        self.client.close()


class AsyncRedisStore:
    """The same through a `redis.asyncio` client."""

    def __init__(self, client: Any, *, timeout_seconds: float = 0.1) -> None:
        self.client = client
        self._timeout_seconds = timeout_seconds
        self._scripts: dict[str, Callable[..., Any]] = {}
        self._connecting: asyncio.Task[Any] | None = None

    async def _connect(self) -> None:
        """Let the client learn its cluster, which goes on when a step gives up."""
        connecting = self._connecting
        if connecting is None or (connecting.done() and (connecting.cancelled() or connecting.exception() is not None)):
            self._connecting = connecting = asyncio.ensure_future(self.client.initialize())
        if not connecting.done():
            await asyncio.shield(connecting)

    def _failed(self) -> None:
        """Let the next step connect first: a cluster client that lost a node forgets its cluster.

        Where learning it anew takes longer than a step may, it would not in any.
        """
        if self._connecting is not None and self._connecting.done():
            self._connecting = None

    async def run(self, step: CacheStep) -> Any:
        """Carry out a step within the timeout. Raises `CacheError`."""
        result: Any = None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._connect()
                for name, keys, arguments in requests_of(step):
                    result = await self._script(name)(keys=keys, args=arguments)
        except asyncio.CancelledError:
            self._failed()
            raise
        except Exception as error:
            self._failed()
            raise CacheError(str(error)) from error
        return result

    def _script(self, name: str) -> Callable[..., Any]:
        if name not in self._scripts:
            self._scripts[name] = self.client.register_script(SCRIPTS[name])
        return self._scripts[name]

    async def close(self) -> None:
        """Close the client's connections."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self.client.aclose()
        # A cluster client that lost a node takes itself for closed, and leaves the others' connections.
        nodes = getattr(self.client, "nodes_manager", None)
        if nodes is not None:
            await nodes.aclose()
            await nodes.aclose("startup_nodes")


def _arguments(url: str, timeout_seconds: float) -> dict[str, Any]:
    return {
        "url": url,
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": max(timeout_seconds, 0.25),
        "protocol": 3,
        "decode_responses": False,
    }


def connect(url: str, *, cluster: bool = True, timeout_seconds: float = 0.1) -> RedisStore:
    """A store over an endpoint (`redis://…`, or `rediss://…` for TLS). Nothing is sent before the first step."""
    import redis  # noqa: PLC0415 - an extra, loaded by those who use it
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    # Without retries: a cluster client repeats a request over its nodes, each time to the end of the timeout.
    arguments = {**_arguments(url, timeout_seconds), "retry": Retry(NoBackoff(), 0)}
    if cluster:
        return RedisStore(_Lazy(lambda: _learning_beside(redis.RedisCluster.from_url(**arguments))))
    return RedisStore(_Lazy(lambda: redis.Redis.from_url(**arguments)))


def _learning_beside(client: Any) -> Any:
    """A cluster client that learns its cluster anew in a thread of its own after a failure.

    It would do so in the request that failed, asking one node after another: a second and more where they are silent.
    """
    manager = client.nodes_manager
    learn = manager.initialize
    learning = threading.Lock()

    def run(given: tuple[Any, ...], more: dict[str, Any]) -> None:
        try:
            learn(*given, **more)
        except Exception as error:  # noqa: BLE001 - the next failure tries again
            LOG.debug("the Redis cluster could not be learnt: %s", error)
        finally:
            learning.release()

    def initialize(*given: Any, **more: Any) -> None:
        if learning.acquire(blocking=False):
            threading.Thread(target=run, args=(given, more), name="holdfast-redis", daemon=True).start()

    manager.initialize = initialize
    return client


def connect_async(url: str, *, cluster: bool = True, timeout_seconds: float = 0.1) -> AsyncRedisStore:
    """The same for an event loop."""
    import redis.asyncio  # noqa: PLC0415 - an extra, loaded by those who use it

    kind: Any = redis.asyncio.RedisCluster if cluster else redis.asyncio.Redis
    return AsyncRedisStore(kind.from_url(**_arguments(url, timeout_seconds)), timeout_seconds=timeout_seconds)


class _Lazy:
    """A client that is made when it is first used: a cluster client asks its cluster as soon as it is made."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._client: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._client is None:
            self._client = self._make()
        return getattr(self._client, name)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
